use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::clock::Date;
use shared::http::{Caller, Query, Reply, State, may};

use crate::figures::{growth, mean};
use crate::gathered::{Gathered, most_asked};
use crate::span::Asked;

/// The most queries that are named.
const TOP: usize = 10;

/// What an account searched, and how that is changing, in the fields of the reference and of the SDK.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trends {
    period: &'static str,
    start_date: Date,
    end_date: Date,
    /// What was asked most, as it was written last.
    top_queries: Vec<String>,
    query_volume: u64,
    /// Milliseconds.
    avg_response_time: f64,
    /// Groups of what was found; the history does not keep any.
    popular_categories: Vec<String>,
    search_patterns: Vec<Pattern>,
    /// Against as many days before; nothing where they are not all kept any more.
    growth: Option<Growth>,
    /// Every day, those without searches too.
    daily_breakdown: Vec<Day>,
    /// Whether all queries of the span were counted, and not only the most frequent.
    complete: bool,
}

#[derive(Serialize)]
struct Pattern {
    query: String,
    count: u64,
}

/// Per cent; nothing where there was nothing before.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Growth {
    query_volume: Option<f64>,
    previous_query_volume: u64,
}

#[derive(Serialize)]
struct Day {
    date: Date,
    queries: u64,
}

/// `GET /api/v1/analytics/search-trends`: a list of one, as in the reference.
pub async fn search_trends(
    State(app): State<App>,
    caller: Caller<may::ReadAnalytics>,
    Query(asked): Query<Asked>,
) -> Result<Reply<[Trends; 1]>> {
    let gathered = Gathered::read(&app, caller.user, asked.span(app.clock.now())?).await?;
    Ok(Reply::ok([Trends::of(&gathered)]))
}

/// `GET /api/v1/analytics/trends`: the same by itself, as the SDK wants it.
pub async fn trends(
    State(app): State<App>,
    caller: Caller<may::ReadAnalytics>,
    Query(asked): Query<Asked>,
) -> Result<Reply<Trends>> {
    let gathered = Gathered::read(&app, caller.user, asked.span(app.clock.now())?).await?;
    Ok(Reply::ok(Trends::of(&gathered)))
}

impl Trends {
    /// The trends of these figures.
    pub fn of(gathered: &Gathered) -> Self {
        let Gathered { span, total, .. } = gathered;
        let top = most_asked(&gathered.queries, TOP);
        let before = gathered.before.as_ref();
        Self {
            period: span.period,
            start_date: span.range.first(),
            end_date: span.range.last(),
            top_queries: top.iter().map(|figures| figures.text.clone()).collect(),
            query_volume: total.searches,
            avg_response_time: mean(total.latencies.sum_ms, total.searches),
            popular_categories: Vec::new(),
            search_patterns: top
                .iter()
                .map(|figures| Pattern { query: figures.text.clone(), count: figures.count })
                .collect(),
            growth: before.map(|before| Growth {
                query_volume: growth(total.searches, before.searches),
                previous_query_volume: before.searches,
            }),
            daily_breakdown: daily(gathered),
            complete: gathered.queries.is_complete(),
        }
    }
}

fn daily(gathered: &Gathered) -> Vec<Day> {
    let mut known = gathered.days.iter().peekable();
    let of_day =
        |date: Date| Day { date, queries: known.next_if(|(day, _)| *day == date).map_or(0, |(_, day)| day.searches) };
    gathered.span.range.iter().map(of_day).collect()
}
