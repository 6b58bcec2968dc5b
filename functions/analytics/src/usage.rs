use serde::Serialize;
use shared::Result;
use shared::analytics::Rollup;
use shared::app::App;
use shared::clock::Date;
use shared::http::{Caller, Query, Reply, State, may};
use shared::id::{DatabaseId, KeyId};

use crate::figures::mean;
use crate::gathered::merged;
use crate::span::{Asked, Span};

/// How much an account has searched, and with what. Calls of other endpoints are not among these figures: those of a key
/// are told by `GET /api/v1/keys/{keyId}/usage`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    period: &'static str,
    start_date: Date,
    end_date: Date,
    total_requests: u64,
    successful_requests: u64,
    failed_requests: u64,
    partial_requests: u64,
    empty_requests: u64,
    cached_requests: u64,
    /// Milliseconds.
    average_response_time: f64,
    /// Days that have searches.
    requests_by_day: Vec<Day>,
    requests_by_key: Vec<ByKey>,
    requests_by_session: u64,
    requests_by_database: Vec<ByDatabase>,
}

#[derive(Serialize)]
struct Day {
    date: Date,
    requests: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ByKey {
    key_id: KeyId,
    requests: u64,
}

#[derive(Serialize)]
struct ByDatabase {
    database: DatabaseId,
    requests: u64,
    failed: u64,
}

/// `GET /api/v1/analytics/usage`
pub async fn usage(
    State(app): State<App>,
    caller: Caller<may::ReadAnalytics>,
    Query(asked): Query<Asked>,
) -> Result<Reply<Usage>> {
    let span = asked.span(app.clock.now())?;
    let days = app.analytics.days(caller.user, span.range).await?;
    Ok(Reply::ok(Usage::of(&span, &days)))
}

impl Usage {
    fn of(span: &Span, days: &[(Date, Rollup)]) -> Self {
        let total = merged(days);
        let by_key = total.keys.iter().map(|(id, requests)| ByKey { key_id: *id, requests: *requests });
        let by_database = total.databases.iter().map(|(id, part)| ByDatabase {
            database: *id,
            requests: part.searches,
            failed: part.failed,
        });
        Self {
            period: span.period,
            start_date: span.range.first(),
            end_date: span.range.last(),
            total_requests: total.searches,
            successful_requests: total.searches - total.failed.min(total.searches),
            failed_requests: total.failed,
            partial_requests: total.partial,
            empty_requests: total.empty,
            cached_requests: total.cached,
            average_response_time: mean(total.latencies.sum_ms, total.searches),
            requests_by_day: days.iter().map(|(date, day)| Day { date: *date, requests: day.searches }).collect(),
            requests_by_key: by_key.collect(),
            requests_by_session: total.sessions,
            requests_by_database: by_database.collect(),
        }
    }
}
