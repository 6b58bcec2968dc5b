use serde::{Deserialize, Serialize};
use shared::Result;
use shared::analytics::{Queries, QueryFigures};
use shared::app::App;
use shared::clock::Timestamp;
use shared::http::{Caller, Limit, Query, Reply, State, may, number};

use crate::figures::mean;
use crate::gathered::most_asked;
use crate::span::Asked;

/// How many are told.
#[derive(Deserialize)]
pub struct Part {
    #[serde(default, deserialize_with = "number")]
    limit: Limit<20, 100>,
}

/// A query, whatever its case and blanks.
#[derive(Serialize)]
pub struct PopularQuery {
    /// As it was written last.
    query_text: String,
    frequency: u64,
    /// Milliseconds.
    avg_time: f64,
    /// Rows that matched.
    avg_results: f64,
    last_used: Timestamp,
    /// Of its searches, those that all databases answered with nothing.
    empty_count: u64,
    failed_count: u64,
    /// Results that were opened.
    clicks: u64,
}

/// `GET /api/v1/analytics/popular-queries`
pub async fn popular_queries(
    State(app): State<App>,
    caller: Caller<may::ReadAnalytics>,
    Query(asked): Query<Asked>,
    Query(part): Query<Part>,
) -> Result<Reply<Vec<PopularQuery>>> {
    let span = asked.span(app.clock.now())?;
    let queries = app.analytics.queries(caller.user, span.range).await?;
    Ok(Reply::ok(popular(&queries, part.limit.get())))
}

/// The queries that were asked most.
pub fn popular(queries: &Queries, most: usize) -> Vec<PopularQuery> {
    most_asked(queries, most).into_iter().map(PopularQuery::from).collect()
}

impl From<&QueryFigures> for PopularQuery {
    fn from(figures: &QueryFigures) -> Self {
        Self {
            query_text: figures.text.clone(),
            frequency: figures.count,
            avg_time: mean(figures.sum_ms, figures.count),
            avg_results: mean(figures.matches, figures.count),
            last_used: figures.last,
            empty_count: figures.empty,
            failed_count: figures.failed,
            clicks: figures.clicks,
        }
    }
}
