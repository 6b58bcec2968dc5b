//! What is kept of a search, and that no answer waits for it.

use std::time::Duration;

use local::faults::Fault;
use serde_json::json;
use tests::{TestApi, TestUser};

use super::{event, owner, today, until_now};
use crate::analytics::admin::administrator;
use crate::analytics::events::before;
use crate::articles;

#[tokio::test]
async fn an_answer_does_not_wait_for_the_history() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    // Nothing is put any more until the test says so, so that an answer which waited would never come.
    api.faults.always("PutItem", Fault::Held);
    let body = json!({ "query": "zebra", "cache": false });
    let answer = user.call("POST", "/api/v1/search").json(&body).send_alone().await;
    assert_eq!(answer.expect(200)["totalCount"], 2);
    api.faults.clear();
    api.service.stream.settle().await.unwrap();
    assert_eq!(today(&user).await.searches, 1);
}

#[tokio::test]
async fn a_search_that_can_not_be_recorded_is_answered_all_the_same() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    api.faults.always("PutItem", Fault::Held);
    let body = json!({ "query": "zebra", "cache": false });
    user.call("POST", "/api/v1/search").json(&body).send().await.expect(200);
    assert_eq!(today(&user).await.searches, 0, "it was given up");
    api.faults.clear();
    user.search(&body).await;
    assert_eq!(today(&user).await.searches, 1);
}

#[tokio::test]
async fn who_does_not_want_queries_kept_finds_them_nowhere() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let path = "/api/v1/analytics/settings";
    let settings = user.call("PUT", path).json(&json!({ "recordQueryText": false })).send().await.expect(200);
    assert_eq!(settings, json!({ "retentionDays": 90, "recordQueryText": false }));
    for body in [json!({ "query": "zebra" }), json!({ "query": "zebra", "databases": [id] })] {
        user.search(&body).await;
    }
    let figures = today(&user).await;
    assert_eq!((figures.searches, figures.slowest[0].query.as_deref()), (2, None));
    let queries = api.analytics().queries(owner(&user), until_now(&api, 1)).await.unwrap();
    assert!(queries.by_text.is_empty(), "{queries:?}");
    let history = user.call("GET", "/api/v1/search/history").send().await.expect(200);
    assert_eq!((&history[0]["query"], &history[1]["query"]), (&json!(null), &json!(null)));
    let trends = user.call("GET", "/api/v1/search/trends").send().await.expect(200);
    assert_eq!((&trends[0]["queryVolume"], &trends[0]["topQueries"]), (&json!(2), &json!([])));
    let suggestions = user.call("GET", "/api/v1/search/suggestions?query=zeb").send().await.expect(200);
    assert!(!suggestions.to_string().contains("popular\",\"text\":\"zebra\""), "{suggestions}");
    let dynamodb = shared::app::dynamodb(&api.service.aws, &api.service.app.config);
    let all = dynamodb.scan().table_name("altus4").send().await.unwrap();
    let of_history = all.items().iter().filter(|item| item["pk"].as_s().unwrap().ends_with("#H"));
    assert!(!format!("{:?}", of_history.collect::<Vec<_>>()).contains("zebra"));
}

/// Every place in which the API tells texts of searches, for an account and for administrators.
async fn told(user: &TestUser<'_>, admin: &TestUser<'_>) -> String {
    let mut all = Vec::new();
    for path in [
        "/api/v1/search/history",
        "/api/v1/search/trends",
        "/api/v1/search/suggestions?query=zeb",
        "/api/v1/analytics/dashboard",
        "/api/v1/analytics/popular-queries",
        "/api/v1/analytics/search-history",
        "/api/v1/analytics/export",
        "/api/v1/analytics/insights",
    ] {
        all.push(user.call("GET", path).send().await.expect(200).to_string());
    }
    let metrics = admin.call("GET", "/api/v1/analytics/admin/performance-metrics").send().await.expect(200);
    let own = metrics["slowestQueries"].as_array().unwrap().iter().filter(|slow| slow["user_email"] == user.email);
    all.extend(own.map(ToString::to_string));
    all.concat()
}

