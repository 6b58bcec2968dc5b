use serde::{Deserialize, Serialize};
use shared::Result;
use shared::analytics::{ModeShare, Rollup, SearchMode};
use shared::app::App;
use shared::clock::Date;
use shared::http::{Caller, Query, Reply, State, list, may};
use shared::id::DatabaseId;

use crate::figures::{mean, share};
use crate::gathered::merged;
use crate::named::database_ids;
use crate::span::{Asked, Span};

/// Of which databases; of all searches where none is named.
#[derive(Deserialize)]
pub struct Of {
    #[serde(default, deserialize_with = "list")]
    databases: Vec<String>,
}

/// How searches have performed. Times are in milliseconds, rates from 0 to 1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Performance {
    time_series_data: Vec<Day>,
    search_mode_distribution: Vec<OfMode>,
    database_distribution: Vec<OfDatabase>,
    summary: Summary,
    /// The same once more, where the SDK looks for it.
    #[serde(flatten)]
    rates: Rates,
}

/// A day that has searches. What is not kept for single databases is nothing where they are named.
#[derive(Serialize)]
struct Day {
    date: Date,
    avg_response_time: f64,
    max_response_time: Option<u64>,
    min_response_time: Option<u64>,
    p50_response_time: Option<u64>,
    p95_response_time: Option<u64>,
    p99_response_time: Option<u64>,
    total_queries: u64,
    /// The same, as the types of the SDK call it.
    query_count: u64,
    failed_queries: u64,
    empty_queries: Option<u64>,
    cached_queries: Option<u64>,
    avg_results: Option<f64>,
    error_rate: f64,
}

#[derive(Serialize)]
struct OfMode {
    search_mode: SearchMode,
    count: u64,
    avg_time: f64,
}

#[derive(Serialize)]
struct OfDatabase {
    database: DatabaseId,
    count: u64,
    failed: u64,
    /// How long it took to say what matches.
    avg_time: f64,
    error_rate: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    total_queries: u64,
    average_response_time: f64,
    average_results: Option<f64>,
    min_response_time: Option<u64>,
    peak_response_time: Option<u64>,
    failed_queries: u64,
    partial_queries: Option<u64>,
    empty_queries: Option<u64>,
    cached_queries: Option<u64>,
    zero_result_rate: Option<f64>,
    cache_hit_rate: Option<f64>,
    #[serde(flatten)]
    rates: Rates,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rates {
    p50: Option<u64>,
    p95: Option<u64>,
    p99: Option<u64>,
    error_rate: f64,
    /// Searches an hour, over all hours of the days.
    throughput: f64,
}

/// `GET /api/v1/analytics/performance`
pub async fn performance(
    State(app): State<App>,
    caller: Caller<may::ReadAnalytics>,
    Query(asked): Query<Asked>,
    Query(of): Query<Of>,
) -> Result<Reply<Performance>> {
    let (span, databases) = (asked.span(app.clock.now())?, database_ids(&of.databases)?);
    let days = app.analytics.days(caller.user, span.range).await?;
    Ok(Reply::ok(Performance::of(&span, &days, &databases)))
}

impl Performance {
    /// The performance on these days: of all searches, or of these databases.
    pub fn of(span: &Span, days: &[(Date, Rollup)], databases: &[DatabaseId]) -> Self {
        let total = merged(days);
        let summary = Summary::of(&Part::of(&total, databases), span);
        let is_asked = |id: &DatabaseId| databases.is_empty() || databases.contains(id);
        let rows =
            days.iter().map(|(date, day)| (*date, Part::of(day, databases))).filter(|(_, part)| part.searches > 0);
        let modes = total.modes.iter().filter(|_| databases.is_empty());
        Self {
            time_series_data: rows.map(|(date, part)| Day::of(date, &part)).collect(),
            search_mode_distribution: modes.map(|(mode, part)| OfMode::of(*mode, part)).collect(),
            database_distribution: total
                .databases
                .iter()
                .filter(|(id, _)| is_asked(id))
                .map(|(id, part)| OfDatabase {
                    database: *id,
                    count: part.searches,
                    failed: part.failed,
                    avg_time: mean(part.sum_ms, part.timed),
                    error_rate: share(part.failed, part.searches),
                })
                .collect(),
            rates: summary.rates.clone(),
            summary,
        }
    }
}

/// Sums of searches, or of what single databases had to do with them.
struct Part<'a> {
    searches: u64,
    failed: u64,
    timed: u64,
    sum_ms: u64,
    /// All figures, where they are those of all searches.
    whole: Option<&'a Rollup>,
}

