//! Who may read figures, whose they are, and what answers look like to three generations of clients.

use serde_json::{Value, json};
use shared::analytics::SearchEvent;
use tests::{TestApi, TestUser};

use super::events::{before, event, record};

async fn get(user: &TestUser<'_>, path: &str) -> Value {
    user.call("GET", &format!("/api/v1/analytics/{path}")).send().await.expect(200)
}

/// Whether a value is of a type.
type Is = fn(&Value) -> bool;

/// That an object has these fields, each of this type.
fn has(object: &Value, fields: &[(&str, Is)]) {
    for (field, is_right) in fields {
        assert!(object.get(field).is_some_and(is_right), "{field}: {object:#}");
    }
}

/// Three searches of today, one of which failed, and one that found nothing.
async fn some_searches(api: &TestApi, user: &TestUser<'_>) {
    let (now, owner) = (api.now(), user.id.parse().unwrap());
    let failed = SearchEvent { outcome: shared::analytics::Outcome::Failed, matches: 0, ..event(owner, now, "horse") };
    let empty = SearchEvent { matches: 0, returned: 0, ..event(owner, now, "unicorn") };
    record(api, &[event(owner, now, "Zebra"), event(owner, now, "zebra "), failed, empty]).await;
}

#[tokio::test]
async fn figures_are_for_the_account_by_session_or_by_a_key_with_the_permission_for_them() {
    let api = TestApi::start().await;
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    some_searches(&api, &user).await;
    let (key, _) = user.create_key(&["analytics"]).await;
    let (search, _) = user.create_key(&["search"]).await;
    let (admin, _) = user.create_key(&["admin"]).await;
    for path in [
        "dashboard",
        "search-trends",
        "performance",
        "popular-queries",
        "search-history",
        "insights",
        "trends",
        "history",
        "usage",
    ] {
        let path = format!("/api/v1/analytics/{path}");
        let call = |token: &str| api.call("GET", &path).bearer(token).send();
        for token in [&key, &admin] {
            assert_eq!(call(token).await.expect(200), call(&user.token).await.expect(200), "{path}");
        }
        let details = call(&search).await.expect_error(403, "INSUFFICIENT_PERMISSIONS");
        assert_eq!(details["required"], "analytics");
        api.call("GET", &path).send().await.expect_error(401, "NO_TOKEN");
    }
    assert_eq!(get(&other, "usage").await["totalRequests"], 0);
    assert_eq!(get(&other, "search-history").await, json!({ "items": [], "total": 0 }));
    assert_eq!(get(&other, "popular-queries").await, json!([]));
}

#[tokio::test]
async fn an_account_without_searches_has_numbers_everywhere() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let dashboard = get(&user, "dashboard").await;
    assert_eq!(dashboard["summary"]["topQuery"], "No queries yet");
    assert_eq!((&dashboard["totalSearches"], &dashboard["summary"]["averageResponseTime"]), (&json!(0), &json!(0.0)));
    assert_eq!((&dashboard["insights"], &dashboard["popularQueries"]), (&json!([]), &json!([])));
    assert_eq!(dashboard["performance"]["summary"]["p99"], 0);
    assert_eq!(dashboard["trends"]["growth"], json!({ "queryVolume": null, "previousQueryVolume": 0 }));
    assert_eq!(dashboard["trends"]["dailyBreakdown"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn the_dashboard_is_what_the_reference_the_sdk_and_its_documentation_have() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    some_searches(&api, &user).await;
    let dashboard = get(&user, "dashboard?period=month").await;
    let (number, text, list, object): (Is, Is, Is, Is) =
        (Value::is_number, Value::is_string, Value::is_array, Value::is_object);
    has(
        &dashboard,
        &[
            ("totalSearches", number),
            ("successfulSearches", number),
            ("averageResponseTime", number),
            ("trends", object),
            ("performance", object),
            ("popularQueries", list),
            ("insights", list),
            ("summary", object),
        ],
    );
    has(
        &dashboard["summary"],
        &[
            ("period", text),
            ("totalQueries", number),
            ("averageResponseTime", number),
            ("successRate", number),
            ("activeUsers", number),
            ("databasesSearched", number),
            ("topQuery", text),
            ("queryDistribution", object),
        ],
    );
    has(
        &dashboard["trends"],
        &[
            ("period", text),
            ("topQueries", list),
            ("queryVolume", number),
            ("avgResponseTime", number),
            ("popularCategories", list),
            ("searchPatterns", list),
            ("growth", object),
            ("dailyBreakdown", list),
        ],
    );
    assert_eq!(dashboard["performance"], get(&user, "performance?period=month").await);
    assert_eq!(dashboard["trends"], get(&user, "trends?period=month").await);
    assert_eq!(json!([dashboard["trends"]]), get(&user, "search-trends?period=month").await);
    assert_eq!(dashboard["summary"]["successRate"], 0.75);
    let plain = get(&user, "dashboard?includeTrends=false&includeInsights=false").await;
    assert_eq!((&plain["trends"], &plain["insights"]), (&Value::Null, &json!([])));
    let answer = user.call("GET", "/api/v1/analytics/dashboard?includeTrends=perhaps").send().await;
    assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "includeTrends");
}

