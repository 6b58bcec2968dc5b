//! Answers that are kept for five minutes.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{TestApi, TestUser};

use crate::{articles, mysql};

/// Searches, and says whether the answer had been kept.
async fn search(user: &TestUser<'_>, body: &Value) -> (bool, Value) {
    let answer = user.call("POST", "/api/v1/search").json(body).send().await;
    assert!(answer.body["meta"]["cached"].is_boolean(), "{:#}", answer.body);
    (answer.body["meta"]["cached"] == true, answer.expect(200))
}

#[tokio::test]
async fn the_same_question_is_answered_once_in_five_minutes() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    for body in [json!({ "query": "zebra" }), json!({ "query": "zebra", "databases": [id], "limit": 1 })] {
        let (first_cached, first) = search(&user, &body).await;
        let opened = schema.opened().await;
        api.advance(Duration::from_mins(4));
        let (second_cached, second) = search(&user, &body).await;
        assert_eq!((first_cached, second_cached), (false, true));
        assert_eq!(schema.opened().await, opened, "nobody asked the database");
        for field in
            ["results", "totalCount", "databases", "page", "limit", "partial", "categories", "queryOptimization"]
        {
            assert_eq!(first[field], second[field], "{field}");
        }
        assert_ne!(first["searchId"], second["searchId"]);
        assert_eq!(first.as_object().unwrap().len(), second.as_object().unwrap().len());
        // The table still has it, but it is too old.
        api.advance(Duration::from_secs(61));
        assert!(!search(&user, &body).await.0);
    }
}

#[tokio::test]
async fn a_kept_answer_counts_as_a_search_and_is_in_the_history() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let (_, data) = search(&user, &json!({ "query": "zebra", "databases": [id] })).await;
        ids.insert(0, data["searchId"].clone());
        api.advance(Duration::from_millis(10));
    }
    let history = user.call("GET", "/api/v1/search/history").send().await.expect(200);
    let told: Vec<Value> = history.as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
    assert_eq!(told, ids);
    for (item, cached) in history.as_array().unwrap().iter().zip([true, true, false]) {
        assert_eq!(
            (&item["cached"], &item["resultCount"], &item["outcome"]),
            (&json!(cached), &json!(2), &json!("complete"))
        );
        assert_eq!(item["databases"], json!([id]));
    }
}

#[tokio::test]
async fn a_connection_that_is_changed_added_switched_off_or_removed_is_asked_anew_or_not_at_all() {
    // Where no database is named, what was kept is that of one process (ARCHITECTURE.md, "One search").
    let (api, schema, other) = (TestApi::start().await, articles().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let path = format!("/api/v1/databases/{id}");
    let bodies = [json!({ "query": "zebra" }), json!({ "query": "zebra", "databases": [id] })];
    for change in ["nothing", "rename", "add"] {
        match change {
            "rename" => drop(user.call("PUT", &path).json(&json!({ "name": "Another" })).send().await.expect(200)),
            "add" => drop(user.connect(&other).await),
            _ => {}
        }
        let (cached, data) = search(&user, &bodies[0]).await;
        assert_eq!((cached, &data["totalCount"]), (false, &json!(if change == "add" { 4 } else { 2 })), "{change}");
        assert!(search(&user, &bodies[0]).await.0, "{change}");
        // A new connection changes nothing where databases are named.
        assert_eq!(search(&user, &bodies[1]).await.0, change == "add", "{change}");
    }
    user.call("PUT", &path).json(&json!({ "isActive": false })).send().await.expect(200);
    let named = user.call("POST", "/api/v1/search").json(&bodies[1]).send().await;
    named.expect_error(404, "NOT_FOUND");
    assert_eq!(search(&user, &bodies[0]).await.1["totalCount"], 2);
    user.call("PUT", &path).json(&json!({ "isActive": true })).send().await.expect(200);
    assert_eq!(search(&user, &bodies[0]).await.1["totalCount"], 4);
    user.call("DELETE", &path).send().await.expect(200);
    let named = user.call("POST", "/api/v1/search").json(&bodies[1]).send().await;
    named.expect_error(404, "NOT_FOUND");
    assert_eq!(search(&user, &bodies[0]).await.1["totalCount"], 2);
}

#[tokio::test]
async fn nobody_gets_what_was_kept_for_another() {
    // Where no database is named, what was kept is that of one process (ARCHITECTURE.md, "One search").
    let (api, schema) = (TestApi::start().await, articles().await);
    let (ursula, eve) = (api.register("ursula").await, api.register("eve").await);
    let id = ursula.connect(&schema).await;
    let bodies = [json!({ "query": "zebra" }), json!({ "query": "zebra", "databases": [id] })];
    for body in &bodies {
        search(&ursula, body).await;
        assert!(search(&ursula, body).await.0);
    }
    let (cached, data) = search(&eve, &bodies[0]).await;
    assert_eq!((cached, &data["results"]), (false, &json!([])));
    eve.call("POST", "/api/v1/search").json(&bodies[1]).send().await.expect_error(404, "NOT_FOUND");
    // Nor where both have the same database.
    eve.connect(&schema).await;
    assert!(!search(&eve, &bodies[0]).await.0);
}

#[tokio::test]
async fn who_wants_a_new_answer_gets_one_and_the_next_gets_that() {
    // Where no database is named, what was kept is that of one process (ARCHITECTURE.md, "One search").
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let body = json!({ "query": "zebra" });
    let with_header = |value: &'static str| {
        let call = user.call("POST", "/api/v1/search").header("cache-control", value).json(&body);
        async move { call.send().await }
    };
    search(&user, &body).await;
    schema.run("INSERT INTO articles (title, body) VALUES ('A third zebra', 'more')").await;
    assert_eq!(search(&user, &body).await.1["totalCount"], 2, "kept");
    let unkept = with_header("max-age=0, No-Store").await;
    assert_eq!((&unkept.body["meta"]["cached"], &unkept.body["data"]["totalCount"]), (&json!(false), &json!(3)));
    assert_eq!(search(&user, &body).await.1["totalCount"], 2, "what may not be kept was not");
    let new = with_header("no-cache").await;
    assert_eq!((&new.body["meta"]["cached"], &new.body["data"]["totalCount"]), (&json!(false), &json!(3)));
    let (cached, data) = search(&user, &body).await;
    assert_eq!((cached, &data["totalCount"]), (true, &json!(3)));
    schema.run("INSERT INTO articles (title, body) VALUES ('A fourth zebra', 'more')").await;
    assert_eq!(user.search(&body).await["totalCount"], 4);
    assert_eq!(search(&user, &body).await.1["totalCount"], 3, "`cache: false` takes no part in it");
}

