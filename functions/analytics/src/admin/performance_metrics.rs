use std::collections::HashMap;

use serde::Serialize;
use shared::Result;
use shared::analytics::{SlowSearch, SystemRollup};
use shared::app::App;
use shared::clock::{Date, Timestamp};
use shared::http::{Administrator, Query, Reply, State};
use shared::id::UserId;
use shared::users::{Email, User};

use super::total;
use crate::figures::{mean, share};
use crate::span::{Asked, Span};

/// How the searches of all accounts have performed. Times are in milliseconds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PerformanceMetrics {
    time_series_data: Vec<Day>,
    /// The longest first.
    slowest_queries: Vec<SlowQuery>,
    summary: Summary,
}

/// A day that has searches.
#[derive(Serialize)]
struct Day {
    date: Date,
    query_count: u64,
    avg_response_time: f64,
    max_response_time: u64,
    p95_response_time: u64,
    active_users: u64,
    error_rate: f64,
}

#[derive(Serialize)]
struct SlowQuery {
    /// Nothing where its owner does not want queries kept.
    query_text: Option<String>,
    execution_time_ms: u64,
    result_count: u64,
    created_at: Timestamp,
    /// Nothing where the account was closed.
    user_email: Option<Email>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    total_queries: u64,
    average_response_time: f64,
    peak_response_time: u64,
    p50: u64,
    p95: u64,
    p99: u64,
    error_rate: f64,
    cache_hit_rate: f64,
    /// Searches an hour, over all hours of the days.
    throughput: f64,
}

/// `GET /api/v1/analytics/admin/performance-metrics`
pub async fn performance_metrics(
    State(app): State<App>,
    _: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Reply<PerformanceMetrics>> {
    let span = asked.span(app.clock.now())?;
    let days = app.analytics.system_days(span.range).await?;
    let total = total(&days);
    let owners: Vec<UserId> = total.rollup.slowest.iter().map(|slow| slow.owner).collect();
    let users: HashMap<UserId, User> = app.users.get_all(&owners).await?;
    Ok(Reply::ok(PerformanceMetrics {
        time_series_data: days.iter().map(|(date, day)| Day::of(*date, day)).collect(),
        slowest_queries: total.rollup.slowest.iter().map(|slow| SlowQuery::of(slow, &users)).collect(),
        summary: Summary::of(&total, &span),
    }))
}

impl Day {
    fn of(date: Date, day: &SystemRollup) -> Self {
        let rollup = &day.rollup;
        Self {
            date,
            query_count: rollup.searches,
            avg_response_time: mean(rollup.latencies.sum_ms, rollup.searches),
            max_response_time: rollup.latencies.max_ms,
            p95_response_time: rollup.latencies.per_mille(950).unwrap_or(0),
            active_users: day.active_accounts(),
            error_rate: share(rollup.failed, rollup.searches),
        }
    }
}

impl SlowQuery {
    fn of(slow: &SlowSearch, users: &HashMap<UserId, User>) -> Self {
        Self {
            query_text: slow.query.clone(),
            execution_time_ms: slow.duration_ms,
            result_count: slow.matches,
            created_at: slow.at,
            user_email: users.get(&slow.owner).map(|user| user.email.clone()),
        }
    }
}

impl Summary {
    fn of(total: &SystemRollup, span: &Span) -> Self {
        let rollup = &total.rollup;
        let per_mille = |share| rollup.latencies.per_mille(share).unwrap_or(0);
        Self {
            total_queries: rollup.searches,
            average_response_time: mean(rollup.latencies.sum_ms, rollup.searches),
            peak_response_time: rollup.latencies.max_ms,
            p50: per_mille(500),
            p95: per_mille(950),
            p99: per_mille(990),
            error_rate: share(rollup.failed, rollup.searches),
            cache_hit_rate: share(rollup.cached, rollup.searches),
            throughput: mean(rollup.searches, span.hours()),
        }
    }
}
