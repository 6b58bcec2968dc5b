//! `/api/v1/keys`

mod regenerate;
mod update;
mod usage;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use shared::audit::{Action, Entry};
use shared::keys::Key;
use tests::TestApi;

#[tokio::test]
async fn a_key_is_shown_once_and_its_record_never_holds_it() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (secret, id) = user.create_key(&["search", "analytics"]).await;
    let listed = user.call("GET", "/api/v1/keys").send().await;
    assert!(!listed.body.to_string().contains(&secret[30..]), "{:#}", listed.body);
    let listed = listed.expect(200);
    assert_eq!((&listed["total"], &listed["apiKeys"][0]["id"]), (&json!(1), &json!(id)));
    assert_eq!(listed["apiKeys"][0]["lastUsed"], json!(null));
    let one = user.call("GET", &format!("/api/v1/keys/{id}")).send().await.expect(200);
    assert_eq!((&one["id"], &one["apiKey"]["permissions"]), (&json!(id), &json!(["search", "analytics"])));
}

#[tokio::test]
async fn what_a_key_can_not_be_is_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for (body, field) in [
        (json!({}), "name"),
        (json!({ "name": "   " }), "name"),
        (json!({ "name": "A key", "permissions": [] }), "permissions"),
        (json!({ "name": "A key", "permissions": ["database:read"] }), "permissions[0]"),
        (json!({ "name": "A key", "environment": "staging" }), "environment"),
        (json!({ "name": "A key", "rateLimitTier": "golden" }), "rateLimitTier"),
        (json!({ "name": "A key", "expiresAt": "2020-01-01" }), "expiresAt"),
        (json!({ "name": "A key", "expiresAt": "tomorrow" }), "expiresAt"),
    ] {
        let answer = user.call("POST", "/api/v1/keys").json(&body).send().await;
        assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], field, "{body}");
    }
    let body = json!({ "name": "A key", "rateLimitTier": "pro" });
    user.call("POST", "/api/v1/keys").json(&body).send().await.expect_error(403, "INSUFFICIENT_PRIVILEGES");
}

#[tokio::test]
async fn limits_of_ones_own_are_passed_over_and_break_nothing() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for custom in [json!({ "limit": 1_000_000 }), json!("{{"), json!([1]), json!(null)] {
        let body = json!({ "name": "A key", "rateLimitCustom": custom });
        let data = user.call("POST", "/api/v1/keys").json(&body).send().await.expect(201);
        let answer = api.call("POST", "/api/v1/search").bearer(data["key"].as_str().unwrap()).send().await;
        assert_eq!(answer.header("x-ratelimit-limit"), Some("1000"), "{custom}");
    }
    assert_eq!(user.call("GET", "/api/v1/keys").send().await.expect(200)["total"], 4);
}

#[tokio::test]
async fn a_revoked_key_is_refused_on_the_next_call() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (secret, id) = user.create_key(&["search"]).await;
    let search = || api.call("POST", "/api/v1/search").bearer(&secret).json(&json!({ "query": "zebra" }));
    search().send().await.expect(200);
    for _ in 0..2 {
        let data = user.call("DELETE", &format!("/api/v1/keys/{id}")).send().await.expect(200);
        assert_eq!((&data["success"], &data["keyId"]), (&json!(true), &json!(id)));
    }
    assert_eq!(search().send().await.expect_error(401, "INVALID_API_KEY")["reason"], "revoked");
    assert_eq!(user.call("GET", "/api/v1/keys").send().await.expect(200)["total"], 0);
}

#[tokio::test]
async fn an_expired_key_says_so() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({ "name": "A key", "expiresAt": "2100-01-01T00:00:00Z" });
    let data = user.call("POST", "/api/v1/keys").json(&body).send().await.expect(201);
    assert_eq!(data["expiresAt"], "2100-01-01T00:00:00.000Z");
    let secret = data["secretKey"].as_str().unwrap();
    let search = || api.call("POST", "/api/v1/search").bearer(secret).json(&json!({ "query": "zebra" }));
    search().send().await.expect(200);
    api.advance(Duration::from_hours(100 * 366 * 24));
    assert_eq!(search().send().await.expect_error(401, "INVALID_API_KEY")["reason"], "expired");
}

#[tokio::test]
async fn a_text_that_is_no_key_is_refused_with_its_reason() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let key = user.search_key().await;
    let twice = key.repeat(2);
    let long = format!("altus4_sk_test_{}", "x".repeat(10_240));
    let other = format!("{}{}", &key[..57], if key.ends_with('A') { "E" } else { "A" });
    for (presented, reason) in [
        (&key[..57], "malformed"),
        (&twice, "malformed"),
        (&long, "malformed"),
        ("nonsense", "malformed"),
        (&other, "unknown"),
    ] {
        let answer =
            api.call("POST", "/api/v1/search").bearer(presented).json(&json!({ "query": "zebra" })).send().await;
        assert_eq!(answer.expect_error(401, "INVALID_API_KEY")["reason"], reason, "{presented:.80}");
    }
    let answer = api.call("POST", "/api/v1/search").json(&json!({ "query": "zebra" })).send().await;
    assert_eq!(answer.expect_error(401, "INVALID_API_KEY")["reason"], "missing");
}

