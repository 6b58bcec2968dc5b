//! Whether a query is asked more, or less, than before, or only seems so.

use crate::figures::real;

/// A query has to be asked so often in both periods together before anything is said of it.
const SEARCHES_MIN: u64 = 10;

/// And all queries of the period before, so that there is something to compare with.
const BEFORE_MIN: u64 = 20;

/// Deviations beyond which a change is told: of a hundred queries that have not changed, one seems to.
const DEVIATIONS_MIN: f64 = 2.576;

/// How often something happened now and before, and among how many.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// How often this query was asked.
    pub now: u64,
    /// How often in the period before.
    pub before: u64,
    /// All searches.
    pub all_now: u64,
    /// All searches of the period before.
    pub all_before: u64,
}

/// A change that is more than chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// Asked more, with this confidence.
    Rising(f64),
    /// Asked less.
    Falling(f64),
}

impl Counts {
    /// Compares the query's share of all searches. If it has not changed, each of its searches lies in the present period
    /// with the probability that any search does: a binomial distribution, compared by its normal approximation with a
    /// correction for continuity. The number itself has to have moved the same way, too.
    pub fn change(self) -> Option<Change> {
        let both = self.now + self.before;
        if both < SEARCHES_MIN || self.all_before < BEFORE_MIN || self.all_now == 0 {
            return None;
        }
        let share = real(self.all_now) / real(self.all_now + self.all_before);
        let off = real(self.now) - real(both) * share;
        let deviation = (real(both) * share * (1.0 - share)).sqrt();
        let deviations = (off.abs() - 0.5).max(0.0) / deviation;
        if deviations < DEVIATIONS_MIN {
            return None;
        }
        let confidence = certainty(deviations);
        let rises = off > 0.0 && self.now > self.before;
        let falls = off < 0.0 && self.now < self.before;
        rises.then_some(Change::Rising(confidence)).or_else(|| falls.then_some(Change::Falling(confidence)))
    }
}

/// How improbable it is that chance alone is so many deviations off, on either side, from 0 to 1 (Abramowitz and Stegun,
/// 7.1.26: off by less than 1.5e-7).
pub fn certainty(deviations: f64) -> f64 {
    const COEFFICIENTS: [f64; 5] = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let x = deviations / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let polynomial = COEFFICIENTS.iter().fold(0.0, |sum, coefficient| (sum + coefficient) * t);
    1.0 - polynomial * (-x * x).exp()
}

/// The least share that is believable of something that happened `times` of `all`, 99 times of 100 (the lower end of
/// Wilson's interval).
pub fn share_at_least(times: u64, all: u64) -> f64 {
    if all == 0 {
        return 0.0;
    }
    let (z, n, p) = (DEVIATIONS_MIN, real(all), real(times) / real(all));
    let centre = p + z * z / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    ((centre - spread) / (1.0 + z * z / n)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(now: u64, before: u64, all_now: u64, all_before: u64) -> Option<Change> {
        Counts { now, before, all_now, all_before }.change()
    }

    #[test]
    fn certainty_is_that_of_the_tables() {
        for (deviations, expected) in [(0.0, 0.0), (1.0, 0.682_69), (1.96, 0.95), (2.576, 0.99), (6.0, 1.0)] {
            assert!((certainty(deviations) - expected).abs() < 1e-4, "{deviations}");
        }
    }

    #[test]
    fn a_change_is_told_where_it_is_more_than_chance() {
        assert!(matches!(change(40, 10, 1_000, 1_000), Some(Change::Rising(c)) if c > 0.99));
        assert!(matches!(change(5, 40, 1_000, 1_000), Some(Change::Falling(c)) if c > 0.99));
        assert!(matches!(change(12, 0, 500, 500), Some(Change::Rising(_))), "a new query");
        for (now, before, all_now, all_before, why) in [
            (9, 0, 100, 100, "too few to tell"),
            (30, 28, 1_000, 1_000, "hardly a change"),
            (80, 40, 2_000, 1_000, "everything is asked twice as much"),
            (30, 30, 500, 5_000, "its share has risen, but it is not asked more"),
            (40, 0, 500, 0, "there is nothing to compare with"),
        ] {
            assert_eq!(change(now, before, all_now, all_before), None, "{why}");
        }
    }

    #[test]
    fn few_failures_of_few_are_not_believed_to_be_many() {
        assert!(share_at_least(1, 2) < 0.1);
        assert!(share_at_least(50, 100) > 0.37);
        assert!(share_at_least(0, 0) < f64::EPSILON);
    }
}
