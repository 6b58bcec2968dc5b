//! `/api/v1/auth/refresh` and `/api/v1/auth/logout`

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Answer, TestApi, TestUser};

const DAY: Duration = Duration::from_hours(24);

async fn log_in(user: &TestUser<'_>) -> Answer {
    let body = json!({ "email": user.email, "password": "secure_password" });
    user.api.call("POST", "/api/v1/auth/login").json(&body).send().await
}

async fn refresh(api: &TestApi, cookie: &str) -> Answer {
    api.call("POST", "/api/v1/auth/refresh").header("cookie", cookie).send().await
}

async fn profile(api: &TestApi, token: &str) -> u16 {
    api.call("GET", "/api/v1/auth/profile").bearer(token).send().await.status
}

#[tokio::test]
async fn a_token_is_exchanged_for_a_new_one_that_stands_where_every_client_looks() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for body in ["", "null", "{}"] {
        let call = user.call("POST", "/api/v1/auth/refresh").header("content-type", "application/json").body(body);
        let answer = call.send().await;
        let body = answer.body.clone();
        let data = answer.expect(200);
        assert_eq!((&body["token"], &body["expiresIn"]), (&data["token"], &data["expiresIn"]));
        assert_eq!((&data["expiresIn"], &data["user"]["id"]), (&json!(604_800), &json!(user.id)));
        assert_ne!(data["token"], json!(user.token));
        assert_eq!(profile(&api, data["token"].as_str().unwrap()).await, 200);
    }
}

#[tokio::test]
async fn a_token_can_be_exchanged_for_seven_days_after_it_is_over() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    api.advance(Duration::from_mins(14 * 24 * 60 - 1));
    user.call("GET", "/api/v1/auth/profile").send().await.expect_error(401, "TOKEN_EXPIRED");
    user.call("POST", "/api/v1/auth/refresh").send().await.expect(200);
    api.advance(Duration::from_mins(1));
    user.call("POST", "/api/v1/auth/refresh").send().await.expect_error(401, "TOKEN_EXPIRED");
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_of_every_other_route() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let answer = log_in(&user).await;
    let header = answer.header("set-cookie").unwrap();
    let attributes: Vec<_> = header.split("; ").skip(1).collect();
    assert_eq!(attributes, ["Max-Age=2592000", "Path=/api/v1/auth", "HttpOnly", "Secure", "SameSite=None"]);
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
}

#[tokio::test]
async fn the_cookie_alone_gets_a_token_for_thirty_days() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let cookie_first = log_in(&user).await.cookie().to_owned();
    api.advance(DAY * 29);
    let answer = refresh(&api, &format!("theme=dark; {cookie_first}; x=y")).await;
    let cookie_second = answer.cookie().to_owned();
    assert_eq!(profile(&api, answer.expect(200)["token"].as_str().unwrap()).await, 200);
    api.advance(DAY);
    refresh(&api, &cookie_first).await.expect_error(401, "TOKEN_EXPIRED");
    refresh(&api, &cookie_second).await.expect(200);
}

#[tokio::test]
async fn a_cookie_that_is_exchanged_again_after_a_minute_ends_every_session() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let cookie = log_in(&user).await.cookie().to_owned();
    let next = refresh(&api, &cookie).await.cookie().to_owned();
    // The tabs of a browser wake up together, and an answer may be lost on its way.
    api.advance(Duration::from_secs(59));
    refresh(&api, &cookie).await.expect(200);
    api.advance(Duration::from_secs(1));
    refresh(&api, &cookie).await.expect_error(401, "TOKEN_REFRESH_FAILED");
    refresh(&api, &next).await.expect_error(401, "TOKEN_REFRESH_FAILED");
    assert_eq!(profile(&api, &user.token).await, 401);

    let user = user.log_in_again().await;
    let record = user.call("GET", "/api/v1/management/audit?limit=1").send().await.expect(200);
    let entry = &record["entries"][0];
    assert_eq!((&entry["action"], &entry["subject"]), (&json!("account.refresh_token_reused"), &json!(user.id)));
    assert_eq!(entry["address"], "127.0.0.1", "where the second came from");
}