#[tokio::test]
async fn a_key_can_not_make_keys() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (secret, _) = user.create_key(&["admin"]).await;
    let answer = api.call("POST", "/api/v1/keys").bearer(&secret).json(&json!({ "name": "Another" })).send().await;
    answer.expect_error(401, "INVALID_TOKEN");
}

#[tokio::test]
async fn a_free_key_has_a_thousand_calls_in_an_hour_and_then_a_block_of_five_minutes() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let secret = user.search_key().await;
    // The answer to a blank query is a 400, which counts like any other and needs no database.
    let spend = || async { api.call("POST", "/api/v1/search").bearer(&secret).send().await };

    let first = spend().await;
    assert_eq!(first.header("x-ratelimit-limit"), Some("1000"));
    assert_eq!(first.header("x-ratelimit-remaining"), Some("999"));
    assert_eq!(first.header("x-ratelimit-tier"), Some("Free"));
    let mut through = 1;
    for _ in 0..34 {
        let batch = (0..32).map(|_| spend());
        through += join_all(batch).await.iter().filter(|answer| answer.status == 400).count();
    }
    assert_eq!(through, 1_000, "exactly the limit is let through");

    let blocked = spend().await;
    assert_eq!(blocked.header("x-ratelimit-remaining"), Some("0"));
    let wait = blocked.header("retry-after").unwrap().parse::<u64>().unwrap();
    assert!((290..=300).contains(&wait), "{wait}");
    let details = blocked.expect_error(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!((&details["limit"], &details["tier"]), (&json!(1000), &json!("Free")));
    assert!(details["upgradeMessage"].is_string() && details["resetTime"].is_string(), "{details:#}");

    api.advance(Duration::from_secs(301));
    let fresh = spend().await;
    assert_eq!((fresh.status, fresh.header("x-ratelimit-remaining")), (400, Some("999")));
}

#[tokio::test]
async fn a_window_ends_an_hour_after_it_began() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let secret = user.search_key().await;
    let left = || async {
        let answer = api.call("POST", "/api/v1/search").bearer(&secret).send().await;
        answer.header("x-ratelimit-remaining").map(str::to_owned)
    };
    assert_eq!(left().await.as_deref(), Some("999"));
    assert_eq!(left().await.as_deref(), Some("998"));
    api.advance(Duration::from_secs(3_601));
    assert_eq!(left().await.as_deref(), Some("999"));
}

#[tokio::test]
async fn the_sdk_lists_keys_as_a_bare_array() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (_, id) = user.create_key(&["search"]).await;
    let list = user.call("GET", "/api/v1/keys").header("x-altus4-compat", "sdk").send().await.expect(200);
    assert_eq!((&list[0]["id"], list.as_array().map(Vec::len)), (&json!(id), Some(1)));
}

#[tokio::test]
async fn under_load_a_revoked_key_is_refused_on_the_next_call() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (secret, id) = user.create_key(&["search"]).await;
    let is_revoked = AtomicBool::new(false);
    let client = async || {
        loop {
            let was_revoked = is_revoked.load(Ordering::SeqCst);
            let status = api.call("POST", "/api/v1/search").bearer(&secret).send().await.status;
            if was_revoked {
                return status;
            }
        }
    };
    let revoke = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        user.call("DELETE", &format!("/api/v1/keys/{id}")).send().await.expect(200);
        is_revoked.store(true, Ordering::SeqCst);
    };
    let (statuses, ()) = tokio::join!(join_all((0..16).map(|_| client())), revoke);
    assert_eq!(statuses, [401; 16]);
}

#[tokio::test]
async fn every_key_of_an_account_ends_together_those_in_grace_included() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (first, id) = user.create_key(&["search"]).await;
    let second = user.search_key().await;
    let path = format!("/api/v1/keys/{id}/regenerate");
    let data = user.call("POST", &path).json(&json!({ "gracePeriodSeconds": 60 })).send().await.expect(200);
    let third = data["secretKey"].as_str().unwrap();
    let search = async |key: &str| api.call("POST", "/api/v1/search").bearer(key).send().await;
    for key in [&first, &second, third] {
        assert_eq!(search(key).await.status, 400);
    }
    let owner = user.id.parse().unwrap();
    let entry = |key: &Key| Entry::by_operator(owner, Action::KeyRevoked, key.id, api.now());
    api.service.app.keys.revoke_all(owner, entry).await.unwrap();
    for key in [&first, &second, third] {
        assert_eq!(search(key).await.expect_error(401, "INVALID_API_KEY")["reason"], "revoked");
    }
    user.call("POST", "/api/v1/management/setup").send().await.expect(201);
}