#[tokio::test]
async fn rows_have_the_names_of_the_reference_and_those_of_the_sdk() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    some_searches(&api, &user).await;
    let performance = get(&user, "performance").await;
    let row = &performance["timeSeriesData"][0];
    assert_eq!(
        (&row["date"], &row["total_queries"], &row["query_count"]),
        (&json!(api.now().day()), &json!(4), &json!(4))
    );
    assert_eq!(
        (&row["avg_response_time"], &row["max_response_time"], &row["min_response_time"]),
        (&json!(10.0), &json!(10), &json!(10))
    );
    assert_eq!(row["avg_results"], 0.5);
    assert_eq!(
        performance["searchModeDistribution"],
        json!([{ "search_mode": "natural", "count": 4, "avg_time": 10.0 }])
    );
    assert_eq!(
        (&performance["p95"], &performance["errorRate"], &performance["throughput"]),
        (&json!(10), &json!(0.25), &json!(0.02))
    );
    let popular = get(&user, "popular-queries?limit=1").await;
    let [popular] = popular.as_array().unwrap().as_slice() else { panic!("{popular:#}") };
    assert_eq!(
        (&popular["query_text"], &popular["frequency"], &popular["avg_time"]),
        (&json!("zebra "), &json!(2), &json!(10.0))
    );
    let item = &get(&user, "history?limit=1").await[0];
    for field in ["id", "query", "searchMode", "resultCount", "executionTime", "database", "timestamp"] {
        assert!(item.get(field).is_some(), "{field}: {item:#}");
    }
}

#[tokio::test]
async fn insights_are_a_list_and_for_the_sdk_an_object_of_one() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (now, owner) = (api.now(), user.id.parse().unwrap());
    let empty = |minutes| SearchEvent {
        matches: 0,
        ..event(owner, before(now, 0, 0).plus(std::time::Duration::from_millis(minutes)), "unicorn")
    };
    record(&api, &(0..5).map(empty).collect::<Vec<_>>()).await;
    let list = get(&user, "insights").await;
    let sdk = user.call("GET", "/api/v1/analytics/insights").header("X-Altus4-Compat", "sdk").send().await.expect(200);
    assert_eq!(sdk, json!({ "insights": list }));
    for field in ["type", "title", "category", "description", "confidence", "actionable", "impact", "action", "data"] {
        assert!(list[0].get(field).is_some(), "{field}: {list:#}");
    }
    assert_eq!((&list[0]["type"], &list[0]["category"]), (&json!("query_optimization"), &json!("zero-results")));
    for (query, expected) in [
        ("categories[]=zero-results", 1),
        ("categories=trends,zero-results", 1),
        ("categories[]=trends", 0),
        ("categories[]=what-nobody-knows", 0),
        ("type=search&granularity=day&limit=1", 1),
    ] {
        assert_eq!(get(&user, &format!("insights?{query}")).await.as_array().unwrap().len(), expected, "{query}");
    }
}
