//! Calls as often as it goes, and how long they took.

use std::time::{Duration, Instant};

use shared::background::Background;
use tokio::task::JoinSet;

use crate::demo::Failed;

/// What of the span comes before the measurement.
const WARM_UP: Duration = Duration::from_millis(700);

/// How long calls took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figures {
    /// Calls in a second, of all clients.
    pub(super) per_second: f64,
    /// Half of the calls took no longer, in milliseconds.
    pub(super) p50_ms: f64,
    /// Of a hundred calls 95 took no longer.
    pub(super) p95_ms: f64,
    /// Of a hundred calls 99 took no longer.
    pub(super) p99_ms: f64,
}

/// Lets so many clients make calls one after the other, for so long. After each they wait, outside the measured time, for what the
/// service does behind an answer, where that is its work and not theirs.
pub(super) async fn measure<F, C>(
    clients: usize,
    span: Duration,
    behind: Option<Background>,
    call: F,
) -> Result<Figures, Failed>
where
    F: Fn() -> C + Clone + Send + 'static,
    C: Future<Output = Result<(), Failed>> + Send,
{
    let begins = Instant::now() + WARM_UP;
    let ends = begins + span;
    let mut working = JoinSet::new();
    for _ in 0..clients {
        let (call, behind) = (call.clone(), behind.clone());
        working.spawn(async move {
            let mut took = Vec::new();
            // Each client is waited for until one call of its own has counted, however slow the machine is.
            while Instant::now() < ends || took.is_empty() {
                let began = Instant::now();
                call().await?;
                if began >= begins {
                    took.push(began.elapsed());
                }
                if let Some(behind) = &behind {
                    behind.settled().await;
                }
            }
            Ok::<_, Failed>(took)
        });
    }
    let mut took = Vec::new();
    while let Some(client) = working.join_next().await {
        took.extend(client??);
    }
    Figures::of(took, begins.elapsed()).ok_or_else(|| "no call came to its end".into())
}

impl Figures {
    pub(super) fn of(mut took: Vec<Duration>, span: Duration) -> Option<Self> {
        took.sort_unstable();
        let at = |hundredths: usize| took.get((took.len() * hundredths).div_ceil(100).saturating_sub(1));
        let ms = |hundredths| at(hundredths).map(|took| took.as_secs_f64() * 1_000.0);
        #[expect(clippy::cast_precision_loss, reason = "no machine makes so many calls")]
        let per_second = took.len() as f64 / span.as_secs_f64();
        Some(Self { per_second, p50_ms: ms(50)?, p95_ms: ms(95)?, p99_ms: ms(99)? })
    }
}

/// What this process holds in memory: the service, the emulators and the clients, in kibibytes.
pub(super) fn resident_kib() -> Result<u64, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.split_whitespace().next().ok_or("no number")?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_calls_the_95th_is_the_95th() {
        let took = (1..=100).rev().map(Duration::from_millis).collect();
        let figures = Figures::of(took, Duration::from_secs(2)).unwrap();
        assert_eq!(figures, Figures { per_second: 50.0, p50_ms: 50.0, p95_ms: 95.0, p99_ms: 99.0 });
        assert!(Figures::of(Vec::new(), Duration::from_secs(1)).is_none());
    }
}
