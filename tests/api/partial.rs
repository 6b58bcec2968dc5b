//! Searches of which some databases do not answer, or none.

use std::time::{Duration, Instant};

use local::proxy::Proxy;
use serde_json::{Value, json};
use tests::{Schema, TestApi, TestUser};

use crate::{articles, mysql};

/// What every database of these tests may take, in milliseconds.
const TIMEOUT_MS: u64 = 1_500;

#[tokio::test]
async fn one_dead_database_of_five_costs_its_time_and_nothing_of_the_others() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let mut schemas = Vec::new();
    for _ in 0..5 {
        schemas.push(articles().await);
    }
    for schema in &schemas[..4] {
        connect_in_time(&user, schema, None).await;
    }
    let (dead, proxy) = behind_a_proxy(&user, &schemas[4]).await;
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["partial"], false);

    proxy.hold();
    let began = Instant::now();
    let data = user.search(&json!({ "query": "zebra" })).await;
    let took = began.elapsed();
    // The others have waited longer than they may take themselves, and have given their rows all the same.
    assert_eq!((&data["totalCount"], data["results"].as_array().unwrap().len()), (&json!(8), 8), "{data:#}");
    assert_eq!((&data["partial"], data["databases"].as_array().unwrap().len()), (&json!(true), 4));
    let failed = &data["failedDatabases"];
    assert_eq!(
        (&failed[0]["database"], &failed[0]["code"], &failed[1]),
        (&json!(dead), &json!("timeout"), &Value::Null)
    );
    println!("one of five dead: {took:?} of {TIMEOUT_MS} ms");
    // 50 ms are enough on a machine that does nothing else; asking anew would take as long again.
    assert!(took < Duration::from_millis(TIMEOUT_MS + 1_000), "{took:?}");
    for database in data["databases"].as_array().unwrap() {
        assert!(database["executionTime"].as_u64().unwrap() < TIMEOUT_MS, "{database}");
    }
}

#[tokio::test]
async fn a_client_that_wants_all_or_nothing_gets_an_error_that_names_who_failed() {
    let (api, good, mut bad) = (TestApi::start().await, articles().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&good).await;
    let id = user.connect(&bad).await;
    let whole = json!({ "query": "zebra", "allowPartial": false });
    assert_eq!(user.search(&whole).await["totalCount"], 4);

    shut_out(&mut bad).await;
    let answer =
        user.call("POST", "/api/v1/search").json(&json!({ "query": "street", "allowPartial": false })).send().await;
    let details = answer.expect_error(504, "SEARCH_INCOMPLETE");
    assert_eq!(details["failedDatabases"][0]["database"], json!(id));
    assert_eq!(details["failedDatabases"][0]["code"], "auth");
    for partial in [json!({ "query": "street" }), json!({ "query": "street", "allowPartial": true })] {
        assert_eq!(user.search(&partial).await["partial"], true);
    }
    let wrong =
        user.call("POST", "/api/v1/search").json(&json!({ "query": "street", "allowPartial": "no" })).send().await;
    assert_eq!(wrong.expect_error(400, "VALIDATION_ERROR")["field"], "allowPartial");
}

#[tokio::test]
async fn every_search_is_in_the_history_with_what_came_of_it() {
    let (api, good, mut bad) = (TestApi::start().await, articles().await, articles().await);
    let user = api.register("ursula").await;
    user.search(&json!({ "query": "no databases" })).await;
    let working = user.connect(&good).await;
    let failing = user.connect(&bad).await;
    api.advance(Duration::from_millis(10));
    user.search(&json!({ "query": "complete nothing" })).await;
    shut_out(&mut bad).await;
    api.advance(Duration::from_millis(10));
    user.search(&json!({ "query": "partial zebra" })).await;
    for (query, body, status) in
        [("failed", json!({ "databases": [failing] }), 500), ("incomplete", json!({ "allowPartial": false }), 504)]
    {
        api.advance(Duration::from_millis(10));
        let mut body = body;
        body["query"] = json!(query);
        let answer = user.call("POST", "/api/v1/search").json(&body).send().await;
        assert_eq!(answer.status, status);
    }
    let history = user.call("GET", "/api/v1/search/history").send().await.expect(200);
    let told: Vec<Value> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|item| json!([item["query"], item["outcome"], item["databases"], item["failedDatabases"]]))
        .collect();
    let newest_first = user.search(&json!({ "query": "zebra" })).await["databases"].clone();
    assert_eq!(newest_first[0]["id"], json!(working));
    let expected = [
        json!(["incomplete", "failed", [], [failing]]),
        json!(["failed", "failed", [], [failing]]),
        json!(["partial zebra", "partial", [working], [failing]]),
    ];
    assert_eq!(told[..3], expected);
    assert_eq!((&told[3][0], &told[3][1]), (&json!("complete nothing"), &json!("complete")));
    assert_eq!(told[4], json!(["no databases", "complete", [], []]));
}

async fn shut_out(schema: &mut Schema) {
    let name = schema.name.clone();
    schema.run(&format!("ALTER USER '{name}'@'127.0.0.1' IDENTIFIED BY 'another'")).await;
}

#[expect(clippy::unwrap_used, reason = "what panics here is a failed test")]
async fn behind_a_proxy(user: &TestUser<'_>, schema: &Schema) -> (String, Proxy) {
    let proxy = Proxy::to(mysql().port()).await.unwrap();
    (connect_in_time(user, schema, Some(proxy.port())).await, proxy)
}

async fn connect_in_time(user: &TestUser<'_>, schema: &Schema, port: Option<u16>) -> String {
    let mut body = schema.connection();
    body["connectionOptions"] = json!({ "timeout": TIMEOUT_MS });
    if let Some(port) = port {
        body["port"] = json!(port);
    }
    let data = user.call("POST", "/api/v1/databases").json(&body).send().await.expect(201);
    data["id"].as_str().unwrap_or_default().to_owned()
}
