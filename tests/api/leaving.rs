//! Clients that do not wait for their answer. The local runner ends a request with its client, at whatever call to AWS it is
//! just then; what is done in AWS, where nobody tells a function that its client has left, is in `tests/deployed`.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{TestApi, TestUser};

/// How long each client stays: from one that has hardly sent its request to one that sees the answer.
fn stays() -> impl Iterator<Item = Duration> {
    (0..40).map(|number| Duration::from_micros(number * number * 30))
}

async fn get(user: &TestUser<'_>, path: &str) -> Value {
    user.call("GET", path).send().await.expect(200)
}

#[tokio::test]
async fn what_was_left_in_the_middle_is_there_whole_or_not_at_all() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({ "name": "A key", "permissions": ["search"] });
    let make = || user.call("POST", "/api/v1/keys").json(&body).send_alone();
    join_all(stays().map(|stay| tokio::time::timeout(stay, make()))).await;
    // Those who left are not waited for by anybody; a key that is made now comes after them or with them.
    make().await.expect(201);
    let mut seen = (json!(0), 0);
    for _ in 0..50 {
        let audit = get(&user, "/api/v1/management/audit?limit=100").await.to_string();
        seen = (get(&user, "/api/v1/keys").await["total"].clone(), audit.matches("key.created").count());
        if seen.0 == seen.1 {
            break;
        }
    }
    assert_eq!(seen.0, seen.1, "as many keys as entries that tell of them");
    assert!(seen.1 >= 1 && seen.1 <= 41, "{seen:?}");
}

#[tokio::test]
async fn an_address_whose_owner_left_while_registering_is_free_or_has_an_account_that_opens() {
    let api = TestApi::start().await;
    let bodies: Vec<Value> = (0..stays().count())
        .map(|number| json!({ "email": format!("left-{number}@example.com"), "password": "secure_password", "name": "Left" }))
        .collect();
    for (body, stay) in bodies.iter().zip(stays()) {
        api.advance(Duration::from_mins(2));
        let _ = tokio::time::timeout(stay * 8, api.call("POST", "/api/v1/auth/register").json(body).send_alone()).await;
    }
    for body in &bodies {
        api.advance(Duration::from_mins(2));
        let again = api.call("POST", "/api/v1/auth/register").json(body).send().await;
        if again.status != 201 {
            again.expect_error(409, "USER_EXISTS");
            api.call("POST", "/api/v1/auth/login").json(body).send().await.expect(200);
        }
    }
}
