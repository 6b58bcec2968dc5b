//! What is counted of searches, behind their answers.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what panics here is a failed test")]

mod counting;
mod feedback;
mod rebuild;
mod recording;

use shared::analytics::{Rollup, SearchEvent};
use shared::clock::{DateRange, Timestamp};
use shared::id::UserId;
use tests::{TestApi, TestUser};

use crate::analytics;

/// A search that somebody might have made.
fn event(owner: UserId, at: Timestamp, query: &str) -> SearchEvent {
    SearchEvent { matches: 3, returned: 3, duration_ms: 7, ..analytics::events::event(owner, at, query) }
}

/// The days up to now of an account.
fn until_now(api: &TestApi, days: i32) -> DateRange {
    DateRange::ending(api.now().date(), days)
}

fn owner(user: &TestUser<'_>) -> UserId {
    user.id.parse().expect("an id")
}

/// What the account searched today.
async fn today(user: &TestUser<'_>) -> Rollup {
    user.api.settle(owner(user)).await;
    let days = user.api.analytics().days(owner(user), until_now(user.api, 1)).await.expect("figures");
    days.into_iter().next().map(|(_, figures)| figures).unwrap_or_default()
}
