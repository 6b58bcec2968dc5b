//! `POST /api/v1/keys/{keyId}/regenerate`

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, TestApi};

async fn search(api: &TestApi, key: &str) -> Answer {
    api.call("POST", "/api/v1/search").bearer(key).send().await
}

#[tokio::test]
async fn the_new_key_may_do_the_same_and_the_old_one_nothing_any_more() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({
        "name": "A key", "environment": "live", "permissions": ["search", "analytics"], "expiresAt": "2100-01-01",
    });
    let old = user.call("POST", "/api/v1/keys").json(&body).send().await.expect(201);
    let path = format!("/api/v1/keys/{}/regenerate", old["id"].as_str().unwrap());
    let new = user.call("POST", &path).send().await.expect(200);
    assert_eq!(new["oldKeyId"], old["id"]);
    assert_ne!((&new["id"], &new["secretKey"]), (&old["id"], &old["secretKey"]));
    for field in ["name", "environment", "permissions", "rateLimitTier", "expiresAt"] {
        assert_eq!((&new[field], &new["apiKey"][field]), (&old[field], &old[field]), "{field}");
    }
    assert_eq!((&new["usageCount"], &new["key"]), (&json!(0), &new["secretKey"]));
    let refused = search(&api, old["secretKey"].as_str().unwrap()).await;
    assert_eq!(refused.expect_error(401, "INVALID_API_KEY")["reason"], "revoked");
    search(&api, new["secretKey"].as_str().unwrap()).await.expect_error(400, "VALIDATION_ERROR");
    let listed = user.call("GET", "/api/v1/keys").send().await.expect(200);
    assert_eq!((&listed["total"], &listed["apiKeys"][0]["id"]), (&json!(1), &new["id"]));
}

#[tokio::test]
async fn both_keys_are_good_until_the_grace_is_over() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (old, id) = user.create_key(&["search"]).await;
    let path = format!("/api/v1/keys/{id}");
    let regenerate = || user.call("POST", &format!("{path}/regenerate")).json(&json!({ "gracePeriodSeconds": 60 }));
    let new = regenerate().send().await.expect(200);
    let new = new["secretKey"].as_str().unwrap();
    assert_eq!(user.call("GET", "/api/v1/keys").send().await.expect(200)["total"], 1, "the old one is not held");
    user.call("PUT", &path).json(&json!({ "name": "Old" })).send().await.expect_error(404, "API_KEY_NOT_FOUND");
    regenerate().send().await.expect_error(404, "API_KEY_NOT_FOUND");
    api.advance(Duration::from_secs(50));
    for key in [old.as_str(), new] {
        assert_eq!(search(&api, key).await.status, 400);
    }
    api.advance(Duration::from_secs(10));
    assert_eq!(search(&api, &old).await.expect_error(401, "INVALID_API_KEY")["reason"], "revoked");
    assert_eq!(search(&api, new).await.status, 400);
}

#[tokio::test]
async fn a_key_in_its_grace_can_be_revoked() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (old, id) = user.create_key(&["search"]).await;
    let path = format!("/api/v1/keys/{id}");
    let body = json!({ "gracePeriodSeconds": 604_800 });
    user.call("POST", &format!("{path}/regenerate")).json(&body).send().await.expect(200);
    user.call("DELETE", &path).send().await.expect(200);
    assert_eq!(search(&api, &old).await.expect_error(401, "INVALID_API_KEY")["reason"], "revoked");
    // It was not counted any more, so that the account still holds exactly one.
    assert_eq!(user.call("GET", "/api/v1/keys").send().await.expect(200)["total"], 1);
    user.call("POST", "/api/v1/management/setup").send().await.expect_error(409, "API_KEY_EXISTS");
}

#[tokio::test]
async fn grace_makes_no_key_live_longer_than_it_would_have() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({ "name": "A key", "expiresAt": api.now().plus(Duration::from_mins(1)) });
    let old = user.call("POST", "/api/v1/keys").json(&body).send().await.expect(201);
    let path = format!("/api/v1/keys/{}/regenerate", old["id"].as_str().unwrap());
    user.call("POST", &path).json(&json!({ "gracePeriodSeconds": 600 })).send().await.expect(200);
    let old = old["secretKey"].as_str().unwrap();
    assert_eq!(search(&api, old).await.status, 400);
    api.advance(Duration::from_mins(1));
    assert_eq!(search(&api, old).await.expect_error(401, "INVALID_API_KEY")["reason"], "expired");
}

#[tokio::test]
async fn a_key_that_has_expired_has_no_successor() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({ "name": "A key", "expiresAt": api.now().plus(Duration::from_mins(1)) });
    let old = user.call("POST", "/api/v1/keys").json(&body).send().await.expect(201);
    api.advance(Duration::from_mins(1));
    let path = format!("/api/v1/keys/{}/regenerate", old["id"].as_str().unwrap());
    let details = user.call("POST", &path).send().await.expect_error(400, "VALIDATION_ERROR");
    assert_eq!(details["field"], "expiresAt");
}

#[tokio::test]
async fn a_grace_of_more_than_a_week_or_less_than_nothing_is_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (secret, id) = user.create_key(&["search"]).await;
    for grace in [json!(604_801), json!(-1), json!(1.5), json!("60"), json!(null), json!([60])] {
        let call = user.call("POST", &format!("/api/v1/keys/{id}/regenerate"));
        let answer = call.json(&json!({ "gracePeriodSeconds": grace })).send().await;
        assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "gracePeriodSeconds", "{grace}");
    }
    assert_eq!(search(&api, &secret).await.status, 400, "the key is as it was");
}

#[tokio::test]
async fn of_many_who_regenerate_a_key_at_once_one_gets_a_new_one() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (_, id) = user.create_key(&["search"]).await;
    let path = format!("/api/v1/keys/{id}/regenerate");
    for grace in [0, 60] {
        let path = if grace == 0 {
            path.clone()
        } else {
            format!("/api/v1/keys/{}/regenerate", only_key(&api, &user.token).await)
        };
        let regenerate = || user.call("POST", &path).json(&json!({ "gracePeriodSeconds": grace })).send();
        let mut statuses: Vec<u16> = join_all((0..16).map(|_| regenerate())).await.iter().map(|a| a.status).collect();
        statuses.sort_unstable();
        assert_eq!((statuses[0], &statuses[1..]), (200, &[404; 15][..]));
    }
    only_key(&api, &user.token).await;
}

/// The id of the one key that the account holds.
async fn only_key(api: &TestApi, token: &str) -> String {
    let listed: Value = api.call("GET", "/api/v1/keys").bearer(token).send().await.expect(200);
    assert_eq!(listed["total"], 1);
    listed["apiKeys"][0]["id"].as_str().unwrap().to_owned()
}
