//! `Idempotency-Key` on what makes a connection.

use serde_json::{Value, json};
use tests::{Answer, TestApi, TestUser};

use super::{CONNECTIONS, body_of, connection};
use crate::articles;

const KEY: &str = "9c81d4cf-fff8-48d0-994a-adc07e56bff3";

async fn send(user: &TestUser<'_>, key: &str, body: &Value) -> Answer {
    user.call("POST", CONNECTIONS).header("idempotency-key", key).json(body).send().await
}

#[tokio::test]
async fn a_connection_that_is_asked_for_again_is_the_same_and_the_only_one() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    let body = body_of(&schema);
    let first = send(&user, KEY, &body).await.expect(201);
    assert_eq!(send(&user, KEY, &body).await.expect(201), first);
    assert_eq!(user.call("GET", CONNECTIONS).send().await.expect(200), json!([first]));
    let theirs = send(&other, KEY, &body).await.expect(201);
    assert_ne!(theirs["id"], first["id"], "each account has keys of its own");

    let mut renamed = body.clone();
    renamed["alias"] = json!("another");
    send(&user, KEY, &renamed).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
    user.call("DELETE", &connection(&first["id"])).send().await.expect(200);
    send(&user, KEY, &body).await.expect_error(404, "database_connection_not_found");
    let second = send(&user, "another-key-of-mine", &body).await.expect(201);
    assert_ne!(second["id"], first["id"]);
}
