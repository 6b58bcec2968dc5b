//! The history as a file.

use std::time::Duration;

use serde_json::{Value, json};
use shared::analytics::SearchEvent;
use tests::TestApi;

use super::events::{before, event, record};

const EXPORT: &str = "/api/v1/analytics/export";

#[tokio::test]
async fn the_parts_of_a_csv_one_after_the_other_are_the_history() {
    let api = TestApi::start().await;
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    let (now, owner) = (before(api.now(), 1, 0), user.id.parse().unwrap());
    let queries = ["zebra", "=1+1", "+x", "-x", "@x", "'tis", "a,\"b\"", "two\nlines", "\tx", "日本", "＝1"];
    let search = |(place, query): (usize, &&str)| event(owner, now.plus(Duration::from_millis(place as u64)), query);
    let events: Vec<SearchEvent> = queries.iter().enumerate().map(search).collect();
    record(&api, &events).await;
    record(&api, &[event(other.id.parse().unwrap(), now, "not yours")]).await;

    let (mut csv, mut path, mut parts) = (String::new(), format!("{EXPORT}?format=csv&limit=4"), 0);
    loop {
        let (status, headers, text) = user.call("GET", &path).download().await;
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(status, 200, "{text}");
        let is_first = parts == 0;
        let kind = format!("text/csv; charset=utf-8; header={}", if is_first { "present" } else { "absent" });
        assert_eq!(header("content-type"), Some(kind));
        assert!(header("content-disposition").unwrap().ends_with(".csv\""));
        assert!(header("x-request-id").is_some() && header("x-ratelimit-remaining").is_some());
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
        csv.push_str(&text);
        parts += 1;
        let Some(next) = header("link") else { break assert_eq!(header("x-next-cursor"), None) };
        path = next.trim_start_matches('<').split_once('>').unwrap().0.to_owned();
        assert!(path.ends_with(&header("x-next-cursor").unwrap()));
    }
    assert_eq!(parts, 3);
    let cells: Vec<&str> =
        ["日本", "'＝1", "'\tx", "\"two\nlines\"", "\"a,\"\"b\"\"\"", "''tis", "'@x", "'-x", "'+x", "'=1+1", "zebra"]
            .to_vec();
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 12, "{csv}");
    assert!(lines[0].starts_with("id,timestamp,query,search_mode,databases,"));
    for cell in cells {
        assert!(lines.iter().any(|line| line.contains(&format!(",{cell},natural,"))), "{cell}: {csv}");
    }
    let newest = events.last().unwrap();
    assert_eq!(lines[1], format!("{},{},'＝1,natural,,,1,1,10,complete,false,,0,", newest.id, newest.at));
}

#[tokio::test]
async fn json_has_the_same_in_the_envelope_and_a_cursor_keeps_its_days() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (now, owner) = (api.now(), user.id.parse().unwrap());
    let events: Vec<_> = (0..7).map(|days| event(owner, before(now, days, 0), &format!("day {days}"))).collect();
    record(&api, &events).await;
    let first = user.call("GET", &format!("{EXPORT}?period=week&limit=5")).send().await.expect(200);
    let cursor = first["nextCursor"].as_str().unwrap().to_owned();
    // A day later the week is another one, but not that of this export; and what was searched meanwhile is not in it.
    api.advance(Duration::from_hours(24));
    record(&api, &[event(owner, api.now(), "later")]).await;
    let second = user.call("GET", &format!("{EXPORT}?period=day&cursor={cursor}")).send().await.expect(200);
    let told = [&first, &second].map(|part| part["items"].as_array().unwrap().clone()).concat();
    let queries: Vec<&Value> = told.iter().map(|item| &item["query"]).collect();
    let expected: Vec<Value> = (0..7).map(|days| json!(format!("day {days}"))).collect();
    assert_eq!(queries, expected.iter().collect::<Vec<_>>());
    assert_eq!((&second["nextCursor"], &told[0]["clicks"], &told[0]["keyId"]), (&Value::Null, &json!(0), &Value::Null));
}

#[tokio::test]
async fn what_is_no_cursor_or_form_is_refused_and_a_cursor_of_another_account_shows_only_ones_own() {
    let api = TestApi::start().await;
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    let owner = user.id.parse().unwrap();
    record(&api, &[event(owner, api.now(), "mine"), event(owner, before(api.now(), 0, 1), "mine too")]).await;
    for (query, field) in [
        ("format=xml", "format"),
        ("cursor=x", "cursor"),
        ("cursor=eyJmaXJzdCI6MX0", "cursor"),
        ("limit=1001", "limit"),
    ] {
        let answer = user.call("GET", &format!("{EXPORT}?{query}")).send().await;
        assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], field, "{query}");
    }
    let first = user.call("GET", &format!("{EXPORT}?limit=1")).send().await.expect(200);
    let cursor = first["nextCursor"].as_str().unwrap();
    let stolen = other.call("GET", &format!("{EXPORT}?cursor={cursor}")).send().await.expect(200);
    assert_eq!(stolen, json!({ "items": [], "nextCursor": null }));
}

#[tokio::test]
async fn a_part_of_the_largest_searches_fits_through_the_gateway() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (now, owner) = (before(api.now(), 1, 0), user.id.parse().unwrap());
    let databases: Vec<shared::id::DatabaseId> = (0..100).map(|_| shared::id::DatabaseId::fresh()).collect();
    let large = |place: u64| SearchEvent {
        databases: databases.clone(),
        failed: databases.clone(),
        ..event(owner, now.plus(Duration::from_millis(place)), &"\"".repeat(2_000))
    };
    let events: Vec<_> = (0..400).map(large).collect();
    let analytics = &api.service.app.analytics;
    for event in &events {
        analytics.record(event).await;
    }
    for format in ["json", "csv"] {
        let (mut count, mut path) = (0, format!("{EXPORT}?format={format}"));
        loop {
            let (status, headers, text) = user.call("GET", &path).download().await;
            assert_eq!(status, 200, "{text}");
            // As the function hands it to the gateway: a string in JSON.
            let bytes = serde_json::to_string(&text).unwrap().len();
            assert!(bytes < 6_000_000, "{bytes}");
            let cursor = if format == "csv" {
                count += text.lines().filter(|line| !line.starts_with("id,")).count();
                headers.get("x-next-cursor").map(|cursor| cursor.to_str().unwrap().to_owned())
            } else {
                let body: Value = serde_json::from_str(&text).unwrap();
                count += body["data"]["items"].as_array().unwrap().len();
                body["data"]["nextCursor"].as_str().map(str::to_owned)
            };
            let Some(cursor) = cursor else { break };
            path = format!("{EXPORT}?format={format}&cursor={cursor}");
        }
        assert_eq!(count, 400, "{format}");
    }
}
