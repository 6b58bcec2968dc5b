//! A month of 20,000 searches by several users, and every endpoint against figures that are computed from its script.

mod expected;
mod script;

use std::time::Duration;

use serde_json::{Value, json};
use shared::analytics::{Batch, EventKey, SearchEvent};
use shared::clock::Timestamp;
use shared::id::{DatabaseId, SearchId};
use tests::{TestApi, TestUser};

use super::admin::administrator;
use super::events::{event, record};
use crate::articles;
use expected::Asked;
use script::{Actor, DAYS, Dice};

const HOUR: Duration = Duration::from_hours(1);

/// Searches of each day that come over HTTP.
const OVER_HTTP: usize = 10;

/// Days of the month, from the first to the last, as a request names them.
struct Range {
    query: String,
    first: String,
    last: String,
    days: u64,
}

#[tokio::test]
async fn the_figures_of_a_month_are_those_of_its_searches() {
    let (api, schema) = (TestApi::start().await, articles().await);
    // More than an hour before midnight, and after all that the script has for a day.
    let this_hour = api.now().since(api.now().date().midnight()).as_secs() / 3_600;
    api.advance(HOUR * u32::try_from((46 - this_hour) % 24).unwrap());
    let first = api.now().date().midnight();
    let (mut users, mut actors, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for (name, weight) in [("ursula", 5), ("victor", 3), ("wanda", 1), ("xaver", 1)] {
        let user = api.register(name).await;
        let connection = user.connect(&schema).await.parse().unwrap();
        let (secret, key) = user.create_key(&["search", "analytics"]).await;
        let databases = [connection, DatabaseId::fresh(), DatabaseId::fresh()];
        actors.push(Actor { owner: user.id.parse().unwrap(), key: key.parse().unwrap(), databases, weight });
        users.push(user);
        keys.push(secret);
    }

    let (mut dice, mut events) = (Dice::new(20_261_122), Vec::new());
    for day in 0..DAYS {
        let scripted = script::day(&mut dice, &actors, first.plus(24 * HOUR * u32::try_from(day).unwrap()), day);
        record(&api, &scripted).await;
        events.extend(scripted);
        events.extend(over_http(&api, &actors, &keys, day).await);
        if day + 1 < DAYS {
            api.advance(24 * HOUR);
        }
    }
    assert_eq!(events.len(), 20_000 + OVER_HTTP * usize::try_from(DAYS).unwrap());

    let ranges = ranges(first);
    let mut signed_in = Vec::new();
    for user in users {
        signed_in.push(user.log_in_again().await);
    }
    for (user, actor) in signed_in.iter().zip(&actors) {
        let own: Vec<&SearchEvent> = events.iter().filter(|event| event.owner == actor.owner).collect();
        for range in &ranges {
            check_account(user, actor, range, &range.of(&own)).await;
        }
        check_export(user, &ranges[0], &own).await;
        check_insights(user, &ranges[1].of(&own)).await;
    }
    let admin = administrator(&api, "ada").await;
    let all: Vec<&SearchEvent> = events.iter().collect();
    for range in &ranges {
        check_system(&admin, &signed_in, range, &range.of(&all)).await;
    }
}

/// Searches of today by the real way, with the keys of the accounts. Those of the script are by sessions, too.
async fn over_http(api: &TestApi, actors: &[Actor], keys: &[String], day: u64) -> Vec<SearchEvent> {
    let mut events = Vec::new();
    for place in 0..OVER_HTTP {
        let (actor, key) = (&actors[place % actors.len()], &keys[place % actors.len()]);
        let query = ["zebra", "Horse", "unicorn", "zebra crossing"][(place + usize::try_from(day).unwrap()) % 4];
        let body = json!({ "query": query, "cache": false, "databases": [actor.databases[0]] });
        let data = api.call("POST", "/api/v1/search").bearer(key).json(&body).send().await.expect(200);
        let id: SearchId = data["searchId"].as_str().unwrap().parse().unwrap();
        let at = id.began().unwrap();
        events.push(SearchEvent {
            id,
            key: Some(actor.key),
            databases: vec![actor.databases[0]],
            matches: data["totalCount"].as_u64().unwrap(),
            returned: data["results"].as_array().unwrap().len() as u64,
            duration_ms: data["executionTime"].as_u64().unwrap(),
            ..event(actor.owner, at, query)
        });
    }
    for batch in Batch::all(events.iter().map(|event| EventKey { owner: event.owner, at: event.at, id: event.id })) {
        api.service.app.analytics.roll_up(&batch).await.unwrap();
    }
    events
}

fn ranges(first: Timestamp) -> [Range; 3] {
    let day = |number: u64| first.plus(24 * HOUR * u32::try_from(number).unwrap()).day();
    let range = |query: &str, from: u64, to: u64| {
        let query = query.replace("FIRST", &day(from)).replace("LAST", &day(to));
        Range { query, first: day(from), last: day(to), days: to - from + 1 }
    };
    [
        range("period=month", 0, DAYS - 1),
        range("period=week", DAYS - 7, DAYS - 1),
        range("startDate=FIRST&endDate=LAST&period=day", 5, 12),
    ]
}

impl Range {
    fn of<'a>(&self, events: &[&'a SearchEvent]) -> Vec<&'a SearchEvent> {
        let is_within = |event: &SearchEvent| {
            let day = event.at.day();
            self.first <= day && day <= self.last
        };
        events.iter().copied().filter(|event| is_within(event)).collect()
    }
}

