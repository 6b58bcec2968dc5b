//! What is one's own is nobody else's.

use serde_json::json;
use tests::TestApi;

use crate::articles;

#[tokio::test]
async fn a_stranger_finds_nothing_that_is_not_theirs() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let (owner, stranger) = (api.register("ursula").await, api.register("eve").await);
    let id = owner.connect(&schema).await;
    let (_, key) = owner.create_key(&["search"]).await;
    let (strangers_key, _) = stranger.create_key(&["search", "admin"]).await;

    let opened_before = schema.opened().await;
    for token in [&stranger.token, &strangers_key] {
        for (method, path) in [
            ("GET", id.clone()),
            ("DELETE", id.clone()),
            ("PUT", id.clone()),
            ("GET", format!("{id}/schema")),
            ("GET", format!("{id}/status")),
            ("GET", format!("{id}/schema?includeData=true")),
            ("GET", format!("{id}/advice")),
            ("POST", format!("{id}/test")),
        ] {
            let call = api.call(method, &format!("/api/v1/databases/{path}")).bearer(token);
            call.send().await.expect_error(404, "CONNECTION_NOT_FOUND");
        }
        let body = json!({ "query": "zebra", "databases": [id] });
        api.call("POST", "/api/v1/search").bearer(token).json(&body).send().await.expect_error(404, "NOT_FOUND");
    }
    for (method, path) in [("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/usage"), ("POST", "/regenerate")] {
        let path = format!("/api/v1/keys/{key}{path}");
        stranger.call(method, &path).send().await.expect_error(404, "API_KEY_NOT_FOUND");
        api.call(method, &path).send().await.expect_error(401, "NO_TOKEN");
        api.call(method, &path).bearer(&strangers_key).send().await.expect_error(401, "INVALID_TOKEN");
    }
    assert_eq!(schema.opened().await, opened_before, "nobody connected to a stranger's database");
    assert_eq!(stranger.search(&json!({ "query": "zebra" })).await["totalCount"], 0);
    assert_eq!(owner.search(&json!({ "query": "zebra" })).await["totalCount"], 2);
}

#[tokio::test]
async fn an_unknown_and_a_foreign_id_get_the_same_answer() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (owner, stranger) = (api.register("ursula").await, api.register("eve").await);
    let foreign = owner.connect(&schema).await;
    let mut errors = Vec::new();
    for id in [foreign.as_str(), "00000000-0000-4000-8000-000000000000", "no-id", "a%20b", "%00"] {
        let answer = stranger.call("GET", &format!("/api/v1/databases/{id}")).send().await;
        errors.push(answer.body["error"].clone());
        answer.expect_error(404, "CONNECTION_NOT_FOUND");
    }
    assert!(errors.windows(2).all(|pair| pair[0] == pair[1]), "{errors:#?}");
}
