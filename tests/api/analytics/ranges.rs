//! Which days an answer is about, and what is refused.

use serde_json::json;
use tests::TestApi;

use super::events::{before, event, record};

/// Every endpoint of an account that takes days.
const PATHS: [&str; 10] = [
    "dashboard",
    "search-trends",
    "trends",
    "performance",
    "popular-queries",
    "search-history",
    "history",
    "usage",
    "insights",
    "export",
];

#[tokio::test]
async fn days_that_can_not_be_are_refused_everywhere_with_the_field_that_is_wrong() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for path in PATHS {
        for (query, field, code) in [
            ("startDate=2024-99-99", "startDate", "invalid_string"),
            ("endDate=2023-02-29", "endDate", "invalid_string"),
            ("startDate=2024-01-01T00:00:00Z", "startDate", "invalid_string"),
            ("startDate=yesterday", "startDate", "invalid_string"),
            ("startDate=2024-03-02&endDate=2024-03-01", "endDate", "too_small"),
            ("startDate=9998-01-01", "startDate", "too_big"),
            ("startDate=2016-01-01&endDate=2025-12-31", "startDate", "too_big"),
            ("period=10years", "period", "invalid_enum_value"),
            ("period=", "period", "invalid_enum_value"),
        ] {
            let answer = user.call("GET", &format!("/api/v1/analytics/{path}?{query}")).send().await;
            let details = answer.expect_error(400, "VALIDATION_ERROR");
            assert_eq!(
                (&details["field"], &details["errors"][0]["code"]),
                (&json!(field), &json!(code)),
                "{path}?{query}"
            );
        }
    }
}

#[tokio::test]
async fn a_limit_that_can_not_be_is_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for (path, most) in
        [("popular-queries", 100), ("search-history", 1_000), ("history", 1_000), ("export", 1_000), ("insights", 100)]
    {
        for limit in ["0", "ten", "-1", "1.5", &(most + 1).to_string()] {
            let answer = user.call("GET", &format!("/api/v1/analytics/{path}?limit={limit}")).send().await;
            assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "limit", "{path}?limit={limit}");
        }
        user.call("GET", &format!("/api/v1/analytics/{path}?limit={most}")).send().await.expect(200);
    }
    let answer = user.call("GET", "/api/v1/analytics/search-history?offset=-1").send().await;
    assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "offset");
    let answer = user.call("GET", "/api/v1/analytics/history?database=no-id").send().await;
    answer.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_period_ends_today_and_a_start_is_worth_more() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (now, owner) = (api.now(), user.id.parse().unwrap());
    let ages = [0, 6, 7, 29, 30, 89, 90, 179, 180, 364, 365, 399];
    let events: Vec<_> = ages.iter().map(|days| event(owner, before(now, *days, 0), "zebra")).collect();
    record(&api, &events).await;
    let day = |days: i64| before(now, days, 0).day();
    for (query, expected) in [
        (String::new(), 2),
        ("period=day".to_owned(), 1),
        ("period=week".to_owned(), 2),
        ("period=month".to_owned(), 4),
        ("period=3months".to_owned(), 6),
        ("period=6months".to_owned(), 8),
        ("period=year".to_owned(), 10),
        (format!("startDate={}", day(365)), 11),
        (format!("startDate={}&period=day", day(30)), 5),
        (format!("startDate={}", day(399)), 12),
        (format!("startDate={}&endDate={}", day(90), day(30)), 3),
        (format!("startDate={0}&endDate={0}", day(90)), 1),
        (format!("period=week&endDate={}", day(1)), 2),
    ] {
        let usage = user.call("GET", &format!("/api/v1/analytics/usage?{query}")).send().await.expect(200);
        assert_eq!(usage["totalRequests"], expected, "{query}");
        let popular = user.call("GET", &format!("/api/v1/analytics/popular-queries?{query}")).send().await.expect(200);
        assert_eq!(popular[0]["frequency"], expected, "{query}");
    }
    let usage = user.call("GET", "/api/v1/analytics/usage?period=week").send().await.expect(200);
    assert_eq!((&usage["startDate"], &usage["endDate"]), (&json!(day(6)), &json!(day(0))));
}