#[tokio::test]
async fn what_is_partial_is_not_kept() {
    let (api, good, mut bad) = (TestApi::start().await, articles().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&good).await;
    user.connect(&bad).await;
    let name = bad.name.clone();
    bad.run(&format!("ALTER USER '{name}'@'127.0.0.1' IDENTIFIED BY 'another'")).await;
    for _ in 0..2 {
        let (cached, data) = search(&user, &json!({ "query": "zebra" })).await;
        assert_eq!((cached, &data["partial"]), (false, &json!(true)));
    }
}

#[tokio::test]
async fn an_answer_that_no_item_has_room_for_is_not_kept() {
    let api = TestApi::start().await;
    let mut schema = mysql()
        .schema(&[
            "CREATE TABLE papers (id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(200), body TEXT, FULLTEXT (title))",
        ])
        .await;
    let noise = || (0..400).map(|_| shared::id::RequestId::fresh().to_string()).collect::<String>();
    for _ in 0..60 {
        schema.run(&format!("INSERT INTO papers (title, body) VALUES ('A zebra', '{}')", noise())).await;
    }
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    for (limit, kept) in [(60, false), (5, true)] {
        let body = json!({ "query": "zebra", "limit": limit, "databases": [id] });
        let (_, data) = search(&user, &body).await;
        assert_eq!(data["results"].as_array().unwrap().len(), limit);
        assert_eq!(search(&user, &body).await.0, kept, "{limit}");
    }
}

#[tokio::test]
async fn what_was_kept_is_destroyed_with_the_connection_and_with_the_account() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let table = &api.service.app.table;
    let kept = async || {
        let found = table.client.scan().table_name(&table.name).send().await.unwrap();
        found.items().iter().filter(|item| item["pk"].as_s().is_ok_and(|pk| pk.ends_with("#C"))).count()
    };
    let body = json!({ "query": "zebra" });
    let id = user.connect(&schema).await;
    search(&user, &body).await;
    assert_eq!(kept().await, 1);
    let path = format!("/api/v1/databases/{id}");
    user.call("PUT", &path).json(&json!({ "name": "Renamed" })).send().await.expect(200);
    assert_eq!(kept().await, 0);
    search(&user, &body).await;
    user.call("DELETE", &path).send().await.expect(200);
    assert_eq!(kept().await, 0);
    user.connect(&schema).await;
    search(&user, &body).await;
    assert_eq!(kept().await, 1);
    user.call("DELETE", "/api/v1/auth/account").send().await.expect(200);
    assert_eq!(kept().await, 0);
}
