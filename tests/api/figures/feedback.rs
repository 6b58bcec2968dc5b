//! `POST /api/v1/search/{searchId}/click` and `/rating`

use serde_json::{Value, json};
use shared::id::SearchId;
use tests::{Answer, TestApi, TestUser};

use super::{owner, today, until_now};
use crate::articles;

async fn tell(user: &TestUser<'_>, id: &str, what: &str, body: &Value) -> Answer {
    user.call("POST", &format!("/api/v1/search/{id}/{what}")).json(body).send().await
}

/// A search that finds two rows: its id and theirs.
async fn zebras(user: &TestUser<'_>) -> (String, [String; 2]) {
    let found = user.search(&json!({ "query": "zebra" })).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&found["searchId"]), [0, 1].map(|row| text(&found["results"][row]["id"])))
}

#[tokio::test]
async fn a_click_counts_once_with_the_place_of_the_result() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let (id, [first, second]) = zebras(&user).await;
    for _ in 0..2 {
        tell(&user, &id, "click", &json!({ "resultId": second })).await.expect(200);
    }
    let clicks = today(&user).await.clicks;
    assert_eq!((clicks.clicks, clicks.searches, clicks.positions), (1, 1, 2));
    tell(&user, &id, "click", &json!({ "resultId": first, "position": 7 })).await.expect(200);
    let clicks = today(&user).await.clicks;
    assert_eq!((clicks.clicks, clicks.searches, clicks.positions), (2, 1, 9));
    let queries = api.analytics().queries(owner(&user), until_now(&api, 1)).await.unwrap();
    assert_eq!(queries.by_text["zebra"].clicks, 2);
}

#[tokio::test]
async fn a_kept_answer_can_be_clicked_too() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    for cached in [false, true] {
        let body = json!({ "query": "zebra", "databases": [id] });
        let answer = user.call("POST", "/api/v1/search").json(&body).send().await;
        assert_eq!(answer.body["meta"]["cached"], cached);
        let data = &answer.body["data"];
        let body = json!({ "resultId": data["results"][0]["id"] });
        tell(&user, data["searchId"].as_str().unwrap(), "click", &body).await.expect(200);
    }
    assert_eq!(today(&user).await.clicks.searches, 2);
}

#[tokio::test]
async fn a_place_is_counted_from_the_first_page_on() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let found = user.search(&json!({ "query": "zebra", "limit": 1, "offset": 1 })).await;
    let body = json!({ "resultId": found["results"][0]["id"] });
    tell(&user, found["searchId"].as_str().unwrap(), "click", &body).await.expect(200);
    assert_eq!(today(&user).await.clicks.positions, 2);
}

#[tokio::test]
async fn of_ratings_the_last_counts() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let (id, _) = zebras(&user).await;
    for rating in [1, 1, 4] {
        tell(&user, &id, "rating", &json!({ "rating": rating })).await.expect(200);
    }
    let ratings = today(&user).await.ratings;
    assert_eq!((ratings.count, ratings.sum), (1, 4));
}

#[tokio::test]
async fn what_many_say_at_once_is_all_counted() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let (one, [first, second]) = zebras(&user).await;
    let (other, _) = zebras(&user).await;
    let click = async |id: &str, result: &str| tell(&user, id, "click", &json!({ "resultId": result })).await.status;
    let rate = async |id: &str, rating: u8| tell(&user, id, "rating", &json!({ "rating": rating })).await.status;
    let said = tokio::join!(
        click(&one, &first),
        click(&one, &second),
        click(&other, &first),
        rate(&one, 5),
        rate(&other, 2),
        click(&one, &first),
    );
    assert_eq!(said, (200, 200, 200, 200, 200, 200));
    let figures = today(&user).await;
    assert_eq!((figures.clicks.clicks, figures.clicks.searches), (3, 2));
    assert_eq!((figures.ratings.count, figures.ratings.sum), (2, 7));
}

#[tokio::test]
async fn a_search_that_is_not_ones_own_is_not_found() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    user.connect(&schema).await;
    let (id, [first, _]) = zebras(&user).await;
    let unknown = SearchId::at(api.now()).to_string();
    for (caller, id) in [(&other, id.as_str()), (&user, &unknown), (&user, "no-id"), (&user, &user.id)] {
        tell(caller, id, "click", &json!({ "resultId": first })).await.expect_error(404, "NOT_FOUND");
        tell(caller, id, "rating", &json!({ "rating": 3 })).await.expect_error(404, "NOT_FOUND");
    }
    assert_eq!(today(&user).await.clicks.clicks, 0);
}

#[tokio::test]
async fn what_can_not_be_said_of_an_answer_is_refused() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let (id, [first, _]) = zebras(&user).await;
    for (what, body, field) in [
        ("click", json!({ "resultId": "was not there" }), "resultId"),
        ("click", json!({}), "resultId"),
        ("click", json!({ "resultId": 7 }), "resultId"),
        ("click", json!({ "resultId": first, "position": 0 }), "position"),
        ("click", json!({ "resultId": first, "position": "first" }), "position"),
        ("rating", json!({ "rating": 0 }), "rating"),
        ("rating", json!({ "rating": 6 }), "rating"),
        ("rating", json!({ "rating": 4.5 }), "rating"),
        ("rating", json!({}), "rating"),
    ] {
        let details = tell(&user, &id, what, &body).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], field, "{body}");
    }
    let (key, _) = user.create_key(&["analytics"]).await;
    for what in ["click", "rating"] {
        let path = format!("/api/v1/search/{id}/{what}");
        api.call("POST", &path).send().await.expect_error(401, "INVALID_API_KEY");
        api.call("POST", &path).bearer(&key).send().await.expect_error(403, "INSUFFICIENT_PERMISSIONS");
    }
}