async fn get(user: &TestUser<'_>, path: &str, query: &str) -> Value {
    user.call("GET", &format!("/api/v1/analytics/{path}?{query}")).send().await.expect(200)
}

/// That every field of what is expected was told so; what is told besides is compared elsewhere.
#[track_caller]
fn assert_within(told: &Value, expected: &Value) {
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&told[field], value, "{field} of {told:#}");
    }
}

async fn check_account(user: &TestUser<'_>, actor: &Actor, range: &Range, searches: &[&SearchEvent]) {
    check_usage(user, actor, range, searches).await;
    let performance = check_performance(user, actor, range, searches).await;
    let asked = expected::asked(searches);
    let popular = get(user, "popular-queries", &format!("{}&limit=100", range.query)).await;
    let rows: Vec<Value> = asked.iter().take(100).map(expected::popular_row).collect();
    for (told, row) in popular.as_array().unwrap().iter().zip(&rows) {
        assert_eq!(told, row);
    }
    assert_eq!(popular.as_array().unwrap().len(), rows.len());
    let trends = check_trends(user, range, searches, &asked).await;
    check_history(user, actor, range, searches).await;

    let dashboard = get(user, "dashboard", &range.query).await;
    assert_eq!((&dashboard["performance"], &dashboard["trends"]), (&performance, &trends));
    assert_eq!(dashboard["popularQueries"], json!(rows[..10]));
    let usage = expected::usage(searches);
    assert_eq!(dashboard["totalSearches"], usage["totalRequests"]);
    assert_eq!(dashboard["successfulSearches"], usage["successfulRequests"]);
    assert_eq!(dashboard["averageResponseTime"], usage["averageResponseTime"]);
    let summary = &dashboard["summary"];
    assert_eq!((&summary["topQuery"], &summary["databasesSearched"]), (&json!(asked[0].text), &json!(3)));
    assert_eq!(summary["feedback"], expected::feedback(searches));
    assert_eq!(summary["cacheHitRate"], performance["summary"]["cacheHitRate"]);
    for mode in expected::modes(searches) {
        assert_eq!(summary["queryDistribution"][mode["search_mode"].as_str().unwrap()], mode["count"]);
    }
}

async fn check_usage(user: &TestUser<'_>, actor: &Actor, range: &Range, searches: &[&SearchEvent]) {
    let usage = get(user, "usage", &range.query).await;
    assert_within(&usage, &expected::usage(searches));
    let by_day: Vec<Value> = expected::by_day(searches)
        .iter()
        .map(|(date, searches)| json!({ "date": date, "requests": searches.len() }))
        .collect();
    assert_eq!(usage["requestsByDay"], json!(by_day));
    let with_key = expected::count(searches, |search| search.key.is_some());
    assert_eq!(usage["requestsByKey"], json!([{ "keyId": actor.key, "requests": with_key }]));
}

