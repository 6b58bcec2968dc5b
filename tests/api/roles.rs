//! Who is an administrator: whom the operator's command made one; and whose sessions it ends.

use admin::{Refused, end_sessions, set_role};
use serde_json::{Value, json};
use shared::users::Role;
use tests::{TestApi, TestUser};

/// The role of the account after a new login.
async fn role(user: &TestUser<'_>) -> Value {
    let body = json!({ "email": user.email, "password": "secure_password" });
    let data = user.api.call("POST", "/api/v1/auth/login").json(&body).send().await.expect(200);
    data["user"]["role"].clone()
}

#[tokio::test]
async fn the_operator_makes_an_administrator_and_takes_it_back() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for (given, expected) in [(Role::Admin, "admin"), (Role::User, "user")] {
        set_role(&api.service.app, &user.email.to_uppercase(), given).await.unwrap();
        assert_eq!(role(&user).await, expected);
    }
}

#[tokio::test]
async fn a_changed_role_ends_the_sessions_of_the_former_one() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    set_role(&api.service.app, &user.email, Role::Admin).await.unwrap();
    user.call("GET", "/api/v1/auth/profile").send().await.expect_error(401, "INVALID_TOKEN");
    user.call("POST", "/api/v1/auth/refresh").send().await.expect_error(401, "TOKEN_REFRESH_FAILED");
}

#[tokio::test]
async fn the_operator_ends_every_session_of_an_account_and_none_of_another() {
    let api = TestApi::start().await;
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    let key = user.search_key().await;
    end_sessions(&api.service.app, &user.email).await.unwrap();
    user.call("GET", "/api/v1/auth/profile").send().await.expect_error(401, "INVALID_TOKEN");
    user.call("POST", "/api/v1/auth/refresh").send().await.expect_error(401, "TOKEN_REFRESH_FAILED");
    other.call("GET", "/api/v1/auth/profile").send().await.expect(200);
    api.call("GET", "/api/v1/search/history").bearer(&key).send().await.expect(200);
    assert_eq!(role(&user).await, "user", "it can log in again");
    assert!(matches!(end_sessions(&api.service.app, "nobody@example.com").await, Err(Refused::NoAccount(_))));
}

#[tokio::test]
async fn no_route_gives_a_role() {
    let api = TestApi::start().await;
    let body = json!({ "email": "eve@example.com", "password": "secure_password", "name": "Eve", "role": "admin" });
    let data = api.call("POST", "/api/v1/auth/register").json(&body).send().await.expect(201);
    let token = data["token"].as_str().unwrap();
    let body = json!({ "name": "Eve", "role": "admin", "isAdmin": true });
    for (method, path) in [("PUT", "auth/profile"), ("POST", "auth/refresh"), ("POST", "management/setup")] {
        api.call(method, &format!("/api/v1/{path}")).bearer(token).json(&body).send().await;
    }
    let profile = api.call("GET", "/api/v1/auth/profile").bearer(token).send().await.expect(200);
    assert_eq!(profile["role"], "user");
}

#[tokio::test]
async fn who_has_no_account_gets_no_role() {
    let api = TestApi::start().await;
    let refused = set_role(&api.service.app, "nobody@example.com", Role::Admin).await;
    assert!(matches!(refused, Err(Refused::NoAccount(_))));
    assert!(matches!(set_role(&api.service.app, "nobody", Role::Admin).await, Err(Refused::NoAddress(_))));
}
