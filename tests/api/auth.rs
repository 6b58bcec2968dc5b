//! `/api/v1/auth`

use serde_json::json;
use tests::TestApi;

#[tokio::test]
async fn who_registers_is_signed_in_and_can_log_in_again() {
    let api = TestApi::start().await;
    let body = json!({ "email": "User@Example.com", "password": "secure_password", "name": " Test User " });
    let data = api.call("POST", "/api/v1/auth/register").json(&body).send().await.expect(201);
    assert_eq!(data["user"]["email"], "user@example.com");
    assert_eq!(data["user"]["name"], "Test User");
    assert_eq!(data["user"]["connectedDatabases"], json!([]));
    assert_eq!(data["expiresIn"], 604_800);

    let body = json!({ "email": "USER@example.com", "password": "secure_password" });
    let again = api.call("POST", "/api/v1/auth/login").json(&body).send().await.expect(200);
    assert_eq!(again["user"]["id"], data["user"]["id"]);
    let token = again["token"].as_str().unwrap();
    let profile = api.call("GET", "/api/v1/auth/profile").bearer(token).send().await.expect(200);
    assert_eq!(profile["email"], "user@example.com");
}

#[tokio::test]
async fn nobody_becomes_an_administrator_by_asking() {
    let api = TestApi::start().await;
    let body = json!({ "email": "a@b.cd", "password": "secure_password", "name": "Eve", "role": "admin" });
    let data = api.call("POST", "/api/v1/auth/register").json(&body).send().await.expect(201);
    assert_eq!(data["user"]["role"], "user");
}

#[tokio::test]
async fn an_address_has_one_account_whatever_its_case() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({ "email": user.email.to_uppercase(), "password": "secure_password", "name": "Another" });
    api.call("POST", "/api/v1/auth/register").json(&body).send().await.expect_error(409, "USER_EXISTS");
}

#[tokio::test]
async fn of_many_who_register_one_address_at_once_one_gets_it() {
    let api = TestApi::start().await;
    let body = json!({ "email": "many@example.com", "password": "secure_password", "name": "Somebody" });
    let register = || async { api.call("POST", "/api/v1/auth/register").json(&body).send().await.status };
    let (a, b, c, d) = tokio::join!(register(), register(), register(), register());
    let mut statuses = [a, b, c, d];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let wrong = json!({ "email": user.email, "password": "another_password" });
    let unknown = json!({ "email": "nobody@example.com", "password": "secure_password" });
    let mut errors = Vec::new();
    for body in [wrong, unknown] {
        let answer = api.call("POST", "/api/v1/auth/login").json(&body).send().await;
        errors.push(answer.body["error"].clone());
        let details = answer.expect_error(401, "INVALID_CREDENTIALS");
        assert_eq!(details["legacyCode"], "AUTHENTICATION_FAILED");
    }
    assert_eq!(errors[0], errors[1]);
}

#[tokio::test]
async fn a_missing_or_broken_token_gets_its_code() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (key, _) = user.create_key(&["admin"]).await;
    let profile = || api.call("GET", "/api/v1/auth/profile");
    profile().send().await.expect_error(401, "NO_TOKEN");
    profile().header("authorization", "").send().await.expect_error(401, "NO_TOKEN");
    profile().header("authorization", "Basic dXNlcg==").send().await.expect_error(401, "INVALID_AUTH_FORMAT");
    profile().header("authorization", &user.token).send().await.expect_error(401, "INVALID_AUTH_FORMAT");
    let (head, signature) = user.token.rsplit_once('.').unwrap();
    let other = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let none = "eyJhbGciOiJub25lIn0.eyJpZCI6IngifQ.";
    for token in [other.as_str(), head, none, "x.y.z", &key] {
        profile().bearer(token).send().await.expect_error(401, "INVALID_TOKEN");
    }
}

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let twice = user.call("GET", "/api/v1/auth/profile").bearer(&user.token);
    twice.send().await.expect_error(401, "INVALID_AUTH_FORMAT");
}

#[tokio::test]
async fn the_scheme_may_be_written_in_any_case() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let header = format!("bEARER   {}", user.token);
    api.call("GET", "/api/v1/auth/profile").header("authorization", &header).send().await.expect(200);
}

#[tokio::test]
async fn a_token_ends_after_seven_days() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    api.advance(std::time::Duration::from_mins(10079));
    user.call("GET", "/api/v1/auth/profile").send().await.expect(200);
    api.advance(std::time::Duration::from_mins(1));
    user.call("GET", "/api/v1/auth/profile").send().await.expect_error(401, "TOKEN_EXPIRED");
}
