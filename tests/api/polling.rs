//! Reads that somebody repeats: what has not changed is not sent again.

#![expect(clippy::panic, clippy::unwrap_used, reason = "what panics here is a failed test")]

use reqwest::header::HeaderMap;
use serde_json::json;
use tests::{TestApi, TestUser};

use crate::articles;

/// What a console looks at again and again.
const READS: [&str; 12] = [
    "/api/v1/auth/profile",
    "/api/v1/keys",
    "/api/v1/databases",
    "/api/v1/databases/status",
    "/api/v1/search/history",
    "/api/v1/search/trends",
    "/api/v1/analytics/dashboard",
    "/api/v1/analytics/performance",
    "/api/v1/analytics/usage",
    "/api/v1/analytics/insights",
    "/api/v1/analytics/settings",
    "/api/v1/management/migration-status",
];

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

async fn tag(user: &TestUser<'_>, path: &str) -> String {
    let answer = user.call("GET", path).send().await;
    let tag = answer.header("etag").unwrap_or_else(|| panic!("{path} has no tag")).to_owned();
    answer.expect(200);
    tag
}

async fn repeated(user: &TestUser<'_>, path: &str, known: &str) -> (u16, HeaderMap, Vec<u8>) {
    user.call("GET", path).header("if-none-match", known).bytes().await
}

#[tokio::test]
async fn what_has_not_changed_is_answered_with_304_and_no_body() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    user.search_key().await;
    for path in READS {
        let own = tag(&user, path).await;
        for known in [own.clone(), format!("\"another\", {own}"), own.replace("W/", ""), "*".to_owned()] {
            let (status, headers, body) = repeated(&user, path, &known).await;
            assert_eq!((status, body.len()), (304, 0), "{path} {known}");
            assert_eq!(text(&headers, "etag"), Some(own.clone()), "{path}");
            assert_eq!(text(&headers, "content-type"), None, "{path}");
            for name in ["x-request-id", "x-ratelimit-remaining", "x-content-type-options", "cache-control"] {
                assert!(headers.contains_key(name), "{path}: {name}");
            }
        }
        let (status, _, body) = repeated(&user, path, "W/\"another\"").await;
        assert_eq!((status, body.is_empty()), (200, false), "{path}");
    }
}

#[tokio::test]
async fn what_has_changed_is_sent_again_with_another_tag() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (profile, keys) = (tag(&user, "/api/v1/auth/profile").await, tag(&user, "/api/v1/keys").await);
    user.call("PUT", "/api/v1/auth/profile").json(&json!({ "name": "Another name" })).send().await.expect(200);
    user.search_key().await;
    for (path, known) in [("/api/v1/auth/profile", profile), ("/api/v1/keys", keys)] {
        let answer = user.call("GET", path).header("if-none-match", &known).send().await;
        assert_ne!(answer.header("etag"), Some(known.as_str()), "{path}");
        answer.expect(200);
    }
}

#[tokio::test]
async fn a_tag_says_what_was_answered_and_not_to_whom_or_when() {
    let api = TestApi::start().await;
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    let own = tag(&user, "/api/v1/auth/profile").await;
    let answer = other.call("GET", "/api/v1/auth/profile").header("if-none-match", &own).send().await;
    assert_eq!(answer.expect(200)["name"], "Name of eve");
    let keys = tag(&user, "/api/v1/keys").await;
    let sdk = user.call("GET", "/api/v1/keys").header("if-none-match", &keys).header("x-altus4-compat", "sdk");
    assert!(sdk.send().await.expect(200).is_array(), "another shape is another answer");
}

#[tokio::test]
async fn errors_and_what_changes_something_have_no_tag_and_are_never_304() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for (method, path, status) in [
        ("GET", "/api/v1/keys/no-id", 404),
        ("GET", "/api/v1/analytics/usage?period=never", 400),
        ("GET", "/api/v1/nothing", 404),
        ("POST", "/api/v1/keys", 400),
        ("PUT", "/api/v1/analytics/settings", 200),
    ] {
        let answer = user.call(method, path).header("if-none-match", "*").send().await;
        assert_eq!((answer.status, answer.header("etag")), (status, None), "{method} {path}");
    }
    let answer = api.call("GET", "/api/v1/keys").header("if-none-match", "*").send().await;
    answer.expect_error(401, "NO_TOKEN");
}
