//! `GET /api/v1/keys/{keyId}/usage`

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{TestApi, TestUser};

async fn usage(user: &TestUser<'_>, id: &str, query: &str) -> Value {
    user.call("GET", &format!("/api/v1/keys/{id}/usage{query}")).send().await.expect(200)
}

/// What was counted on each day, without those on which nothing was.
fn by_day(usage: &Value) -> BTreeMap<String, u64> {
    let days = usage["requestsByDay"].as_array().unwrap().iter();
    let days = days.map(|day| (day["date"].as_str().unwrap().to_owned(), day["requests"].as_u64().unwrap()));
    days.filter(|(_, requests)| *requests > 0).collect()
}

#[tokio::test]
async fn a_key_that_was_never_used_has_the_whole_quota_and_no_figures() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (_, id) = user.create_key(&["search"]).await;
    let data = usage(&user, &id, "").await;
    assert_eq!((&data["apiKeyId"], &data["keyId"]), (&json!(id), &json!(id)));
    for field in ["requestCount", "totalRequests", "requestsToday", "requestsThisMonth", "usageCount", "quotaUsed"] {
        assert_eq!(data[field], 0, "{field}");
    }
    assert_eq!((&data["lastUsed"], &data["topEndpoints"]), (&json!(null), &json!([])));
    assert_eq!((&data["quotaLimit"], &data["rateLimitRemaining"]), (&json!(1000), &json!(1000)));
    assert_eq!(
        (&data["rateLimitStatus"]["tier"], &data["rateLimitStatus"]["remaining"]),
        (&json!("free"), &json!(1000))
    );
    assert_eq!((&data["period"]["days"], data["requestsByDay"].as_array().map(Vec::len)), (&json!(30), Some(30)));
    let Value::Object(mut flat) = data else { panic!("an object") };
    assert_eq!(flat.remove("usage"), Some(Value::Object(flat)));
}

#[tokio::test]
async fn the_figures_are_what_was_called_over_several_days() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (secret, id) = user.create_key(&["search"]).await;
    let mut expected = BTreeMap::<String, u64>::new();
    for hours in [1, 1, 22, 26, 30, 0, 20] {
        api.advance(Duration::from_hours(hours));
        let day = api.now().day();
        for _ in 0..3 {
            api.call("POST", "/api/v1/search").bearer(&secret).send().await.expect_error(400, "VALIDATION_ERROR");
        }
        api.call("GET", "/api/v1/search/history").bearer(&secret).send().await.expect(200);
        if day == api.now().day() {
            *expected.entry(day).or_default() += 4;
        } else {
            // Midnight has come in between: only the sum is known.
            return;
        }
    }
    let data = usage(&user, &id, "?days=7").await;
    let (today, month) = (api.now().day(), api.now().day()[..7].to_owned());
    assert_eq!(by_day(&data), expected);
    assert_eq!(
        (&data["totalRequests"], &data["requestCount"], &data["usageCount"]),
        (&json!(28), &json!(28), &json!(28))
    );
    assert_eq!(data["requestsToday"], json!(expected.get(&today).copied().unwrap_or(0)));
    let this_month: u64 = expected.iter().filter(|(day, _)| day.starts_with(&month)).map(|(_, count)| count).sum();
    assert_eq!(data["requestsThisMonth"], this_month);
    assert_eq!(
        data["topEndpoints"],
        json!([
            { "endpoint": "POST /api/v1/search", "requests": 21 },
            { "endpoint": "GET /api/v1/search/history", "requests": 7 },
        ])
    );
    assert_eq!((&data["quotaUsed"], &data["rateLimitRemaining"]), (&json!(4), &json!(996)));
    let one_day = usage(&user, &id, "?days=1").await;
    assert_eq!(one_day["totalRequests"], data["requestsToday"]);
    assert_eq!(one_day["period"], json!({ "days": 1, "from": today, "to": today }));
}

#[tokio::test]
async fn calls_are_counted_once_however_many_open_the_next_window() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (secret, id) = user.create_key(&["search"]).await;
    let call = || async { api.call("POST", "/api/v1/search").bearer(&secret).send().await.status };
    for round in 1_u64..=3 {
        assert_eq!(join_all((0..32).map(|_| call())).await, [400; 32]);
        let data = usage(&user, &id, "").await;
        assert_eq!((&data["totalRequests"], &data["quotaUsed"]), (&json!(32 * round), &json!(32)));
        api.advance(Duration::from_secs(3_601));
    }
    let data = usage(&user, &id, "").await;
    assert_eq!(
        (&data["totalRequests"], &data["quotaUsed"], &data["rateLimitRemaining"]),
        (&json!(96), &json!(0), &json!(1000))
    );
}

#[tokio::test]
async fn a_window_across_midnight_counts_each_call_on_its_day() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (secret, id) = user.create_key(&["search"]).await;
    let day_ms = 24 * 60 * 60 * 1000;
    let ten_to_midnight_ms = day_ms - 600_000 - api.now().epoch_ms().rem_euclid(day_ms);
    api.advance(Duration::from_millis(u64::try_from(ten_to_midnight_ms + day_ms).unwrap()));
    let mut expected = BTreeMap::new();
    // Twenty minutes later it is another day in the same window; an hour later, in the next window.
    for (minutes, calls) in [(0, 2), (20, 3), (60, 1)] {
        api.advance(Duration::from_mins(minutes));
        for _ in 0..calls {
            api.call("POST", "/api/v1/search").bearer(&secret).send().await.expect_error(400, "VALIDATION_ERROR");
        }
        *expected.entry(api.now().day()).or_default() += calls;
        assert_eq!(by_day(&usage(&user, &id, "").await), expected);
    }
    assert_eq!(expected.len(), 2);
}

#[tokio::test]
async fn the_figures_of_a_revoked_key_stay() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (secret, id) = user.create_key(&["search"]).await;
    api.call("POST", "/api/v1/search").bearer(&secret).send().await.expect_error(400, "VALIDATION_ERROR");
    user.call("DELETE", &format!("/api/v1/keys/{id}")).send().await.expect(200);
    // What was refused was no use of the key.
    api.call("POST", "/api/v1/search").bearer(&secret).send().await.expect_error(401, "INVALID_API_KEY");
    assert_eq!(usage(&user, &id, "").await["totalRequests"], 1);
}

#[tokio::test]
async fn days_are_one_to_a_year() {
    let api = TestApi::start().await;
    let (user, stranger) = (api.register("ursula").await, api.register("eve").await);
    let (_, id) = user.create_key(&["search"]).await;
    for days in ["0", "366", "-1", "x", "", "1.5", "99999999999999999999"] {
        let answer = user.call("GET", &format!("/api/v1/keys/{id}/usage?days={days}")).send().await;
        assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "days", "{days}");
    }
    assert_eq!(usage(&user, &id, "?days=365").await["requestsByDay"].as_array().map(Vec::len), Some(365));
    let foreign = stranger.call("GET", &format!("/api/v1/keys/{id}/usage")).send().await;
    foreign.expect_error(404, "API_KEY_NOT_FOUND");
}
