//! The figures of searches, computed one search after the other, without a line of the service's.

#![expect(clippy::cast_precision_loss, reason = "the sums of a month are far below 2^53")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::analytics::{Outcome, SearchEvent};
use shared::id::DatabaseId;

/// A mean to two decimals, computed in whole numbers; 0 of nothing.
pub fn mean_of(sum: u64, count: usize) -> f64 {
    let count = count.max(1) as u64;
    ((200 * sum + count) / (2 * count)) as f64 / 100.0
}

/// A share to four decimals, in the same way.
fn rate(part: usize, whole: usize) -> f64 {
    let whole = whole.max(1);
    ((20_000 * part + whole) / (2 * whole)) as f64 / 10_000.0
}

/// The mean of something about searches.
pub fn mean(searches: &[&SearchEvent], of: impl Fn(&SearchEvent) -> u64) -> f64 {
    mean_of(searches.iter().map(|search| of(search)).sum(), searches.len())
}

pub fn count(searches: &[&SearchEvent], is: impl Fn(&SearchEvent) -> bool) -> usize {
    searches.iter().filter(|search| is(search)).count()
}

pub fn is_empty(search: &SearchEvent) -> bool {
    search.outcome == Outcome::Complete && search.matches == 0
}

/// The duration that so many of 100 do not exceed, by nearest rank.
fn percentile(searches: &[&SearchEvent], share: usize) -> u64 {
    let mut durations: Vec<u64> = searches.iter().map(|search| search.duration_ms).collect();
    durations.sort_unstable();
    let rank = (durations.len() * share).div_ceil(100).max(1);
    durations.get(rank - 1).copied().unwrap_or(0)
}

/// That a percentile is the true one, or above it by less than the documented 1/32.
#[track_caller]
pub fn check_percentile(told: &Value, searches: &[&SearchEvent], share: usize) {
    let (told, truth) = (told.as_u64().unwrap(), percentile(searches, share));
    assert!(told >= truth && told - truth <= truth / 32, "p{share}: {told} for {truth}");
}

/// Searches by day, oldest first.
pub fn by_day<'a>(searches: &[&'a SearchEvent]) -> BTreeMap<String, Vec<&'a SearchEvent>> {
    let mut days = BTreeMap::<String, Vec<&SearchEvent>>::new();
    for search in searches {
        days.entry(search.at.to_string()[..10].to_owned()).or_default().push(search);
    }
    days
}

/// The totals of `GET …/usage`, without its lists.
pub fn usage(searches: &[&SearchEvent]) -> Value {
    let failed = count(searches, |search| search.outcome == Outcome::Failed);
    json!({
        "totalRequests": searches.len(),
        "successfulRequests": searches.len() - failed,
        "failedRequests": failed,
        "partialRequests": count(searches, |search| search.outcome == Outcome::Partial),
        "emptyRequests": count(searches, is_empty),
        "cachedRequests": count(searches, |search| search.cached),
        "averageResponseTime": mean(searches, |search| search.duration_ms),
        "requestsBySession": count(searches, |search| search.key.is_none()),
    })
}

/// A row of `GET …/performance`, without its percentiles.
pub fn performance_row(date: &str, searches: &[&SearchEvent]) -> Value {
    let failed = count(searches, |search| search.outcome == Outcome::Failed);
    json!({
        "date": date,
        "avg_response_time": mean(searches, |search| search.duration_ms),
        "max_response_time": searches.iter().map(|search| search.duration_ms).max(),
        "min_response_time": searches.iter().map(|search| search.duration_ms).min(),
        "total_queries": searches.len(),
        "query_count": searches.len(),
        "failed_queries": failed,
        "empty_queries": count(searches, is_empty),
        "cached_queries": count(searches, |search| search.cached),
        "avg_results": mean(searches, |search| search.matches),
        "error_rate": rate(failed, searches.len()),
    })
}

/// The summary of `GET …/performance`, without its percentiles.
pub fn performance_summary(searches: &[&SearchEvent], days: u64) -> Value {
    let failed = count(searches, |search| search.outcome == Outcome::Failed);
    let (empty, cached) = (count(searches, is_empty), count(searches, |search| search.cached));
    json!({
        "totalQueries": searches.len(),
        "averageResponseTime": mean(searches, |search| search.duration_ms),
        "averageResults": mean(searches, |search| search.matches),
        "minResponseTime": searches.iter().map(|search| search.duration_ms).min().unwrap_or(0),
        "peakResponseTime": searches.iter().map(|search| search.duration_ms).max().unwrap_or(0),
        "failedQueries": failed,
        "partialQueries": count(searches, |search| search.outcome == Outcome::Partial),
        "emptyQueries": empty,
        "cachedQueries": cached,
        "zeroResultRate": rate(empty, searches.len()),
        "cacheHitRate": rate(cached, searches.len()),
        "errorRate": rate(failed, searches.len()),
        "throughput": mean_of(searches.len() as u64, usize::try_from(24 * days).unwrap()),
    })
}

