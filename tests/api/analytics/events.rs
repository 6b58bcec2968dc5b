//! Searches of the past, put there as the service itself puts them.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use shared::analytics::{Outcome, SearchEvent, SearchMode, Times};
use shared::clock::Timestamp;
use shared::id::{SearchId, UserId};
use tests::TestApi;

/// A good search that found one row in 10 ms.
pub fn event(owner: UserId, at: Timestamp, query: &str) -> SearchEvent {
    SearchEvent {
        id: SearchId::at(at),
        owner,
        key: None,
        query: Some(query.to_owned()),
        mode: SearchMode::Natural,
        databases: Vec::new(),
        failed: Vec::new(),
        matches: 1,
        returned: 1,
        duration_ms: 10,
        times: Times::default(),
        outcome: Outcome::Complete,
        cached: false,
        at,
        results: Vec::new(),
        passed: 0,
        clicks: Vec::new(),
        rating: None,
        kept_until: at.plus(Duration::from_hours(90 * 24)),
    }
}

/// Records searches, and waits until the stream has brought them into the figures.
pub async fn record(api: &TestApi, events: &[SearchEvent]) {
    let analytics = &api.service.app.analytics;
    stream::iter(events).for_each_concurrent(16, |event| analytics.record(event)).await;
    api.service.stream.settle().await.expect("figures");
}

/// The same instant so many days and minutes before.
pub fn before(now: Timestamp, days: i64, minutes: i64) -> Timestamp {
    Timestamp::from_epoch_ms(now.epoch_ms() - (days * 24 * 60 + minutes) * 60_000)
}
