//! What figures say, with the numbers that say it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use shared::analytics::{SearchEvent, Times};
use shared::clock::Timestamp;
use shared::id::{DatabaseId, UserId};
use tests::{TestApi, TestUser};

use super::events::{before, event, record};
use crate::mysql;

/// So many searches for the same, a minute after the other.
pub fn times(count: u64, owner: UserId, from: Timestamp, query: &str) -> impl Iterator<Item = SearchEvent> {
    let minutes = (0..count).map(move |minute| from.plus(Duration::from_secs(minute)));
    minutes.map(move |at| event(owner, at, query))
}

/// Those of a category, in the last week.
pub async fn insights(user: &TestUser<'_>, category: &str) -> Vec<Value> {
    let path = format!("/api/v1/analytics/insights?period=week&limit=100&categories[]={category}");
    user.call("GET", &path).send().await.expect(200).as_array().unwrap().clone()
}

#[tokio::test]
async fn a_query_that_is_asked_more_than_before_is_told_and_one_that_only_seems_so_is_not() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let owner = user.id.parse().unwrap();
    let (now, then) = (before(api.now(), 1, 0), before(api.now(), 8, 0));
    let mut events = Vec::new();
    for (query, count_now, count_then) in
        [("winter coat", 40, 10), ("summer hat", 2, 30), ("boots", 60, 55), ("scarf", 4, 1), ("gloves", 80, 84)]
    {
        events.extend(times(count_now, owner, now, query));
        events.extend(times(count_then, owner, then, query));
    }
    record(&api, &events).await;
    let found = insights(&user, "trends").await;
    let told: Vec<_> = found.iter().map(|one| (&one["data"]["query"], &one["data"]["direction"])).collect();
    assert_eq!(
        told,
        [(&json!("winter coat"), &json!("rising")), (&json!("summer hat"), &json!("falling"))],
        "{found:#?}"
    );
    assert_eq!(found[0]["type"], "trend_analysis");
    let data = &found[0]["data"];
    assert_eq!(
        (&data["searches"], &data["previousSearches"], &data["changePercent"]),
        (&json!(40), &json!(10), &json!(300.0))
    );
    assert!(found.iter().all(|one| one["confidence"].as_f64() >= Some(0.99)), "{found:#?}");
    assert!(found.iter().all(|one| one["action"].as_str().is_some_and(|action| action.len() > 20)));
}

#[tokio::test]
async fn a_query_that_finds_nothing_is_told_with_the_nearest_that_does() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (owner, now) = (user.id.parse().unwrap(), before(api.now(), 1, 0));
    let nothing = |event: SearchEvent| SearchEvent { matches: 0, returned: 0, ..event };
    let mut events: Vec<_> = times(9, owner, now, "wireless headphones").collect();
    events.extend(times(20, owner, now, "zebra"));
    events.extend(times(4, owner, now, "wireles hedphones").map(nothing));
    events.extend(times(3, owner, now, "xylophone").map(nothing));
    events.extend(times(2, owner, now, "too rare").map(nothing));
    events.extend(times(3, owner, now, "sometimes").chain(times(2, owner, now, "sometimes").map(nothing)));
    record(&api, &events).await;
    let found = insights(&user, "zero-results").await;
    let told: Vec<_> = found
        .iter()
        .map(|one| (&one["data"]["query"], &one["data"]["emptySearches"], &one["data"]["nearest"]["query"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("wireles hedphones"), &json!(4), &json!("wireless headphones")),
            (&json!("xylophone"), &json!(3), &Value::Null),
        ]
    );
    assert_eq!(found[0]["data"]["nearest"]["averageResults"], 1.0);
}

#[tokio::test]
async fn databases_that_fail_or_are_slow_and_indexes_that_are_missing_are_told_and_nothing_is_connected_to() {
    let api = TestApi::start().await;
    let mut schema = mysql()
        .schema(&[
            "CREATE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT, body TEXT)",
            "CREATE TABLE pages (id INT PRIMARY KEY AUTO_INCREMENT, body TEXT, FULLTEXT (body))",
        ])
        .await;
    let user = api.register("ursula").await;
    let id: DatabaseId = user.connect(&schema).await.parse().unwrap();
    let (owner, now) = (user.id.parse().unwrap(), before(api.now(), 1, 0));
    let slow = |event| SearchEvent {
        databases: vec![id],
        times: Times { databases: BTreeMap::from([(id, 3_000)]), ..Times::default() },
        ..event
    };
    let mut events: Vec<_> = times(30, owner, now, "the go zebra").map(slow).collect();
    events.extend(times(10, owner, now, "zebra").map(|event| SearchEvent { failed: vec![id], ..event }));
    record(&api, &events).await;

    let opened = schema.opened().await;
    let [failing] = insights(&user, "reliability").await.try_into().unwrap();
    assert_eq!((&failing["data"]["failed"], &failing["data"]["searches"]), (&json!(10), &json!(40)));
    assert_eq!((&failing["data"]["failureRate"], &failing["impact"]), (&json!(0.25), &json!("high")));
    let [slow] = insights(&user, "performance").await.try_into().unwrap();
    assert_eq!((&slow["data"]["averageResponseTime"], &slow["data"]["timedSearches"]), (&json!(3_000.0), &json!(30)));
    assert_eq!(slow["data"]["table"], "notes");
    let [missing] = insights(&user, "indexes").await.try_into().unwrap();
    assert_eq!((&missing["data"]["advice"], &missing["data"]["table"]), (&json!("missing_index"), &json!("notes")));
    assert!(missing["data"]["query"].as_str().unwrap().contains("ADD FULLTEXT"), "{missing:#}");
    let words = insights(&user, "vocabulary").await;
    let told: Vec<_> = words.iter().map(|one| (&one["data"]["words"], &one["data"]["searches"])).collect();
    assert_eq!(
        told,
        [
            (&json!([{ "word": "go", "searches": 30 }]), &json!(30)),
            (&json!([{ "word": "the", "searches": 30 }]), &json!(30)),
        ],
        "{words:#?}"
    );
    assert_eq!(schema.opened().await, opened, "insights connect to nothing");
}

#[tokio::test]
async fn a_database_that_fails_now_and_then_is_not_told() {
    let (api, schema) = (TestApi::start().await, crate::articles().await);
    let user = api.register("ursula").await;
    let id: DatabaseId = user.connect(&schema).await.parse().unwrap();
    let (owner, now) = (user.id.parse().unwrap(), before(api.now(), 1, 0));
    let mut events: Vec<_> =
        times(80, owner, now, "zebra").map(|event| SearchEvent { databases: vec![id], ..event }).collect();
    events.extend(times(2, owner, now, "zebra").map(|event| SearchEvent { failed: vec![id], ..event }));
    record(&api, &events).await;
    assert_eq!(insights(&user, "reliability").await, Vec::<Value>::new());
    assert_eq!(insights(&user, "performance").await, Vec::<Value>::new());
}
