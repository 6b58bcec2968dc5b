//! `Idempotency-Key`: a request that is sent again makes nothing more.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, TestApi, TestUser};

use crate::articles;

const KEY: &str = "9c81d4cf-fff8-48d0-994a-adc07e56bff3";

async fn send(user: &TestUser<'_>, path: &str, key: &str, body: &Value) -> Answer {
    user.call("POST", path).header("idempotency-key", key).json(body).send().await
}

/// How many keys an account holds.
async fn keys(user: &TestUser<'_>) -> u64 {
    user.call("GET", "/api/v1/keys").send().await.expect(200)["total"].as_u64().unwrap()
}

#[tokio::test]
async fn a_key_that_is_asked_for_again_is_the_same_with_its_secret_and_works() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({ "name": "A key", "permissions": ["search"] });
    let first = send(&user, "/api/v1/keys", KEY, &body).await.expect(201);
    let again = send(&user, "/api/v1/keys", KEY, &body).await.expect(201);
    assert_eq!((&again, keys(&user).await), (&first, 1));
    let secret = first["secretKey"].as_str().unwrap();
    api.call("GET", "/api/v1/search/history").bearer(secret).send().await.expect(200);

    let old = first["apiKey"]["id"].as_str().unwrap();
    let path = format!("/api/v1/keys/{old}/regenerate");
    let new = send(&user, &path, KEY, &json!({})).await.expect(200);
    assert_eq!(send(&user, &path, KEY, &json!({})).await.expect(200), new);
    assert_eq!((&new["oldKeyId"], keys(&user).await), (&json!(old), 1));
    assert_ne!(new["secretKey"], first["secretKey"], "another route has keys of its own");
}

#[tokio::test]
async fn the_first_key_a_connection_and_an_account_are_made_once_too() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let setup = send(&user, "/api/v1/management/setup", KEY, &json!({})).await.expect(201);
    assert_eq!(send(&user, "/api/v1/management/setup", KEY, &json!({})).await.expect(201), setup);
    send(&user, "/api/v1/management/setup", "another-key-of-mine", &json!({}))
        .await
        .expect_error(409, "API_KEY_EXISTS");

    let connection = schema.connection();
    let first = send(&user, "/api/v1/databases", KEY, &connection).await.expect(201);
    assert_eq!(send(&user, "/api/v1/databases", KEY, &connection).await.expect(201), first);
    let all = user.call("GET", "/api/v1/databases").send().await.expect(200);
    assert_eq!(all.as_array().unwrap().len(), 1);
    let id = first["id"].as_str().unwrap();
    user.call("DELETE", &format!("/api/v1/databases/{id}")).send().await.expect(200);
    send(&user, "/api/v1/databases", KEY, &connection).await.expect_error(404, "CONNECTION_NOT_FOUND");
}

#[tokio::test]
async fn an_account_is_registered_once_and_only_who_knows_its_password_gets_another_session() {
    let api = TestApi::start().await;
    let register = async |password: &str, name: &str, key: &str| {
        let body = json!({ "email": "ursula@example.com", "password": password, "name": name });
        api.call("POST", "/api/v1/auth/register").header("idempotency-key", key).json(&body).send().await
    };
    let first = register("secure_password", "Ursula", KEY).await.expect(201);
    let again = register("secure_password", "Ursula", KEY).await.expect(201);
    assert_eq!(
        (&again["user"]["id"], &again["user"]["createdAt"]),
        (&first["user"]["id"], &first["user"]["createdAt"])
    );
    let token = again["token"].as_str().unwrap();
    api.call("GET", "/api/v1/auth/profile").bearer(token).send().await.expect(200);
    for (password, name, key) in [
        ("another_password", "Ursula", KEY),
        ("secure_password", "Eve", KEY),
        ("secure_password", "Ursula", "another-key-of-mine"),
    ] {
        register(password, name, key).await.expect_error(409, "USER_EXISTS");
    }
}

