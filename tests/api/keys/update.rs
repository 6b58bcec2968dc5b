//! `PUT /api/v1/keys/{keyId}`

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{TestApi, TestUser};

#[tokio::test]
async fn each_field_changes_by_itself_and_nothing_changes_nothing() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (_, id) = user.create_key(&["search"]).await;
    let path = format!("/api/v1/keys/{id}");
    let mut expected = user.call("GET", &path).send().await.expect(200)["apiKey"].clone();
    for (body, field, value) in [
        (json!({ "name": " Another name " }), "name", json!("Another name")),
        (json!({ "permissions": ["analytics", "search", "search"] }), "permissions", json!(["search", "analytics"])),
        (json!({ "expiresAt": "2100-01-01" }), "expiresAt", json!("2100-01-01T00:00:00.000Z")),
        (json!({ "expiresAt": null }), "expiresAt", json!(null)),
    ] {
        let data = user.call("PUT", &path).json(&body).send().await.expect(200);
        expected[field] = value;
        assert!(data["updatedAt"].as_str() > expected["updatedAt"].as_str(), "{data:#}");
        expected["updatedAt"] = data["updatedAt"].clone();
        assert_eq!(data["apiKey"], expected, "{body}");
        assert_eq!((&data["name"], &data[field]), (&expected["name"], &expected[field]), "flat too");
    }
    let same = json!({ "name": "Another name", "permissions": ["search", "analytics"], "expiresAt": null });
    let unknown = json!({ "rateLimitCustom": "{{", "environment": "x", "id": 1 });
    let before = audited(&user).await;
    for body in [json!({}), json!(null), unknown, same, json!({ "rateLimitTier": "free" })] {
        let data = user.call("PUT", &path).json(&body).send().await.expect(200);
        assert_eq!(data["apiKey"], expected, "{body}");
    }
    assert_eq!(user.call("GET", &path).send().await.expect(200)["apiKey"], expected);
    assert_eq!(audited(&user).await, before, "no change is recorded that was none");
}

/// How many changes of an account are recorded.
async fn audited(user: &TestUser<'_>) -> usize {
    let record = user.call("GET", "/api/v1/management/audit?limit=200").send().await.expect(200);
    record["entries"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn what_a_key_can_not_become_is_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (_, id) = user.create_key(&["search"]).await;
    let put = |body: &Value| user.call("PUT", &format!("/api/v1/keys/{id}")).json(body).send();
    for (body, field) in [
        (json!({ "name": "   " }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "name": 5 }), "name"),
        (json!({ "permissions": [] }), "permissions"),
        (json!({ "permissions": ["root"] }), "permissions[0]"),
        (json!({ "rateLimitTier": "golden" }), "rateLimitTier"),
        (json!({ "expiresAt": "2020-01-01" }), "expiresAt"),
        (json!({ "expiresAt": "tomorrow" }), "expiresAt"),
        (json!([]), ""),
    ] {
        assert_eq!(put(&body).await.expect_error(400, "VALIDATION_ERROR")["field"], field, "{body}");
    }
    for tier in ["pro", "enterprise"] {
        put(&json!({ "rateLimitTier": tier })).await.expect_error(403, "INSUFFICIENT_PRIVILEGES");
    }
    let large = user.call("PUT", &format!("/api/v1/keys/{id}")).body(vec![b' '; 2 * 1024 * 1024]);
    large.send().await.expect_error(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_change_holds_from_the_next_call_on() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (secret, id) = user.create_key(&["analytics"]).await;
    let put = |body: Value| user.call("PUT", &format!("/api/v1/keys/{id}")).json(&body).send();
    let search = || api.call("POST", "/api/v1/search").bearer(&secret).send();
    search().await.expect_error(403, "INSUFFICIENT_PERMISSIONS");
    put(json!({ "permissions": ["search"] })).await.expect(200);
    search().await.expect_error(400, "VALIDATION_ERROR");
    let soon = api.now().plus(Duration::from_mins(1));
    put(json!({ "expiresAt": soon })).await.expect(200);
    search().await.expect_error(400, "VALIDATION_ERROR");
    api.advance(Duration::from_mins(1));
    assert_eq!(search().await.expect_error(401, "INVALID_API_KEY")["reason"], "expired");
    put(json!({ "expiresAt": null })).await.expect(200);
    search().await.expect_error(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn a_revoked_an_unknown_and_a_foreign_key_are_not_found() {
    let api = TestApi::start().await;
    let (user, stranger) = (api.register("ursula").await, api.register("eve").await);
    let (_, revoked) = user.create_key(&["search"]).await;
    user.call("DELETE", &format!("/api/v1/keys/{revoked}")).send().await.expect(200);
    let (_, foreign) = stranger.create_key(&["search"]).await;
    for id in [revoked.as_str(), &foreign, "00000000-0000-4000-8000-000000000000", "no-id"] {
        for body in [json!({}), json!({ "name": "Another" })] {
            let call = user.call("PUT", &format!("/api/v1/keys/{id}")).json(&body);
            call.send().await.expect_error(404, "API_KEY_NOT_FOUND");
        }
        let call = user.call("POST", &format!("/api/v1/keys/{id}/regenerate"));
        call.send().await.expect_error(404, "API_KEY_NOT_FOUND");
    }
}

#[tokio::test]
async fn the_sdk_gets_the_key_flat() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (_, id) = user.create_key(&["search"]).await;
    let call = user.call("PUT", &format!("/api/v1/keys/{id}")).header("x-altus4-compat", "sdk");
    let data = call.json(&json!({ "name": "Another" })).send().await.expect(200);
    assert_eq!((&data["id"], &data["name"], data.get("apiKey")), (&json!(id), &json!("Another"), None));
}

#[tokio::test]
async fn changes_at_once_are_all_kept() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (_, id) = user.create_key(&["search"]).await;
    let path = format!("/api/v1/keys/{id}");
    let bodies =
        [json!({ "name": "Another" }), json!({ "permissions": ["admin"] }), json!({ "expiresAt": "2100-01-01" })];
    let answers = join_all(bodies.iter().map(|body| user.call("PUT", &path).json(body).send())).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let key = user.call("GET", &path).send().await.expect(200);
    assert_eq!((&key["name"], &key["permissions"]), (&json!("Another"), &json!(["admin"])));
    assert_eq!(key["expiresAt"], "2100-01-01T00:00:00.000Z");
}