/// Searches by mode, by the name of it.
pub fn modes(searches: &[&SearchEvent]) -> Vec<Value> {
    ["natural", "boolean", "semantic"]
        .into_iter()
        .filter_map(|mode| {
            let of_mode: Vec<&SearchEvent> = searches.iter().copied().filter(|search| json!(search.mode) == mode).collect();
            let row = json!({ "search_mode": mode, "count": of_mode.len(), "avg_time": mean(&of_mode, |search| search.duration_ms) });
            (!of_mode.is_empty()).then_some(row)
        })
        .collect()
}

/// What a database had to do with searches.
pub fn database(searches: &[&SearchEvent], id: DatabaseId) -> Value {
    let failed = count(searches, |search| search.failed.contains(&id));
    let all = failed + count(searches, |search| search.databases.contains(&id));
    let timed: Vec<u64> = searches
        .iter()
        .filter(|search| search.databases.contains(&id))
        .filter_map(|search| search.times.databases.get(&id).copied())
        .collect();
    let avg_time = mean_of(timed.iter().sum(), timed.len());
    json!({ "database": id, "count": all, "failed": failed, "avg_time": avg_time, "error_rate": rate(failed, all) })
}

/// A query and its searches.
pub struct Asked<'a> {
    pub text: String,
    pub searches: Vec<&'a SearchEvent>,
}

/// What was asked, the most frequent first, then what found more, then what was asked later.
pub fn asked<'a>(searches: &[&'a SearchEvent]) -> Vec<Asked<'a>> {
    let mut groups = BTreeMap::<String, Vec<&SearchEvent>>::new();
    for search in searches {
        let words: Vec<String> = search.query.as_ref().unwrap().split_whitespace().map(str::to_lowercase).collect();
        groups.entry(words.join(" ")).or_default().push(search);
    }
    let mut asked: Vec<Asked<'_>> = groups
        .into_values()
        .map(|mut searches| {
            searches.sort_by(|one, other| (one.at, &one.query).cmp(&(other.at, &other.query)));
            Asked { text: searches.last().unwrap().query.clone().unwrap(), searches }
        })
        .collect();
    let found = |asked: &Asked<'_>| {
        asked.searches.iter().map(|search| search.matches).sum::<u64>() as f64 / asked.searches.len() as f64
    };
    let last = |asked: &Asked<'_>| asked.searches.last().unwrap().at;
    asked.sort_by(|one, other| {
        let by_count = other.searches.len().cmp(&one.searches.len());
        by_count.then(found(other).total_cmp(&found(one))).then(last(other).cmp(&last(one)))
    });
    asked
}

/// A row of `GET …/popular-queries`.
pub fn popular_row(asked: &Asked<'_>) -> Value {
    let searches = &asked.searches;
    json!({
        "query_text": asked.text,
        "frequency": searches.len(),
        "avg_time": mean(searches, |search| search.duration_ms),
        "avg_results": mean(searches, |search| search.matches),
        "last_used": searches.last().unwrap().at,
        "empty_count": count(searches, is_empty),
        "failed_count": count(searches, |search| search.outcome == Outcome::Failed),
        "clicks": searches.iter().map(|search| search.clicks.len()).sum::<usize>(),
    })
}

/// The figures of clicks and ratings on the dashboard.
pub fn feedback(searches: &[&SearchEvent]) -> Value {
    let positions: Vec<u64> = searches.iter().flat_map(|search| &search.clicks).map(|click| click.position).collect();
    let ratings: Vec<u64> = searches.iter().filter_map(|search| search.rating).map(u64::from).collect();
    let average = |all: &[u64]| (!all.is_empty()).then(|| mean_of(all.iter().sum(), all.len()));
    json!({
        "clicks": positions.len(),
        "clickThroughRate": rate(count(searches, |search| !search.clicks.is_empty()), searches.len()),
        "averageClickPosition": average(&positions),
        "ratings": ratings.len(),
        "averageRating": average(&ratings),
    })
}
