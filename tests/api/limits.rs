//! How much one key, one account and one address may do. See `docs/limits.md`.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::audit::{Action, Entry};
use shared::dynamo::Table;
use shared::error::Error;
use shared::id::UserId;
use shared::keys::{ApiKey, Environment, Holding, KeyEdit, Keys, NewKey, Permissions, Tier};
use shared::limits::Addresses;
use tests::{Answer, TestApi, TestUser};

/// A call that a key pays for and that needs no database: there is nothing to search for.
async fn spend(api: &TestApi, key: &str) -> Answer {
    api.call("POST", "/api/v1/search").bearer(key).send().await
}

async fn log_in(api: &TestApi, client: &reqwest::Client) -> Answer {
    let body = json!({ "email": "nobody@example.com", "password": "secure_password" });
    api.call_from(client, "POST", "/api/v1/auth/login").json(&body).send().await
}

/// A key of another tier than the free one, as an administrator would make it: its id and its secret.
async fn key_of_tier(user: &TestUser<'_>, tier: Tier) -> (String, String) {
    let app = &user.api.service.app;
    let owner: UserId = user.id.parse().unwrap();
    let new = NewKey {
        name: "A key".to_owned().try_into().unwrap(),
        environment: Environment::Test,
        permissions: Permissions::default(),
        tier,
        expires_at: None,
    };
    let (secret, key) = new.make(owner, app.clock.now()).unwrap();
    let entry = Entry::by_operator(owner, Action::KeyCreated, key.id, app.clock.now());
    app.keys.insert(&key, Holding::FewerThanMax, &entry).await.unwrap();
    (key.id.to_string(), secret.reveal())
}

#[tokio::test]
async fn of_64_clients_on_one_key_exactly_the_limit_is_let_through() {
    let api = TestApi::start().await;
    let secret = api.register("ursula").await.search_key().await;
    let client = async || {
        let mut answers = Vec::new();
        for _ in 0..17 {
            answers.push(spend(&api, &secret).await);
        }
        answers
    };
    let answers: Vec<Answer> = join_all((0..64).map(|_| client())).await.into_iter().flatten().collect();
    let mut left: Vec<u64> = answers.iter().filter(|answer| answer.status == 400).map(remaining).collect();
    left.sort_unstable();
    assert_eq!(left, (0..1_000).collect::<Vec<_>>(), "each of the thousand calls was counted once");
    for refused in answers.into_iter().filter(|answer| answer.status != 400) {
        assert_eq!(refused.expect_error(429, "RATE_LIMIT_EXCEEDED")["tier"], "Free");
    }
}

fn remaining(answer: &Answer) -> u64 {
    answer.header("x-ratelimit-remaining").unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_window_begins_with_the_first_call() {
    let api = TestApi::start().await;
    let secret = api.register("ursula").await.search_key().await;
    api.advance(Duration::from_mins(59));
    assert_eq!(remaining(&spend(&api, &secret).await), 999);
    api.advance(Duration::from_mins(30));
    assert_eq!(remaining(&spend(&api, &secret).await), 998);
}

#[tokio::test]
async fn a_session_has_the_limit_of_the_best_key_that_is_held() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let profile = async || user.call("GET", "/api/v1/auth/profile").send().await;
    let limit = |answer: &Answer| answer.header("x-ratelimit-limit").unwrap().to_owned();
    assert_eq!(limit(&profile().await), "1000");
    let (pro, _) = key_of_tier(&user, Tier::Pro).await;
    assert_eq!(limit(&profile().await), "10000");
    let (enterprise, _) = key_of_tier(&user, Tier::Enterprise).await;
    let answer = profile().await;
    assert_eq!((limit(&answer).as_str(), answer.header("x-ratelimit-tier")), ("100000", Some("Enterprise")));
    // A replaced key is not held any more, but the new one is, and of the same tier.
    let path = format!("/api/v1/keys/{enterprise}/regenerate");
    let data = user.call("POST", &path).json(&json!({ "gracePeriodSeconds": 60 })).send().await.expect(200);
    assert_eq!(limit(&profile().await), "100000");
    let new = data["id"].as_str().unwrap();
    user.call("PUT", &format!("/api/v1/keys/{new}")).json(&json!({ "rateLimitTier": "free" })).send().await.expect(200);
    assert_eq!(limit(&profile().await), "10000");
    for _ in 0..2 {
        user.call("DELETE", &format!("/api/v1/keys/{pro}")).send().await.expect(200);
    }
    assert_eq!(limit(&profile().await), "1000");
    let answer = profile().await;
    assert_eq!(answer.body["meta"].get("apiKeyTier"), None, "no key has made this call");
}

