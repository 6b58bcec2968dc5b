//! Searches of the past, put there as the service itself puts them.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use shared::analytics::{Batch, EventKey, Outcome, SearchEvent, SearchMode, Times};
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

/// Records searches and adds them to the figures. Where a function does that too, it does it alone: the two would wait for
/// each other.
pub async fn record(api: &TestApi, events: &[SearchEvent]) {
    let analytics = &api.analytics();
    stream::iter(events).for_each_concurrent(16, |event| analytics.record(event)).await;
    if api.rolls_up_by_itself() {
        let owners: BTreeSet<UserId> = events.iter().map(|event| event.owner).collect();
        return stream::iter(owners).for_each(|owner| api.settle(owner)).await;
    }
    let batches = Batch::all(events.iter().map(|event| EventKey { owner: event.owner, at: event.at, id: event.id }));
    // One after the other, as the function does it: batches of one month write the same figures.
    for batch in &batches {
        analytics.roll_up(batch).await.expect("figures");
    }
}

/// The same instant so many days and minutes before.
pub fn before(now: Timestamp, days: i64, minutes: i64) -> Timestamp {
    Timestamp::from_epoch_ms(now.epoch_ms() - (days * 24 * 60 + minutes) * 60_000)
}
