//! Where the time of a search goes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use shared::analytics::Times;
use shared::id::DatabaseId;

use crate::ask::Asked;

/// What comes of this, and how many milliseconds it takes.
pub async fn timed<T>(work: impl Future<Output = T>) -> (T, u64) {
    let began = Instant::now();
    let done = work.await;
    (done, milliseconds(began.elapsed()))
}

/// All of it. The databases were asked at once.
pub fn times(asked: &[&Asked], order_ms: u64, fetch_ms: u64) -> Times {
    let databases: BTreeMap<DatabaseId, u64> = asked.iter().map(|asked| (asked.id, milliseconds(asked.took))).collect();
    Times { ask_ms: databases.values().copied().max().unwrap_or(0), order_ms, fetch_ms, databases }
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
