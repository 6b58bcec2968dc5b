use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::Result;
use shared::analytics::{Rollup, SearchMode};
use shared::app::App;
use shared::clock::Date;
use shared::http::{Caller, Query, Reply, State, flag, may};

use crate::figures::{mean, share};
use crate::gathered::{Gathered, most_asked};
use crate::insights::{Insight, insights_of};
use crate::performance::Performance;
use crate::popular_queries::{PopularQuery, popular};
use crate::span::Asked;
use crate::trends::Trends;

/// The most popular queries, and the most insights.
const POPULAR_MAX: usize = 10;
const INSIGHTS_MAX: usize = 10;

/// What of it may be left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct With {
    #[serde(default, deserialize_with = "flag")]
    include_insights: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    include_trends: Option<bool>,
}

/// Everything at a glance: what the reference, the SDK and its documentation have, none of which contradict each other.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    total_searches: u64,
    successful_searches: u64,
    failed_searches: u64,
    /// Milliseconds.
    average_response_time: f64,
    trends: Option<Trends>,
    performance: Performance,
    popular_queries: Vec<PopularQuery>,
    insights: Vec<Insight>,
    summary: Summary,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    period: &'static str,
    start_date: Date,
    end_date: Date,
    total_queries: u64,
    average_response_time: f64,
    /// From 0 to 1.
    success_rate: f64,
    zero_result_rate: f64,
    cache_hit_rate: f64,
    /// Whether this account, the only one whose figures these are, has searched.
    active_users: u64,
    /// How many databases were asked.
    databases_searched: usize,
    top_query: String,
    /// Searches by mode.
    query_distribution: BTreeMap<SearchMode, u64>,
    feedback: Feedback,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    clicks: u64,
    /// Of all searches, those of which a result was opened.
    click_through_rate: f64,
    /// From 1; nothing where no result was opened.
    average_click_position: Option<f64>,
    ratings: u64,
    /// From 1 to 5; nothing where nobody has rated.
    average_rating: Option<f64>,
}

/// `GET /api/v1/analytics/dashboard`
pub async fn dashboard(
    State(app): State<App>,
    caller: Caller<may::ReadAnalytics>,
    Query(asked): Query<Asked>,
    Query(with): Query<With>,
) -> Result<Reply<Dashboard>> {
    let gathered = Gathered::read(&app, caller.user, asked.span(app.clock.now())?).await?;
    let insights = match with.include_insights {
        Some(false) => Vec::new(),
        _ => insights_of(&app, caller.user, &gathered).await?,
    };
    Ok(Reply::ok(Dashboard::of(&gathered, insights, with.include_trends != Some(false))))
}

impl Dashboard {
    fn of(gathered: &Gathered, mut insights: Vec<Insight>, with_trends: bool) -> Self {
        insights.truncate(INSIGHTS_MAX);
        let Gathered { span, days, total, .. } = gathered;
        Self {
            total_searches: total.searches,
            successful_searches: total.searches.saturating_sub(total.failed),
            failed_searches: total.failed,
            average_response_time: mean(total.latencies.sum_ms, total.searches),
            trends: with_trends.then(|| Trends::of(gathered)),
            performance: Performance::of(span, days, &[]),
            popular_queries: popular(&gathered.queries, POPULAR_MAX),
            insights,
            summary: Summary::of(gathered),
        }
    }
}

impl Summary {
    fn of(gathered: &Gathered) -> Self {
        let Gathered { span, total, queries, .. } = gathered;
        let top = most_asked(queries, 1).first().map(|figures| figures.text.clone());
        Self {
            period: span.period,
            start_date: span.range.first(),
            end_date: span.range.last(),
            total_queries: total.searches,
            average_response_time: mean(total.latencies.sum_ms, total.searches),
            success_rate: share(total.searches.saturating_sub(total.failed), total.searches),
            zero_result_rate: share(total.empty, total.searches),
            cache_hit_rate: share(total.cached, total.searches),
            active_users: u64::from(total.searches > 0),
            databases_searched: total.databases.len(),
            top_query: top.unwrap_or_else(|| "No queries yet".to_owned()),
            query_distribution: total.modes.iter().map(|(mode, part)| (*mode, part.searches)).collect(),
            feedback: Feedback::of(total),
        }
    }
}

impl Feedback {
    fn of(total: &Rollup) -> Self {
        let (clicks, ratings) = (&total.clicks, &total.ratings);
        Self {
            clicks: clicks.clicks,
            click_through_rate: share(clicks.searches, total.searches),
            average_click_position: (clicks.clicks > 0).then(|| mean(clicks.positions, clicks.clicks)),
            ratings: ratings.count,
            average_rating: (ratings.count > 0).then(|| mean(ratings.sum, ratings.count)),
        }
    }
}
