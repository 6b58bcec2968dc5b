//! `GET /api/v1/search/trends`, and the same in a search.

use std::time::Duration;

use serde_json::json;
use tests::TestApi;

use crate::articles;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn the_last_week_and_the_last_month_are_told_from_ones_own_searches() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    user.connect(&schema).await;
    for _ in 0..2 {
        user.search(&json!({ "query": "horse" })).await;
    }
    other.search(&json!({ "query": "not yours" })).await;
    api.advance(10 * DAY);
    let user = user.log_in_again().await;
    user.search(&json!({ "query": "zebra" })).await;
    let data = user.call("GET", "/api/v1/search/trends").send().await.expect(200);
    let [week, month] = data.as_array().unwrap().as_slice() else { panic!("{data:#}") };
    assert_eq!(
        (&week["period"], &week["queryVolume"], &week["topQueries"]),
        (&json!("week"), &json!(1), &json!(["zebra"]))
    );
    assert_eq!((&month["period"], &month["queryVolume"]), (&json!("month"), &json!(3)));
    assert_eq!(month["topQueries"], json!(["horse", "zebra"]));
    assert!(month["avgResponseTime"].as_f64() > Some(0.0), "{month:#}");
    assert_eq!((&month["popularCategories"], &month["complete"]), (&json!([]), &json!(true)));
}

#[tokio::test]
async fn an_account_that_has_searched_nothing_has_trends_of_nothing() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let data = user.call("GET", "/api/v1/search/trends").send().await.expect(200);
    assert_eq!((&data[0]["queryVolume"], &data[0]["avgResponseTime"]), (&json!(0), &json!(0.0)));
    assert_eq!(data[1]["topQueries"], json!([]));
}

#[tokio::test]
async fn a_search_tells_them_where_it_is_asked_to() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    assert_eq!(user.search(&json!({ "query": "zebra" })).await.get("trends"), None);
    api.settle(user.id.parse().unwrap()).await;
    let data = user.search(&json!({ "query": "horse", "includeAnalytics": true })).await;
    assert_eq!(data["trends"][0]["topQueries"], json!(["zebra"]));
    assert_eq!(data["trends"][1]["period"], "month");
}

#[tokio::test]
async fn trends_need_the_permission_for_analytics() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let path = "/api/v1/search/trends";
    api.call("GET", path).send().await.expect_error(401, "INVALID_API_KEY");
    let key = user.search_key().await;
    api.call("GET", path).bearer(&key).send().await.expect_error(403, "INSUFFICIENT_PERMISSIONS");
    let (key, _) = user.create_key(&["analytics"]).await;
    api.call("GET", path).bearer(&key).send().await.expect(200);
}
