//! What this process holds in memory, over time.

use std::time::Duration;

use super::Failed;
use crate::bench::measure::resident_kib;

/// Between two looks.
const INTERVAL: Duration = Duration::from_secs(5);

/// What was seen: MiB at so many minutes.
pub(super) type Samples = Vec<(f64, f64)>;

/// Looks again and again for so long.
pub(super) async fn watch(span: Duration) -> Result<Samples, Failed> {
    let began = tokio::time::Instant::now();
    let mut samples = Vec::new();
    while began.elapsed() < span {
        #[expect(clippy::cast_precision_loss, reason = "no machine has so much memory")]
        let mib = resident_kib()? as f64 / 1_024.0;
        samples.push((began.elapsed().as_secs_f64() / 60.0, mib));
        tokio::time::sleep(INTERVAL).await;
    }
    Ok(samples)
}

/// How much it grows in a minute, in the second half: what is made once and kept is made in the first. Least squares.
pub(super) fn growth(samples: &[(f64, f64)]) -> f64 {
    let late = samples.get(samples.len() / 2..).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a sample every few seconds")]
    let count = late.len().max(1) as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| late.iter().map(of).sum::<f64>() / count;
    let (at, held) = (mean(|sample| sample.0), mean(|sample| sample.1));
    let both: f64 = late.iter().map(|(minute, mib)| (minute - at) * (mib - held)).sum();
    let spread: f64 = late.iter().map(|(minute, _)| (minute - at).powi(2)).sum();
    if spread > 0.0 { both / spread } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_that_of_the_second_half() {
        let grows: Samples = [(0.0, 0.0), (1.0, 90.0), (2.0, 100.0), (3.0, 103.0), (4.0, 106.0), (5.0, 109.0)].into();
        assert!((growth(&grows) - 3.0).abs() < 1e-9);
        assert!(growth(&[(0.0, 5.0), (1.0, 5.0), (2.0, 5.0)]).abs() < 1e-9 && growth(&[]).abs() < 1e-9);
    }
}