#[tokio::test]
async fn texts_that_were_kept_are_erased_when_their_owner_wants_none_kept_any_more() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (user, other) = (api.register("ursula").await, api.register("ulrich").await);
    let admin = administrator(&api, "ada").await;
    let analytics = &api.service.app.analytics;
    for user in [&user, &other] {
        user.connect(&schema).await;
        for days in [0, 1, 40] {
            analytics.record(&event(owner(user), before(api.now(), days, 5), "zebra unicorn")).await;
        }
        user.search(&json!({ "query": "zebra unicorn" })).await;
    }
    assert!(told(&user, &admin).await.contains("zebra unicorn"));
    let counted = today(&user).await;
    let path = "/api/v1/analytics/settings";
    for _ in 0..2 {
        user.call("PUT", path).json(&json!({ "recordQueryText": false })).send().await.expect(200);
        let told = told(&user, &admin).await;
        assert!(!told.contains("zebra unicorn"), "{told}");
    }
    let after = today(&user).await;
    assert_eq!((after.searches, &after.latencies, &after.last), (2, &counted.latencies, &counted.last));
    let history = user.call("GET", "/api/v1/search/history").send().await.expect(200);
    assert_eq!(history.as_array().unwrap().len(), 4);
    assert!(history.as_array().unwrap().iter().all(|search| search["query"].is_null()), "{history:#}");
    assert!(analytics.queries(owner(&user), until_now(&api, 60)).await.unwrap().by_text.is_empty());
    assert!(told(&other, &admin).await.contains("zebra unicorn"), "those of others stay");
    // What is made anew of the searches is the same.
    let rebuilt = admin::rebuild(&api.service.app, Some(owner(&user)), |line| panic!("{line}")).await.unwrap();
    assert_eq!((rebuilt.days.right, rebuilt.days.mended), (3, 0));
}

#[tokio::test]
async fn a_text_that_was_on_its_way_when_its_owner_wanted_none_kept_is_erased_too() {
    let api = TestApi::start().await;
    let (user, admin) = (api.register("ursula").await, administrator(&api, "ada").await);
    let analytics = &api.service.app.analytics;
    let search = |number: u64| event(owner(&user), api.now().plus(Duration::from_millis(number)), "zebra unicorn");
    let events: Vec<_> = (0..60).map(search).collect();
    let opt_out = async {
        let body = json!({ "recordQueryText": false });
        user.call("PUT", "/api/v1/analytics/settings").json(&body).send().await.expect(200)
    };
    let record = async {
        for event in &events {
            analytics.record(event).await;
        }
    };
    tokio::join!(opt_out, record);
    analytics.record(&search(99)).await;
    api.service.stream.settle().await.unwrap();
    assert_eq!(today(&user).await.searches, 61);
    let told = told(&user, &admin).await;
    assert!(!told.contains("zebra unicorn"), "{told}");
    assert!(analytics.queries(owner(&user), until_now(&api, 1)).await.unwrap().by_text.is_empty());
}

#[tokio::test]
async fn a_search_is_kept_as_long_as_its_owner_wants() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let until = async |query: &str| {
        user.search(&json!({ "query": query })).await;
        let newest = api.analytics().since(owner(&user), "2020-01-01".parse().unwrap(), 1).await.unwrap();
        newest[0].kept_until.since(newest[0].at)
    };
    assert_eq!(until("zebra").await, Duration::from_hours(90 * 24));
    let path = "/api/v1/analytics/settings";
    user.call("PUT", path).json(&json!({ "retentionDays": 7 })).send().await.expect(200);
    assert_eq!(until("horse").await, Duration::from_hours(7 * 24));
    let settings = user.call("GET", path).send().await.expect(200);
    assert_eq!(settings, json!({ "retentionDays": 7, "recordQueryText": true }));
}

#[tokio::test]
async fn settings_that_can_not_be_are_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let path = "/api/v1/analytics/settings";
    for (body, field) in [
        (json!({ "retentionDays": 0 }), "retentionDays"),
        (json!({ "retentionDays": 401 }), "retentionDays"),
        (json!({ "retentionDays": -1 }), "retentionDays"),
        (json!({ "retentionDays": "ninety" }), "retentionDays"),
        (json!({ "recordQueryText": "no" }), "recordQueryText"),
    ] {
        let details = user.call("PUT", path).json(&body).send().await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], field, "{body}");
    }
    let (key, _) = user.create_key(&["analytics", "search"]).await;
    for method in ["GET", "PUT"] {
        api.call(method, path).send().await.expect_error(401, "NO_TOKEN");
        assert_eq!(api.call(method, path).bearer(&key).send().await.status, 401, "no key changes what is kept");
    }
}