#[tokio::test]
async fn another_body_under_the_same_key_is_refused_and_makes_nothing() {
    let api = TestApi::start().await;
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    let body = json!({ "name": "A key", "permissions": ["search"] });
    let first = send(&user, "/api/v1/keys", KEY, &body).await.expect(201);
    let wider = json!({ "name": "A key", "permissions": ["admin"] });
    send(&user, "/api/v1/keys", KEY, &wider).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(keys(&user).await, 1);
    let theirs = send(&other, "/api/v1/keys", KEY, &body).await.expect(201);
    assert_ne!(theirs["secretKey"], first["secretKey"], "each account has keys of its own");
    // What was refused may be sent again, and changed.
    let wrong = json!({ "name": "x" });
    send(&user, "/api/v1/keys", "another-key-of-mine", &wrong).await.expect_error(400, "VALIDATION_ERROR");
    send(&user, "/api/v1/keys", "another-key-of-mine", &body).await.expect(201);
}

#[tokio::test]
async fn of_many_at_once_one_makes_it_and_all_get_it_when_they_ask_again() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({ "name": "A key", "permissions": ["search"] });
    let answers = join_all((0..8).map(|_| send(&user, "/api/v1/keys", KEY, &body))).await;
    let mut made = Vec::new();
    for answer in answers {
        match answer.status {
            201 => made.push(answer.expect(201)),
            _ => drop(answer.expect_error(409, "IDEMPOTENCY_KEY_IN_USE")),
        }
    }
    made.push(send(&user, "/api/v1/keys", KEY, &body).await.expect(201));
    assert!(made.len() >= 2 && made.iter().all(|one| one == &made[0]), "{made:#?}");
    assert_eq!(keys(&user).await, 1);
}

#[tokio::test]
async fn a_day_later_the_same_key_is_a_new_one() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({ "name": "A key", "permissions": ["search"] });
    let first = send(&user, "/api/v1/keys", KEY, &body).await.expect(201);
    api.advance(Duration::from_hours(23));
    assert_eq!(send(&user, "/api/v1/keys", KEY, &body).await.expect(201), first);
    api.advance(Duration::from_hours(2));
    let second = send(&user, "/api/v1/keys", KEY, &body).await.expect(201);
    assert_ne!(second["secretKey"], first["secretKey"]);
    assert_eq!((send(&user, "/api/v1/keys", KEY, &body).await.expect(201), keys(&user).await), (second, 2));
}

#[tokio::test]
async fn a_key_that_can_not_be_one_is_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({ "name": "A key", "permissions": ["search"] });
    for key in ["", "short", "with a blank in it", &"x".repeat(256)] {
        let details = send(&user, "/api/v1/keys", key, &body).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], "Idempotency-Key", "{key}");
    }
    let twice = user.call("POST", "/api/v1/keys").header("idempotency-key", KEY).header("idempotency-key", KEY);
    twice.json(&body).send().await.expect_error(400, "VALIDATION_ERROR");
    assert_eq!(keys(&user).await, 0);
}

#[tokio::test]
async fn nothing_that_is_kept_holds_a_secret_and_it_goes_with_the_account() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let body = json!({ "name": "A key", "permissions": ["search"] });
    let minted = send(&user, "/api/v1/keys", KEY, &body).await.expect(201);
    send(&user, "/api/v1/databases", KEY, &schema.connection()).await.expect(201);
    let dynamodb = shared::app::dynamodb(&api.service.aws, &api.service.app.config);
    let table = async || dynamodb.scan().table_name("altus4").send().await.unwrap().items.unwrap();
    let own = format!("USER#{}#I", user.id);
    let kept: Vec<_> = table().await.into_iter().filter(|item| item["pk"].as_s().unwrap() == &own).collect();
    assert_eq!(kept.len(), 2);
    let secret = minted["secretKey"].as_str().unwrap().as_bytes();
    for item in &kept {
        assert!(item["ttl"].as_n().unwrap().parse::<i64>().unwrap() <= api.now().epoch_s() + 24 * 3_600);
        let text = format!("{item:?}");
        assert!(!text.contains(KEY) && !text.contains(&String::from_utf8_lossy(secret).into_owned()), "{text}");
        let sealed = item["sealed"].as_m().map(|sealed| sealed["ciphertext"].as_b().unwrap().as_ref().to_vec());
        assert!(
            sealed.is_ok_and(|bytes| !bytes.windows(20).any(|part| part == &secret[..20])) || item["sealed"].is_null()
        );
    }
    user.call("DELETE", "/api/v1/auth/account").send().await.expect(200);
    assert!(table().await.iter().all(|item| item["pk"].as_s().unwrap() != &own));
}