#[tokio::test]
async fn a_session_is_blocked_like_a_key_and_its_keys_are_not() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let secret = user.search_key().await;
    let (owner, keys) = (user.id.parse().unwrap(), &api.service.app.keys);
    while keys.spend_session(owner, api.now()).await.is_ok() {}
    let refused = user.call("GET", "/api/v1/auth/profile").send().await;
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((290..=300).contains(&wait), "{wait}");
    refused.expect_error(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(spend(&api, &secret).await.status, 400);
    api.advance(Duration::from_secs(301));
    assert_eq!(remaining(&user.call("GET", "/api/v1/auth/profile").send().await), 999);
}

#[tokio::test]
async fn another_tier_gives_its_limit_at_once_and_ends_a_block() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (id, secret) = key_of_tier(&user, Tier::Pro).await;
    let app = &api.service.app;
    let key = app.keys.get(user.id.parse().unwrap(), id.parse().unwrap()).await.unwrap().unwrap();
    for _ in 0..1_000 {
        app.keys.spend(&key.hash, "GET /", app.clock.now()).await.unwrap();
    }
    let tier = async |tier: Tier| {
        let edit = KeyEdit { tier: Some(tier), ..KeyEdit::default() };
        let entry = Entry::by_operator(key.owner, Action::KeyUpdated, key.id, app.clock.now());
        app.keys.update(&key, &edit, &entry).await.unwrap();
    };
    tier(Tier::Free).await;
    assert_eq!(spend(&api, &secret).await.expect_error(429, "RATE_LIMIT_EXCEEDED")["limit"], 1_000);
    tier(Tier::Pro).await;
    assert_eq!(remaining(&spend(&api, &secret).await), 8_999);
}

#[tokio::test]
async fn the_eleventh_attempt_of_an_address_in_a_minute_is_refused() {
    let api = TestApi::start().await;
    let (here, there) = (api.at([127, 0, 0, 2]), api.at([127, 0, 0, 3]));
    for left in (0..10).rev() {
        let answer = log_in(&api, &here).await;
        assert_eq!((remaining(&answer), answer.header("x-ratelimit-limit")), (left, Some("10")));
        answer.expect_error(401, "INVALID_CREDENTIALS");
    }
    let refused = log_in(&api, &here).await;
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((50..=60).contains(&wait), "{wait}");
    let details = refused.expect_error(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!((&details["limit"], &details["tier"], &details["remaining"]), (&json!(10), &json!("Auth"), &json!(0)));
    assert_eq!(details["upgradeMessage"], Value::Null);

    // Registering is counted together with it, and another address is not concerned.
    let register = api.call_from(&here, "POST", "/api/v1/auth/register").json(&json!({}));
    register.send().await.expect_error(429, "RATE_LIMIT_EXCEEDED");
    log_in(&api, &there).await.expect_error(401, "INVALID_CREDENTIALS");
    api.advance(Duration::from_secs(61));
    log_in(&api, &here).await.expect_error(401, "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn no_header_makes_an_address_another() {
    let api = TestApi::start().await;
    let here = api.at([127, 0, 0, 2]);
    for _ in 0..10 {
        log_in(&api, &here).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    for name in ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "x-client-ip"] {
        let body = json!({ "email": "nobody@example.com", "password": "secure_password" });
        let call = api.call_from(&here, "POST", "/api/v1/auth/login").header(name, "203.0.113.9").json(&body);
        call.send().await.expect_error(429, "RATE_LIMIT_EXCEEDED");
    }
}

#[tokio::test]
async fn of_many_attempts_at_once_ten_are_let_through() {
    let api = TestApi::start().await;
    let here = api.at([127, 0, 0, 2]);
    let register = || async { api.call_from(&here, "POST", "/api/v1/auth/register").send().await.status };
    let statuses = join_all((0..32).map(|_| register())).await;
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 10, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 22, "{statuses:?}");
}

#[tokio::test]
async fn health_is_never_limited_and_costs_nobody_anything() {
    let api = TestApi::start().await;
    for path in ["/health", "/api/v1/health", "/api/v1/status", "/api/v1/management/health"] {
        for _ in 0..40 {
            let answer = api.call("GET", path).send().await;
            assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (200, None));
        }
    }
    assert_eq!(remaining(&log_in(&api, &reqwest::Client::new()).await), 9);
}

#[tokio::test]
async fn without_a_table_nobody_passes_for_somebody_and_a_visitor_is_not_counted() {
    let api = TestApi::start().await;
    let app = &api.service.app;
    let gone = Table { name: "gone".to_owned(), ..app.table.clone() };
    let address = Some(IpAddr::from([192, 0, 2, 7]));
    for _ in 0..11 {
        assert_eq!(Addresses::new(gone.clone()).count_auth(address, api.now()).await.unwrap(), None);
    }
    let (keys, key) = (Keys::new(gone), ApiKey::generate(Environment::Test).unwrap());
    assert!(matches!(keys.spend(&key.hash(), "GET /", api.now()).await, Err(Error::Unavailable(_))));
    assert!(matches!(keys.spend_session(UserId::fresh(), api.now()).await, Err(Error::Unavailable(_))));
}
