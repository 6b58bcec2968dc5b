//! Numbers as they are told: averages over searches, not over days, and shares from 0 to 1.

/// To the hundredth; 0 of nothing.
pub fn mean(sum: u64, count: u64) -> f64 {
    (100.0 * real(sum) / real(count.max(1))).round() / 100.0
}

/// A part of a whole, from 0 to 1, to four decimals; 0 of nothing.
pub fn share(part: u64, whole: u64) -> f64 {
    (10_000.0 * real(part) / real(whole.max(1))).round() / 10_000.0
}

/// By how many per cent `now` is more than `before`, to the hundredth; nothing where there was nothing before.
pub fn growth(now: u64, before: u64) -> Option<f64> {
    (before > 0).then(|| (10_000.0 * (real(now) - real(before)) / real(before)).round() / 100.0)
}

/// To the hundredth.
pub fn hundredths(number: f64) -> f64 {
    (100.0 * number).round() / 100.0
}

/// A count as a real number.
#[expect(clippy::cast_precision_loss, reason = "counts and sums of milliseconds are far below 2^53")]
pub fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_an_average_of_nothing_and_no_growth() {
        assert_eq!((mean(0, 0), share(0, 0), growth(3, 0)), (0.0, 0.0, None));
        assert_eq!((mean(10, 3), share(1, 3), growth(3, 4)), (3.33, 0.3333, Some(-25.0)));
    }
}
