//! `DELETE /api/v1/auth/account`, and the operator's command that does the same.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use serde_json::json;
use shared::Error;
use shared::audit::{Action, Entry};
use tests::{TestApi, TestUser};

use crate::articles;

async fn close(user: &TestUser<'_>) -> u16 {
    user.call("DELETE", "/api/v1/auth/account").send().await.status
}

/// As after a crash between the closing of the account and the second look at what it holds.
async fn cut_short(user: &TestUser<'_>) {
    let app = &user.api.service.app;
    let session = app.sessions.verify(&user.token).await.unwrap();
    let entry = Entry::by_operator(session.user, Action::AccountClosed, session.user, app.clock.now());
    app.users.close(session, &entry).await.unwrap();
}

async fn search(api: &TestApi, key: &str) -> u16 {
    let body = json!({ "query": "zebra" });
    api.call("POST", "/api/v1/search").bearer(key).json(&body).send().await.status
}

#[tokio::test]
async fn a_closed_account_leaves_no_session_no_key_and_no_password() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let (key, id) = (user.search_key().await, user.connect(&schema).await);
    assert_eq!(search(&api, &key).await, 200);

    let answer = user.call("DELETE", "/api/v1/auth/account").send().await;
    assert!(answer.header("set-cookie").unwrap().starts_with("__Secure-altus4_refresh=; Max-Age=0;"));
    assert_eq!(answer.expect(200), json!({ "success": true }));

    for path in ["auth/profile", "keys", "databases", "analytics/search-history", &format!("databases/{id}")] {
        user.call("GET", &format!("/api/v1/{path}")).send().await.expect_error(401, "INVALID_TOKEN");
    }
    assert_eq!(search(&api, &key).await, 401);
    user.call("POST", "/api/v1/auth/refresh").send().await.expect_error(401, "TOKEN_REFRESH_FAILED");
    let body = json!({ "email": user.email, "password": "secure_password" });
    api.call("POST", "/api/v1/auth/login").json(&body).send().await.expect_error(401, "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn nothing_of_a_closed_account_stays_that_says_who_it_was() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    close(&user).await;
    let dynamodb = shared::app::dynamodb(&api.service.aws, &api.service.app.config);
    let left = dynamodb.scan().table_name("altus4").send().await.unwrap();
    let kept = left.items().iter().map(|item| item["sk"].as_s().unwrap().as_str()).collect::<Vec<_>>();
    assert!(!kept.iter().any(|sk| *sk == "USER" || *sk == "EMAIL" || sk.starts_with("DB#")), "{kept:?}");
    let text = format!("{:?}", left.items());
    assert!(!text.contains("ursula") && !text.contains("argon2"), "{text}");
}

#[tokio::test]
async fn the_address_of_a_closed_account_can_register_anew_and_finds_nothing() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    close(&user).await;
    let again = api.register("ursula").await;
    assert_ne!(again.id, user.id);
    assert_eq!(again.call("GET", "/api/v1/databases").send().await.expect(200), json!([]));
    assert_eq!(again.call("GET", "/api/v1/keys").send().await.expect(200)["total"], 0);
    // The old session closes the old account once more, not the new one.
    assert_eq!(close(&user).await, 200);
    again.call("GET", "/api/v1/auth/profile").send().await.expect(200);
}

#[tokio::test]
async fn closing_that_was_cut_short_is_repaired_by_closing_again() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let (key, _) = (user.search_key().await, user.connect(&schema).await);
    cut_short(&user).await;
    assert_eq!(search(&api, &key).await, 200, "nobody has revoked it yet");

    assert_eq!(close(&user).await, 200);
    assert_eq!(search(&api, &key).await, 401);
    assert_eq!(api.service.app.databases.list(user.id.parse().unwrap()).await.unwrap().len(), 0);
}

#[tokio::test]
async fn the_operator_finishes_a_closing_that_was_cut_short() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let (key, id) = (user.create_key(&["search"]).await, user.connect(&schema).await);
    cut_short(&user).await;
    let (app, owner) = (&api.service.app, user.id.parse().unwrap());
    // A second time changes nothing.
    for _ in 0..2 {
        admin::close(app, owner).await.unwrap();
    }
    assert_eq!(search(&api, &key.0).await, 401);
    assert_eq!(app.databases.list(owner).await.unwrap().len(), 0);
    let (entries, _) = app.audit.list(owner, None, 50).await.unwrap();
    let by_operator = entries.iter().filter(|entry| entry.address.is_none()).map(|entry| entry.subject.as_str());
    let mut seen: Vec<&str> = by_operator.collect();
    seen.sort_unstable();
    let mut expected = [user.id.as_str(), &key.1, &id];
    expected.sort_unstable();
    assert_eq!(seen, expected, "each once");
}

#[tokio::test]
async fn the_operator_closes_an_account_as_its_owner_would() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let key = user.search_key().await;
    user.connect(&schema).await;
    admin::close(&api.service.app, user.id.parse().unwrap()).await.unwrap();
    user.call("GET", "/api/v1/auth/profile").send().await.expect_error(401, "INVALID_TOKEN");
    assert_eq!(search(&api, &key).await, 401);
    let again = api.register("ursula").await;
    assert_eq!(again.call("GET", "/api/v1/databases").send().await.expect(200), json!([]));
}

#[tokio::test]
async fn a_connection_whose_test_outlasts_its_account_is_not_stored() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let app = &api.service.app;
    let owner = user.id.parse().unwrap();
    let late = app.databases.list(owner).await.unwrap().remove(0);
    close(&user).await;
    let entry = Entry::by_operator(owner, Action::ConnectionAdded, late.id, app.clock.now());
    assert!(matches!(app.databases.insert(&late, &entry).await, Err(Error::SessionRefused(_))));
    assert_eq!(app.databases.list(owner).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_session_that_has_ended_closes_nothing() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    user.call("POST", "/api/v1/auth/logout").send().await.expect(200);
    user.call("DELETE", "/api/v1/auth/account").send().await.expect_error(401, "INVALID_TOKEN");
    let body = json!({ "email": user.email, "password": "secure_password" });
    api.call("POST", "/api/v1/auth/login").json(&body).send().await.expect(200);
}

#[tokio::test]
async fn closing_many_times_at_once_is_closing_once() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    user.search_key().await;
    let (a, b, c) = tokio::join!(close(&user), close(&user), close(&user));
    assert_eq!([a, b, c], [200; 3]);
}