async fn check_performance(user: &TestUser<'_>, actor: &Actor, range: &Range, searches: &[&SearchEvent]) -> Value {
    let performance = get(user, "performance", &range.query).await;
    let days = expected::by_day(searches);
    let rows = performance["timeSeriesData"].as_array().unwrap();
    assert_eq!(rows.len(), days.len());
    for (row, (date, searches)) in rows.iter().zip(&days) {
        assert_within(row, &expected::performance_row(date, searches));
        for (field, share) in [("p50_response_time", 50), ("p95_response_time", 95), ("p99_response_time", 99)] {
            expected::check_percentile(&row[field], searches, share);
        }
    }
    assert_within(&performance["summary"], &expected::performance_summary(searches, range.days));
    for (field, share) in [("p50", 50), ("p95", 95), ("p99", 99)] {
        expected::check_percentile(&performance["summary"][field], searches, share);
        assert_eq!(performance[field], performance["summary"][field]);
    }
    assert_eq!(performance["searchModeDistribution"], json!(expected::modes(searches)));
    // How long the first took over HTTP is nowhere in the script.
    for id in &actor.databases[1..] {
        let of_one = get(user, "performance", &format!("{}&databases[]={id}", range.query)).await;
        let expected = expected::database(searches, *id);
        assert_eq!(of_one["databaseDistribution"], json!([expected]));
        assert!(performance["databaseDistribution"].as_array().unwrap().contains(&expected));
        assert_eq!(
            (&of_one["summary"]["totalQueries"], &of_one["errorRate"]),
            (&expected["count"], &expected["error_rate"])
        );
        assert_eq!((&of_one["summary"]["averageResponseTime"], &of_one["p95"]), (&expected["avg_time"], &Value::Null));
    }
    performance
}

async fn check_trends(user: &TestUser<'_>, range: &Range, searches: &[&SearchEvent], asked: &[Asked<'_>]) -> Value {
    let trends = get(user, "trends", &range.query).await;
    let top = &asked[..10];
    assert_eq!(trends["topQueries"], json!(top.iter().map(|asked| &asked.text).collect::<Vec<_>>()));
    let patterns: Vec<Value> =
        top.iter().map(|asked| json!({ "query": asked.text, "count": asked.searches.len() })).collect();
    assert_eq!((&trends["searchPatterns"], &trends["complete"]), (&json!(patterns), &json!(true)));
    assert_eq!((&trends["startDate"], &trends["endDate"]), (&json!(range.first), &json!(range.last)));
    assert_eq!(trends["queryVolume"], searches.len());
    assert_eq!(trends["avgResponseTime"], expected::mean(searches, |search| search.duration_ms));
    let daily: Vec<Value> = expected::by_day(searches)
        .iter()
        .map(|(date, searches)| json!({ "date": date, "queries": searches.len() }))
        .collect();
    assert_eq!(trends["dailyBreakdown"], json!(daily));
    assert_eq!(get(user, "search-trends", &range.query).await, json!([trends]));
    trends
}

async fn check_history(user: &TestUser<'_>, actor: &Actor, range: &Range, searches: &[&SearchEvent]) {
    let ids = newest_first(searches);
    for (offset, limit) in [(0, 100), (137, 1_000), (ids.len() - 5, 10)] {
        let history = get(user, "search-history", &format!("{}&offset={offset}&limit={limit}", range.query)).await;
        let told: Vec<String> = ids_of(&history["items"]);
        assert_eq!(
            (history["total"].as_u64(), &told[..]),
            (Some(ids.len() as u64), &ids[offset..ids.len().min(offset + limit)])
        );
    }
    let database = actor.databases[2];
    let of_one: Vec<&SearchEvent> = searches
        .iter()
        .copied()
        .filter(|search| search.databases.contains(&database) || search.failed.contains(&database))
        .collect();
    let history = get(user, "history", &format!("{}&database={database}&limit=1000", range.query)).await;
    let expected = newest_first(&of_one);
    assert_eq!(ids_of(&history), expected[..expected.len().min(1_000)]);
}

fn newest_first(searches: &[&SearchEvent]) -> Vec<String> {
    let mut places: Vec<(Timestamp, String)> =
        searches.iter().map(|search| (search.at, search.id.to_string())).collect();
    places.sort_unstable();
    places.into_iter().rev().map(|(_, id)| id).collect()
}

