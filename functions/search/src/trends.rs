use futures_util::future::{try_join, try_join_all};
use serde::Serialize;
use shared::Result;
use shared::analytics::{QueryFigures, Rollup};
use shared::app::App;
use shared::clock::DateRange;
use shared::http::{Caller, Reply, State, may};
use shared::id::UserId;

/// The spans that are told, in days of which today is the last.
const PERIODS: [(&str, i32); 2] = [("week", 7), ("month", 30)];

/// The most queries that are named.
const TOP: usize = 10;

/// What an account searched in a span of time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trend {
    period: &'static str,
    /// What was asked most, by the words and whatever the case, as it was written last.
    top_queries: Vec<String>,
    /// How many searches there were.
    query_volume: u64,
    /// Milliseconds.
    avg_response_time: f64,
    /// Groups of what was found; the history does not keep any.
    popular_categories: Vec<String>,
    /// Whether all queries of the span are counted, and not only the most frequent of each day.
    complete: bool,
}

/// `GET /api/v1/search/trends`: the last 7 and the last 30 days in UTC, today included.
pub async fn search_trends(State(app): State<App>, caller: Caller<may::AnalyzeSearches>) -> Result<Reply<Vec<Trend>>> {
    Ok(Reply::ok(trends(&app, caller.user).await?))
}

/// What the account searched in each span.
pub async fn trends(app: &App, owner: UserId) -> Result<Vec<Trend>> {
    try_join_all(PERIODS.map(|(period, days)| trend(app, owner, period, days))).await
}

async fn trend(app: &App, owner: UserId, period: &'static str, days: i32) -> Result<Trend> {
    let range = DateRange::ending(app.clock.now().date(), days);
    let (days, queries) = try_join(app.analytics.days(owner, range), app.analytics.queries(owner, range)).await?;
    let mut all = Rollup::default();
    for (_, day) in &days {
        all.merge(day);
    }
    let complete = queries.is_complete();
    Ok(Trend {
        period,
        top_queries: top(queries.by_text.into_values().collect()),
        query_volume: all.searches,
        avg_response_time: mean(all.latencies.sum_ms, all.searches),
        popular_categories: Vec::new(),
        complete,
    })
}

/// Of queries that were asked equally often, the newest first.
fn top(mut queries: Vec<QueryFigures>) -> Vec<String> {
    queries.sort_by(|one, other| (other.count, other.last, &one.text).cmp(&(one.count, one.last, &other.text)));
    queries.into_iter().take(TOP).map(|query| query.text).collect()
}

/// To the hundredth; 0 of nothing.
fn mean(sum: u64, count: u64) -> f64 {
    let hundredths = (sum * 100 + count / 2).checked_div(count).unwrap_or(0);
    f64::from(u32::try_from(hundredths).unwrap_or(u32::MAX)) / 100.0
}

#[cfg(test)]
mod tests {
    use shared::clock::Timestamp;

    use super::*;

    #[test]
    fn the_most_frequent_come_first_and_of_those_the_newest() {
        let asked = |text: &str, count, at_ms| QueryFigures {
            text: text.to_owned(),
            count,
            empty: 0,
            failed: 0,
            sum_ms: 0,
            matches: 0,
            clicks: 0,
            last: Timestamp::from_epoch_ms(at_ms),
        };
        assert_eq!(
            top(vec![asked("cow", 1, 8), asked("Zebra", 2, 9), asked("horse", 1, 9)]),
            ["Zebra", "horse", "cow"]
        );
    }

    #[test]
    fn a_mean_is_to_the_hundredth() {
        assert_eq!((mean(0, 0), mean(10, 3), mean(21, 3)), (0.0, 3.33, 7.0));
    }
}