#[tokio::test]
async fn a_cookie_beside_a_token_is_spent_with_it() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let cookie = log_in(&user).await.cookie().to_owned();
    user.call("POST", "/api/v1/auth/refresh").header("cookie", &cookie).send().await.expect(200);
    api.advance(Duration::from_mins(1));
    refresh(&api, &cookie).await.expect_error(401, "TOKEN_REFRESH_FAILED");
    assert_eq!(profile(&api, &user.token).await, 401, "whoever copied it is not told from the owner");
}

#[tokio::test]
async fn a_cookie_of_another_account_is_not_touched_by_a_token() {
    let api = TestApi::start().await;
    let (user, other) = (api.register("ursula").await, api.register("eve").await);
    let cookie = log_in(&user).await.cookie().to_owned();
    for _ in 0..2 {
        other.call("POST", "/api/v1/auth/refresh").header("cookie", &cookie).send().await.expect(200);
        api.advance(Duration::from_mins(2));
    }
    refresh(&api, &cookie).await.expect(200);
    assert_eq!(profile(&api, &user.token).await, 200);
}

#[tokio::test]
async fn every_cookie_of_a_chain_is_good_once_and_many_at_once_are_one_exchange() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let mut cookie = log_in(&user).await.cookie().to_owned();
    for _ in 0..3 {
        api.advance(DAY);
        let answers = futures_util::future::join_all((0..8).map(|_| refresh(&api, &cookie))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        cookie = answers[0].cookie().to_owned();
    }
    assert_eq!(profile(&api, &user.token).await, 200);
}

#[tokio::test]
async fn the_cookie_helps_where_the_token_beside_it_is_long_over() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let cookie = log_in(&user).await.cookie().to_owned();
    api.advance(DAY * 20);
    user.call("POST", "/api/v1/auth/refresh").send().await.expect_error(401, "TOKEN_EXPIRED");
    user.call("POST", "/api/v1/auth/refresh").header("cookie", &cookie).send().await.expect(200);
}

#[tokio::test]
async fn neither_kind_of_token_is_taken_for_the_other() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let cookie = log_in(&user).await.cookie().to_owned();
    let (name, refresh_token) = cookie.split_once('=').unwrap();
    for (method, path) in [("GET", "auth/profile"), ("GET", "databases"), ("POST", "search"), ("POST", "auth/refresh")]
    {
        let call = api.call(method, &format!("/api/v1/{path}")).bearer(refresh_token);
        call.send().await.expect_error(401, "INVALID_TOKEN");
    }
    refresh(&api, &format!("{name}={}", user.token)).await.expect_error(401, "INVALID_TOKEN");
}

#[tokio::test]
async fn the_cookie_does_nothing_for_a_page_that_is_not_known() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let cookie = log_in(&user).await.cookie().to_owned();
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
        for origin in ["http://evil.example", "null", "http://localhost:5173.evil.example"] {
            let call = api.call("POST", path).header("cookie", &cookie).header("origin", origin);
            call.send().await.expect_error(403, "FORBIDDEN");
        }
    }
    assert_eq!(profile(&api, &user.token).await, 200, "nobody was logged out");
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
        let call = api.call("POST", path).header("cookie", &cookie).header("origin", "http://localhost:5173");
        call.send().await.expect(200);
    }
}

#[tokio::test]
async fn a_page_that_is_not_known_can_not_make_a_browser_keep_a_session() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let form = format!("email={}&password=secure_password", user.email.replace('@', "%40"));
    for (origin, is_kept) in [
        (None, true),
        (Some("http://localhost:5173"), true),
        (Some("http://evil.example"), false),
        (Some("null"), false),
    ] {
        let call = api.call("POST", "/api/v1/auth/login").header("content-type", "application/x-www-form-urlencoded");
        let call = origin.into_iter().fold(call, |call, origin| call.header("origin", origin));
        let answer = call.body(form.clone()).send().await;
        assert_eq!((answer.status, answer.header("set-cookie").is_some()), (200, is_kept), "{origin:?}");
    }
}