impl<'a> Part<'a> {
    fn of(rollup: &'a Rollup, databases: &[DatabaseId]) -> Self {
        let Rollup { searches, failed, latencies, .. } = rollup;
        if databases.is_empty() {
            let sum_ms = latencies.sum_ms;
            return Self { searches: *searches, failed: *failed, timed: *searches, sum_ms, whole: Some(rollup) };
        }
        let none = Self { searches: 0, failed: 0, timed: 0, sum_ms: 0, whole: None };
        databases.iter().filter_map(|id| rollup.databases.get(id)).fold(none, |sum, part| Self {
            searches: sum.searches + part.searches,
            failed: sum.failed + part.failed,
            timed: sum.timed + part.timed,
            sum_ms: sum.sum_ms + part.sum_ms,
            whole: None,
        })
    }

    fn per_mille(&self, share: u64) -> Option<u64> {
        self.whole.map(|whole| whole.latencies.per_mille(share).unwrap_or(0))
    }

    fn average_results(&self) -> Option<f64> {
        self.whole.map(|whole| mean(whole.matches, whole.searches))
    }
}

impl Day {
    fn of(date: Date, part: &Part<'_>) -> Self {
        let whole = part.whole;
        Self {
            date,
            avg_response_time: mean(part.sum_ms, part.timed),
            max_response_time: whole.map(|whole| whole.latencies.max_ms),
            min_response_time: whole.and_then(|whole| whole.latencies.min_ms),
            p50_response_time: part.per_mille(500),
            p95_response_time: part.per_mille(950),
            p99_response_time: part.per_mille(990),
            total_queries: part.searches,
            query_count: part.searches,
            failed_queries: part.failed,
            empty_queries: whole.map(|whole| whole.empty),
            cached_queries: whole.map(|whole| whole.cached),
            avg_results: part.average_results(),
            error_rate: share(part.failed, part.searches),
        }
    }
}

impl OfMode {
    fn of(search_mode: SearchMode, part: &ModeShare) -> Self {
        Self { search_mode, count: part.searches, avg_time: mean(part.sum_ms, part.searches) }
    }
}

impl Summary {
    fn of(part: &Part<'_>, span: &Span) -> Self {
        let whole = part.whole;
        Self {
            total_queries: part.searches,
            average_response_time: mean(part.sum_ms, part.timed),
            average_results: part.average_results(),
            min_response_time: whole.map(|whole| whole.latencies.min_ms.unwrap_or(0)),
            peak_response_time: whole.map(|whole| whole.latencies.max_ms),
            failed_queries: part.failed,
            partial_queries: whole.map(|whole| whole.partial),
            empty_queries: whole.map(|whole| whole.empty),
            cached_queries: whole.map(|whole| whole.cached),
            zero_result_rate: whole.map(|whole| share(whole.empty, whole.searches)),
            cache_hit_rate: whole.map(|whole| share(whole.cached, whole.searches)),
            rates: Rates {
                p50: part.per_mille(500),
                p95: part.per_mille(950),
                p99: part.per_mille(990),
                error_rate: share(part.failed, part.searches),
                throughput: mean(part.searches, span.hours()),
            },
        }
    }
}
