//! `/api/v1/analytics` and the history of searches.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "what panics here is a failed test")]

pub mod admin;
pub mod events;
mod export;
mod insights;
mod month;
mod ranges;
mod reads;
mod shapes;
mod wording;

use serde_json::json;
use tests::TestApi;

use crate::articles;

#[tokio::test]
async fn every_search_is_in_the_history_newest_first() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let (key, _) = user.create_key(&["search", "analytics"]).await;
    for query in ["zebra", "horse", "nothing"] {
        let body = json!({ "query": query, "searchMode": "boolean" });
        api.call("POST", "/api/v1/search").bearer(&key).json(&body).send().await.expect(200);
        api.advance(std::time::Duration::from_millis(10));
    }
    let history = api.call("GET", "/api/v1/search/history?limit=2").bearer(&key).send().await.expect(200);
    let queries: Vec<&str> = history.as_array().unwrap().iter().map(|item| item["query"].as_str().unwrap()).collect();
    assert_eq!(queries, ["nothing", "horse"]);
    assert_eq!((&history[1]["database"], &history[1]["resultCount"]), (&json!(id), &json!(1)));
    assert_eq!((&history[1]["userId"], &history[1]["searchMode"]), (&json!(user.id), &json!("boolean")));

    let part = user.call("GET", "/api/v1/analytics/search-history?offset=2").send().await.expect(200);
    assert_eq!((&part["total"], &part["items"][0]["query"]), (&json!(3), &json!("zebra")));
}

#[tokio::test]
async fn a_part_of_the_history_that_can_not_be_is_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("limit=1.5", "limit"),
    ] {
        let answer = user.call("GET", &format!("/api/v1/analytics/search-history?{query}")).send().await;
        assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], field, "{query}");
    }
}
