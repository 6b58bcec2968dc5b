use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use shared::Result;
use shared::analytics::SearchEvent;
use shared::app::App;
use shared::clock::Timestamp;
use shared::http::{Caller, Reply, State, may};
use shared::id::UserId;

/// The spans that are told, from now backwards; the longest last.
const PERIODS: [(&str, Duration); 2] =
    [("week", Duration::from_hours(7 * 24)), ("month", Duration::from_hours(30 * 24))];

/// The most searches that are read: the newest.
const EVENTS_MAX: usize = 5_000;

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
    query_volume: usize,
    /// Milliseconds.
    avg_response_time: f64,
    /// Groups of what was found; the history does not keep any.
    popular_categories: Vec<String>,
    /// Whether all searches of the span are in these figures, and not only the newest.
    complete: bool,
}

/// `GET /api/v1/search/trends`: the last 7 and the last 30 days.
pub async fn search_trends(State(app): State<App>, caller: Caller<may::AnalyzeSearches>) -> Result<Reply<Vec<Trend>>> {
    Ok(Reply::ok(trends(&app, caller.user).await?))
}

/// What the account searched in each span.
pub async fn trends(app: &App, owner: UserId) -> Result<Vec<Trend>> {
    let now = app.clock.now();
    let start =
        |span: Duration| Timestamp::from_epoch_ms(now.epoch_ms() - i64::try_from(span.as_millis()).unwrap_or(0));
    let longest = PERIODS.map(|(_, span)| span).into_iter().max().unwrap_or_default();
    let newest_first = app.analytics.since(owner, start(longest), EVENTS_MAX).await?;
    Ok(PERIODS.map(|(period, span)| Trend::of(period, start(span), &newest_first)).into())
}

impl Trend {
    fn of(period: &'static str, start: Timestamp, newest_first: &[SearchEvent]) -> Self {
        let within = &newest_first[..newest_first.partition_point(|event| event.at >= start)];
        Self {
            period,
            top_queries: top_queries(within),
            query_volume: within.len(),
            avg_response_time: mean(within.iter().map(|event| event.duration_ms)),
            popular_categories: Vec::new(),
            complete: within.len() < EVENTS_MAX,
        }
    }
}

/// Of queries that were asked equally often, the newest first.
fn top_queries(newest_first: &[SearchEvent]) -> Vec<String> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for event in newest_first {
        let place = *places.entry(event.query.to_lowercase()).or_insert(counted.len());
        match counted.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => counted.push((&event.query, 1)),
        }
    }
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted.into_iter().take(TOP).map(|(query, _)| query.to_owned()).collect()
}

/// To the hundredth; 0 of nothing.
fn mean(numbers: impl ExactSizeIterator<Item = u64>) -> f64 {
    let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    let sum: u32 = numbers.map(|number| u32::try_from(number).unwrap_or(u32::MAX)).fold(0, u32::saturating_add);
    (100.0 * f64::from(sum) / f64::from(count.max(1))).round() / 100.0
}

#[cfg(test)]
mod tests {
    use shared::analytics::{Outcome, SearchMode};
    use shared::id::SearchId;

    use super::*;

    fn event(query: &str, at_ms: i64) -> SearchEvent {
        SearchEvent {
            id: SearchId::fresh(),
            owner: UserId::fresh(),
            key: None,
            query: query.to_owned(),
            mode: SearchMode::Natural,
            databases: Vec::new(),
            failed: Vec::new(),
            matches: 1,
            returned: 1,
            duration_ms: 7,
            outcome: Outcome::Complete,
            cached: false,
            at: Timestamp::from_epoch_ms(at_ms),
        }
    }

    #[test]
    fn a_span_has_what_was_asked_within_it_the_most_frequent_first() {
        let events = [event("Zebra", 9), event("cow", 8), event("zebra", 7), event("horse", 3)];
        let trend = Trend::of("week", Timestamp::from_epoch_ms(7), &events);
        assert_eq!((trend.query_volume, trend.avg_response_time, trend.complete), (3, 7.0, true));
        assert_eq!(trend.top_queries, ["Zebra", "cow"]);
        let none = Trend::of("week", Timestamp::from_epoch_ms(10), &events);
        assert_eq!((none.query_volume, none.avg_response_time), (0, 0.0));
    }
}