fn ids_of(items: &Value) -> Vec<String> {
    items.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn check_export(user: &TestUser<'_>, range: &Range, searches: &[&SearchEvent]) {
    let (mut ids, mut query) = (Vec::new(), range.query.clone());
    loop {
        let part = get(user, "export", &query).await;
        ids.extend(ids_of(&part["items"]));
        let Some(cursor) = part["nextCursor"].as_str() else { break };
        query = format!("cursor={cursor}");
    }
    assert_eq!(ids, newest_first(searches));
}

/// The last week against the week before: what the script has made rise, and what it has let go.
async fn check_insights(user: &TestUser<'_>, week: &[&SearchEvent]) {
    let insights = get(user, "insights", "period=week&limit=100").await;
    let of = |query: &str| {
        let is_of =
            |insight: &&Value| insight["data"]["query"].as_str().is_some_and(|text| text.eq_ignore_ascii_case(query));
        insights.as_array().unwrap().iter().find(is_of).map(|insight| insight["data"].clone())
    };
    let asked = expected::asked(week);
    let coats = asked.iter().find(|asked| asked.text == "Winter  Coat").unwrap();
    if coats.searches.len() >= 12 {
        let rising = of("Winter  Coat").unwrap_or_else(|| panic!("{insights:#}"));
        assert_eq!((&rising["searches"], &rising["previousSearches"]), (&json!(coats.searches.len()), &json!(0)));
    }
    for insight in insights.as_array().unwrap().iter().filter(|insight| insight["category"] == "zero-results") {
        let data = &insight["data"];
        let asked = asked.iter().find(|asked| data["query"] == asked.text).unwrap();
        assert_eq!(data["searches"], asked.searches.len());
        assert_eq!(data["emptySearches"], expected::count(&asked.searches, expected::is_empty));
    }
}

async fn check_system(admin: &TestUser<'_>, users: &[TestUser<'_>], range: &Range, searches: &[&SearchEvent]) {
    let days = expected::by_day(searches);
    let overview = get(admin, "admin/system-overview", &range.query).await;
    assert_within(
        &overview["summary"],
        &json!({
            "active_users": 4,
            "total_queries": searches.len(),
            "avg_response_time": expected::mean(searches, |search| search.duration_ms),
            "avg_results": expected::mean(searches, |search| search.matches),
        }),
    );
    let metrics = get(admin, "admin/performance-metrics", &range.query).await;
    for ((date, searches), (volume, row)) in days
        .iter()
        .zip(overview["queryVolume"].as_array().unwrap().iter().zip(metrics["timeSeriesData"].as_array().unwrap()))
    {
        let mut owners: Vec<_> = searches.iter().map(|search| search.owner).collect();
        owners.sort_unstable();
        owners.dedup();
        let expected = json!({ "date": date, "query_count": searches.len(), "active_users": owners.len() });
        assert_eq!(volume, &expected);
        assert_within(row, &expected);
        let row_of_day = expected::performance_row(date, searches);
        assert_eq!(
            (&row["avg_response_time"], &row["max_response_time"]),
            (&row_of_day["avg_response_time"], &row_of_day["max_response_time"])
        );
        expected::check_percentile(&row["p95_response_time"], searches, 95);
    }
    assert_eq!(overview["queryVolume"].as_array().unwrap().len(), days.len());
    let summary = expected::performance_summary(searches, range.days);
    for field in ["totalQueries", "averageResponseTime", "peakResponseTime", "errorRate", "cacheHitRate", "throughput"]
    {
        assert_eq!(metrics["summary"][field], summary[field], "{field}");
    }
    check_slowest(&metrics["slowestQueries"], users, searches);
    check_activity(admin, users, range, searches).await;
}

fn check_slowest(told: &Value, users: &[TestUser<'_>], searches: &[&SearchEvent]) {
    let mut slowest: Vec<&SearchEvent> = searches.to_vec();
    slowest.sort_by_key(|search| std::cmp::Reverse((search.duration_ms, search.at)));
    let email =
        |search: &SearchEvent| users.iter().find(|user| user.id == search.owner.to_string()).map(|user| &user.email);
    let row = |search: &&SearchEvent| {
        json!({
            "query_text": search.query, "execution_time_ms": search.duration_ms, "result_count": search.matches,
            "created_at": search.at, "user_email": email(search),
        })
    };
    assert_eq!(told, &json!(slowest.iter().take(10).map(row).collect::<Vec<_>>()));
}

async fn check_activity(admin: &TestUser<'_>, users: &[TestUser<'_>], range: &Range, searches: &[&SearchEvent]) {
    let activity = get(admin, "admin/user-activity", &range.query).await;
    let told = activity.as_array().unwrap();
    assert_eq!(told.len(), users.len());
    assert!(told.is_sorted_by_key(|row| std::cmp::Reverse(row["query_count"].as_u64())));
    for row in told {
        let user = users.iter().find(|user| row["id"] == user.id).unwrap();
        let own: Vec<&SearchEvent> =
            searches.iter().copied().filter(|search| search.owner.to_string() == user.id).collect();
        assert_within(
            row,
            &json!({
                "email": user.email,
                "query_count": own.len(),
                "avg_response_time": expected::mean(&own, |search| search.duration_ms),
                "last_query": own.iter().map(|search| search.at).max(),
            }),
        );
    }
}
