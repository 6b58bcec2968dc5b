//! Tokens that somebody else made, or that are no longer good: every one is refused with its code.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use tests::{TestApi, forge};

async fn refused(api: &TestApi, token: &str, code: &str) {
    for (method, path) in
        [("GET", "auth/profile"), ("POST", "auth/refresh"), ("DELETE", "auth/account"), ("GET", "keys")]
    {
        let answer = api.call(method, &format!("/api/v1/{path}")).bearer(token).send().await;
        answer.expect_error(401, code);
    }
}

/// The secret that signs, which nobody outside should ever have.
#[expect(clippy::unwrap_used, reason = "what panics here is a failed test")]
async fn secret(api: &TestApi) -> String {
    let secrets = shared::app::secrets_manager(&api.service.aws, &api.service.app.config);
    secrets.get_secret_value().secret_id("altus4/session").send().await.unwrap().secret_string.unwrap()
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused_whatever_its_header_says() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (claims, kid) = (forge::claims(&user.token), forge::kid(&user.token));
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256"] {
        refused(&api, &forge::unsigned(&json!({ "alg": alg, "kid": kid }), &claims), "INVALID_TOKEN").await;
    }
    for alg in ["none", "HS384", "HS512", "RS256", "ES256"] {
        refused(&api, &forge::with_alg(&user.token, alg), "INVALID_TOKEN").await;
    }
}

#[tokio::test]
async fn a_token_is_good_only_with_our_secret_and_our_algorithm() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (claims, kid) = (forge::claims(&user.token), forge::kid(&user.token));
    let secret = secret(&api).await;
    refused(&api, &forge::signed(&claims, &kid, Algorithm::HS256, b"another secret"), "INVALID_TOKEN").await;
    refused(&api, &forge::signed(&claims, &kid, Algorithm::HS256, b""), "INVALID_TOKEN").await;
    refused(&api, &forge::signed(&claims, &kid, Algorithm::HS512, secret.as_bytes()), "INVALID_TOKEN").await;
    refused(&api, &forge::signed(&claims, "another", Algorithm::HS256, secret.as_bytes()), "INVALID_TOKEN").await;
    let ours = forge::signed(&claims, &kid, Algorithm::HS256, secret.as_bytes());
    api.call("GET", "/api/v1/auth/profile").bearer(&ours).send().await.expect(200);
}

#[tokio::test]
async fn claims_that_say_too_little_or_something_else_are_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (claims, kid, secret) = (forge::claims(&user.token), forge::kid(&user.token), secret(&api).await);
    for (name, value) in [
        ("id", json!("00000000-0000-4000-8000-000000000000")),
        ("id", json!("x")),
        ("id", Value::Null),
        ("epoch", json!(7)),
        ("epoch", json!(-1)),
        ("exp", Value::Null),
        ("exp", json!("never")),
        ("use", json!("else")),
        ("use", Value::Null),
    ] {
        let mut claims = claims.clone();
        claims[name] = value;
        let token = forge::signed(&claims, &kid, Algorithm::HS256, secret.as_bytes());
        let answer = api.call("GET", "/api/v1/auth/profile").bearer(&token).send().await;
        answer.expect_error(401, "INVALID_TOKEN");
    }
}

#[tokio::test]
async fn the_cookie_says_nothing_about_the_person() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let answer = user.call("POST", "/api/v1/auth/refresh").send().await;
    let cookie = answer.header("set-cookie").unwrap();
    let token = cookie.split([';', '=']).nth(1).unwrap();
    let claims = forge::claims(token);
    assert_eq!((&claims["use"], &claims["id"]), (&json!("refresh"), &json!(user.id)));
    assert!(claims["email"].is_null() && claims["name"].is_null() && claims["role"].is_null(), "{claims}");
    let claims = forge::claims(&user.token);
    assert_eq!((&claims["email"], &claims["role"]), (&json!(user.email), &json!("user")), "as the reference has them");
}

#[tokio::test]
async fn a_token_of_a_deleted_account_or_one_long_over_is_refused() {
    let api = TestApi::start().await;
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    user.call("DELETE", "/api/v1/auth/account").send().await.expect(200);
    user.call("GET", "/api/v1/auth/profile").send().await.expect_error(401, "INVALID_TOKEN");
    user.call("GET", "/api/v1/keys").send().await.expect_error(401, "INVALID_TOKEN");
    api.advance(Duration::from_hours(14 * 24));
    refused(&api, &other.token, "TOKEN_EXPIRED").await;
}