#[tokio::test]
async fn what_can_not_be_renewed_gets_its_code() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let cookie = log_in(&user).await.cookie().to_owned();
    let refresh_with = |token: &str| api.call("POST", "/api/v1/auth/refresh").bearer(token).send();
    api.call("POST", "/api/v1/auth/refresh").send().await.expect_error(401, "NO_TOKEN");
    refresh(&api, "__Secure-altus4_refresh=").await.expect_error(401, "NO_TOKEN");
    refresh(&api, "__Secure-altus4_refresh=x.y.z").await.expect_error(401, "INVALID_TOKEN");
    refresh_with("x.y.z").await.expect_error(401, "INVALID_TOKEN");
    user.call("POST", "/api/v1/auth/logout").send().await.expect(200);
    refresh_with(&user.token).await.expect_error(401, "TOKEN_REFRESH_FAILED");
    refresh(&api, &cookie).await.expect_error(401, "TOKEN_REFRESH_FAILED");
}

#[tokio::test]
async fn logging_out_ends_every_session_at_once_and_clears_the_cookie() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let other = log_in(&user).await.expect(200)["token"].as_str().unwrap().to_owned();
    let answer = user.call("POST", "/api/v1/auth/logout").send().await;
    assert!(
        answer.header("set-cookie").unwrap().starts_with("__Secure-altus4_refresh=; Max-Age=0; Path=/api/v1/auth;")
    );
    assert_eq!(answer.expect(200), json!({ "success": true }));
    for token in [&user.token, &other] {
        assert_eq!(profile(&api, token).await, 401);
    }
    user.call("POST", "/api/v1/auth/logout").send().await.expect_error(401, "INVALID_TOKEN");
    assert_eq!(profile(&api, log_in(&user).await.expect(200)["token"].as_str().unwrap()).await, 200);
}

#[tokio::test]
async fn the_cookie_alone_logs_out_even_when_its_session_is_over() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let cookie = log_in(&user).await.cookie().to_owned();
    for _ in 0..2 {
        let call = api.call("POST", "/api/v1/auth/logout").header("cookie", &cookie);
        call.send().await.expect(200);
        assert_eq!(profile(&api, &user.token).await, 401);
    }
    api.call("POST", "/api/v1/auth/logout").send().await.expect_error(401, "NO_TOKEN");
}

#[tokio::test]
async fn no_body_makes_a_session_route_fail() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for path in ["auth/refresh", "auth/change-password", "auth/profile", "auth/account", "auth/logout"] {
        let method = match path {
            "auth/profile" => "PUT",
            "auth/account" => "DELETE",
            _ => "POST",
        };
        // Who is refused before the body is looked at changes nothing.
        for body in ["", "null", "[]", "{", "\"x\"", "{\"newPassword\": null}"] {
            let call = api.call(method, &format!("/api/v1/{path}")).body(body);
            assert_eq!(call.send().await.status, 401, "{path} {body}");
        }
        let status = user.call(method, &format!("/api/v1/{path}")).body("null").send().await.status;
        assert!([200, 400, 401].contains(&status), "{path}: {status}");
    }
}

#[tokio::test]
async fn an_outage_of_the_table_is_no_wrong_password() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let dynamodb = shared::app::dynamodb(&api.service.aws, &api.service.app.config);
    dynamodb.delete_table().table_name("altus4").send().await.unwrap();
    let error: Value = log_in(&user).await.expect_error(503, "SERVICE_UNAVAILABLE");
    assert_eq!(error, json!({ "retryAfter": 5 }));
    for (method, path) in [("GET", "profile"), ("POST", "refresh"), ("POST", "logout"), ("DELETE", "account")] {
        let call = user.call(method, &format!("/api/v1/auth/{path}"));
        call.send().await.expect_error(503, "SERVICE_UNAVAILABLE");
    }
}
