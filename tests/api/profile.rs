//! `/api/v1/auth/profile` and `/api/v1/auth/change-password`

use serde_json::{Value, json};
use tests::{Answer, TestApi, TestUser};

const NEW: &str = "N3w.password";

async fn change(user: &TestUser<'_>, current: &str, new: &str) -> Answer {
    let body = json!({ "currentPassword": current, "newPassword": new });
    user.call("POST", "/api/v1/auth/change-password").json(&body).send().await
}

async fn log_in(api: &TestApi, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    api.call("POST", "/api/v1/auth/login").json(&body).send().await
}

async fn update(user: &TestUser<'_>, body: Value) -> Answer {
    user.call("PUT", "/api/v1/auth/profile").json(&body).send().await
}

#[tokio::test]
async fn name_and_address_can_be_changed_and_nothing_else() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let data = update(&user, json!({ "name": " Ursula ", "email": "K@Example.org", "role": "admin", "id": "x" })).await;
    let data = data.expect(200);
    assert_eq!((&data["name"], &data["email"]), (&json!("Ursula"), &json!("k@example.org")));
    assert_eq!((&data["role"], &data["id"]), (&json!("user"), &json!(user.id)));
    log_in(&api, "k@example.org", "secure_password").await.expect(200);
    log_in(&api, &user.email, "secure_password").await.expect_error(401, "INVALID_CREDENTIALS");
    let mut kept = user.call("GET", "/api/v1/auth/profile").send().await.expect(200);
    kept["lastActive"] = data["lastActive"].clone();
    assert_eq!(kept, data);
}

#[tokio::test]
async fn an_address_that_was_given_up_is_free() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    update(&user, json!({ "email": "new@example.com" })).await.expect(200);
    let another = api.register("ursula").await;
    assert_ne!(another.id, user.id);
    update(&user, json!({ "email": another.email })).await.expect_error(409, "USER_EXISTS");
}

#[tokio::test]
async fn of_many_who_take_one_address_at_once_one_gets_it() {
    let api = TestApi::start().await;
    let (a, b, c) = (api.register("a").await, api.register("b").await, api.register("c").await);
    let wanted = || json!({ "email": "wanted@example.com" });
    let (a, b, c) = tokio::join!(update(&a, wanted()), update(&b, wanted()), update(&c, wanted()));
    let mut statuses = [a.status, b.status, c.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409]);
}

#[tokio::test]
async fn of_many_changes_of_one_account_at_once_none_leaves_an_address_behind() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let take = |name: &str| update(&user, json!({ "email": format!("{name}@example.com") }));
    let (a, b, c) = tokio::join!(take("a"), take("b"), take("c"));
    assert_eq!([a.status, b.status, c.status], [200; 3]);
    let kept = user.call("GET", "/api/v1/auth/profile").send().await.expect(200)["email"].clone();
    for name in ["a", "b", "c"] {
        let body = json!({ "email": format!("{name}@example.com"), "password": "secure_password", "name": "Another" });
        let expected = if kept == body["email"] { 409 } else { 201 };
        assert_eq!(api.call("POST", "/api/v1/auth/register").json(&body).send().await.status, expected, "{name}");
    }
}

#[tokio::test]
async fn a_change_of_nothing_changes_nothing() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let before = user.call("GET", "/api/v1/auth/profile").send().await.expect(200);
    let own = json!({ "name": before["name"], "email": before["email"].as_str().unwrap().to_uppercase() });
    for body in [json!({}), json!(null), json!({ "name": null, "email": null, "else": 1 }), own] {
        assert_eq!(update(&user, body).await.expect(200), before);
    }
}

#[tokio::test]
async fn a_profile_that_can_not_be_is_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for (body, field) in [
        (json!({ "name": "   " }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "email": "nobody" }), "email"),
        (json!({ "email": 5 }), "email"),
        (json!([]), ""),
    ] {
        let details = update(&user, body).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], field);
    }
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session_and_gives_the_caller_a_new_one() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let other = log_in(&api, &user.email, "secure_password").await.expect(200)["token"].clone();
    let data = change(&user, "secure_password", NEW).await.expect(200);
    assert_eq!((&data["success"], &data["expiresIn"]), (&json!(true), &json!(604_800)));

    for (token, status) in [(&other, 401), (&json!(user.token), 401), (&data["token"], 200)] {
        let call = api.call("GET", "/api/v1/auth/profile").bearer(token.as_str().unwrap());
        assert_eq!(call.send().await.status, status);
    }
    log_in(&api, &user.email, "secure_password").await.expect_error(401, "INVALID_CREDENTIALS");
    log_in(&api, &user.email, NEW).await.expect(200);
}

#[tokio::test]
async fn a_weak_password_and_a_wrong_one_are_refused_with_the_code_for_it() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for weak in ["nouppercase.1", "NOLOWERCASE.1", "NoDigit.here", "N0Special_char", "N0Special`char"] {
        change(&user, "secure_password", weak).await.expect_error(400, "PASSWORD_CHANGE_FAILED");
    }
    change(&user, "Wr0ng.password", NEW).await.expect_error(400, "PASSWORD_CHANGE_FAILED");
    change(&user, "secure_password", "Sh0rt.").await.expect_error(400, "VALIDATION_ERROR");
    change(&user, "", NEW).await.expect_error(400, "VALIDATION_ERROR");
    user.call("GET", "/api/v1/auth/profile").send().await.expect(200);
}

#[tokio::test]
async fn of_many_password_changes_at_once_one_happens() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (a, b, c) = tokio::join!(
        change(&user, "secure_password", "Passw0rd.a"),
        change(&user, "secure_password", "Passw0rd.b"),
        change(&user, "secure_password", "Passw0rd.c"),
    );
    let statuses = [a.status, b.status, c.status];
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}
