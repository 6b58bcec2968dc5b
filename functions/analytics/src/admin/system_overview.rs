use futures_util::future::try_join;
use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::clock::Date;
use shared::http::{Administrator, Query, Reply, State};

use super::total;
use crate::figures::mean;
use crate::span::Asked;

/// What all accounts have searched.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    summary: Summary,
    /// Days on which somebody registered.
    user_growth: Vec<Growth>,
    /// Days that have searches.
    query_volume: Vec<Volume>,
    period: &'static str,
    start_date: Date,
    end_date: Date,
}

#[derive(Serialize)]
struct Summary {
    /// Accounts that have searched, without those that are closed.
    active_users: usize,
    new_users: u64,
    total_queries: u64,
    /// Milliseconds.
    avg_response_time: f64,
    avg_results: f64,
}

#[derive(Serialize)]
struct Growth {
    date: Date,
    new_users: u64,
}

#[derive(Serialize)]
struct Volume {
    date: Date,
    query_count: u64,
    active_users: u64,
}

/// `GET /api/v1/analytics/admin/system-overview`
pub async fn system_overview(
    State(app): State<App>,
    _: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Reply<Overview>> {
    let span = asked.span(app.clock.now())?;
    let (days, joined) = try_join(app.analytics.system_days(span.range), app.users.joined(span.range)).await?;
    let total = total(&days);
    let searched = days.iter().filter(|(_, day)| day.rollup.searches > 0);
    Ok(Reply::ok(Overview {
        summary: Summary {
            active_users: total.accounts.len(),
            new_users: joined.iter().map(|(_, new_users)| new_users).sum(),
            total_queries: total.rollup.searches,
            avg_response_time: mean(total.rollup.latencies.sum_ms, total.rollup.searches),
            avg_results: mean(total.rollup.matches, total.rollup.searches),
        },
        user_growth: joined.into_iter().map(|(date, new_users)| Growth { date, new_users }).collect(),
        query_volume: searched
            .map(|(date, day)| Volume {
                date: *date,
                query_count: day.rollup.searches,
                active_users: day.active_accounts(),
            })
            .collect(),
        period: span.period,
        start_date: span.range.first(),
        end_date: span.range.last(),
    }))
}
