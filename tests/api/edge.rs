//! What every answer has in common.

use serde_json::json;
use tests::{Call, TestApi};

#[tokio::test]
async fn what_is_no_json_gets_its_code_and_a_sentence() {
    let api = TestApi::start().await;
    for body in ["{", "{\"email\": }", "nonsense", "{\"a\":1}}", "\u{0}"] {
        let answer = api.call("POST", "/api/v1/auth/login").header("content-type", "application/json").body(body);
        answer.send().await.expect_error(400, "INVALID_JSON");
    }
}

#[tokio::test]
async fn a_wrong_type_is_told_with_the_name_of_its_field() {
    let api = TestApi::start().await;
    for (body, field, code) in [
        (json!({}), "email", "invalid_type"),
        (json!(null), "email", "invalid_type"),
        (json!([]), "", "invalid_type"),
        (json!({ "email": 1 }), "email", "invalid_type"),
        (json!({ "email": "a@b" }), "email", "invalid_string"),
        (json!({ "email": "a@b.cd" }), "password", "invalid_type"),
        (json!({ "email": "a@b.cd", "password": "short" }), "password", "too_small"),
        (json!({ "email": "a@b.cd", "password": "secure_password", "name": "   " }), "name", "too_small"),
        (json!({ "email": "a@b.cd", "password": "secure_password", "name": "x".repeat(101) }), "name", "too_big"),
    ] {
        let answer = api.call("POST", "/api/v1/auth/register").json(&body).send().await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], field, "{body}");
        assert_eq!(details["errors"][0]["code"], code, "{body}");
        assert_eq!(details["errors"][0]["message"], details["reason"], "{body}");
    }
}

#[tokio::test]
async fn a_body_of_two_megabytes_is_too_large() {
    let api = TestApi::start().await;
    let answer = api.call("POST", "/api/v1/auth/login").body(vec![b' '; 2 * 1024 * 1024]).send().await;
    answer.expect_error(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn an_unknown_path_or_method_is_not_found() {
    let api = TestApi::start().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/api/v1/nothing"),
        ("PATCH", "/api/v1/auth/login"),
        ("DELETE", "/health"),
        ("TRACE", "/health"),
    ] {
        api.call(method, path).send().await.expect_error(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_method_that_a_path_has_not_is_told_with_those_it_has() {
    let api = TestApi::start().await;
    for (method, path, expected) in [
        ("PATCH", "/api/v1/auth/login", &["POST"][..]),
        ("DELETE", "/health", &["GET"]),
        ("PATCH", "/api/v1/keys", &["GET", "POST"]),
        ("POST", "/api/v1/keys/8", &["DELETE", "GET", "PUT"]),
        ("POST", "/api/v1/databases/status", &["GET"]),
        ("GET", "/api/v1/nothing", &[]),
        ("GET", "/", &[]),
    ] {
        let answer = api.call(method, path).send().await;
        let told = answer.header("allow").unwrap_or_default().to_owned();
        answer.expect_error(404, "NOT_FOUND");
        let mut methods: Vec<&str> = told.split(',').map(str::trim).filter(|one| !["", "HEAD"].contains(one)).collect();
        methods.sort_unstable();
        assert_eq!(methods, expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_path_that_has_become_another_says_so_and_answers_as_ever() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let mut aliases = 0;
    for (_, routes) in local::service::functions() {
        for (alias, successor) in routes.aliases() {
            let method = if alias.contains("setup") { "POST" } else { "GET" };
            for (path, since) in [(alias, Some("@1795305600")), (successor, None)] {
                let answer = user.call(method, path).send().await;
                assert_eq!(answer.header("deprecation"), since, "{path}");
                assert!(answer.status < 300 || answer.body["error"]["code"] == "API_KEY_EXISTS", "{path}");
            }
            aliases += 1;
        }
    }
    assert_eq!(aliases, 4);
    let refused = api.call("GET", "/api/v1/analytics/trends").send().await;
    assert_eq!(refused.header("deprecation"), Some("@1795305600"), "whoever calls it");
}

#[tokio::test]
async fn login_takes_a_form_as_browsers_send_it() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let form = format!("email={}&password=secure_password", user.email.replace('@', "%40"));
    let call = api.call("POST", "/api/v1/auth/login").header("content-type", "application/x-www-form-urlencoded");
    call.body(form).send().await.expect(200);
}

#[tokio::test]
async fn every_answer_tells_a_browser_to_keep_guess_run_and_frame_nothing() {
    let api = TestApi::start().await;
    for (method, path, status) in [
        ("GET", "/health", 200),
        ("GET", "/docs", 200),
        ("GET", "/openapi.json", 200),
        ("POST", "/api/v1/auth/login", 400),
        ("GET", "/api/v1/keys", 401),
        ("GET", "/nothing", 404),
    ] {
        let (found, headers, _) = api.call(method, path).download().await;
        assert_eq!(found, status, "{path}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(headers[name], value, "{path}");
        }
        let policy: Vec<&str> = headers["content-security-policy"].to_str().unwrap().split("; ").collect();
        for directive in ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(&directive), "{path}: {policy:?}");
        }
    }
}

#[tokio::test]
async fn a_known_origin_may_call_with_credentials_and_another_may_not() {
    let api = TestApi::start().await;
    let known = api.call("GET", "/health").header("origin", "http://localhost:5173").send().await;
    assert_eq!(known.header("access-control-allow-origin"), Some("http://localhost:5173"));
    assert_eq!(known.header("access-control-allow-credentials"), Some("true"));
    let unknown = api.call("GET", "/health").header("origin", "http://evil.example").send().await;
    assert_eq!(unknown.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_preflight_of_a_known_origin_is_answered_without_a_body_and_lets_it_call() {
    let api = TestApi::start().await;
    for path in PREFLIGHTS {
        let (status, headers, body) = preflight(&api, "http://localhost:5173", path).download().await;
        assert_eq!((status, body.as_str()), (204, ""), "{path}");
        for (name, value) in [
            ("access-control-allow-origin", "http://localhost:5173"),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "GET,POST,PUT,DELETE,PATCH,OPTIONS"),
            ("access-control-max-age", "600"),
        ] {
            assert_eq!(headers[name], value, "{path}");
        }
        // Here those that were asked for, and in AWS all that the template names.
        let allowed: Vec<&str> = headers["access-control-allow-headers"].to_str().unwrap().split(',').collect();
        assert!(["authorization", "x-custom-header"].iter().all(|name| allowed.contains(name)), "{path}: {allowed:?}");
    }
}

/// A browser needs no more than the missing name to stay away, whatever the status is.
#[tokio::test]
async fn a_preflight_of_an_unknown_origin_names_none() {
    let api = TestApi::start().await;
    for path in PREFLIGHTS {
        let (_, headers, _) = preflight(&api, "http://evil.example", path).download().await;
        assert_eq!(headers.get("access-control-allow-origin"), None, "{path}");
    }
}

/// Where preflights are sent to in these tests; the last is no route.
const PREFLIGHTS: [&str; 3] = ["/api/v1/search", "/api/v1/auth/refresh", "/api/v1/nothing"];

fn preflight(api: &TestApi, origin: &str, path: &str) -> Call {
    let call = api.call("OPTIONS", path).header("origin", origin);
    call.header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "authorization,x-custom-header")
}

#[tokio::test]
async fn a_browser_may_read_every_header_of_ours() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let answer = user.call("GET", "/api/v1/keys").header("origin", "http://localhost:5173").send().await;
    let exposed: Vec<&str> = answer.header("access-control-expose-headers").unwrap().split(',').collect();
    for name in answer.headers.keys().map(|name| name.as_str()).filter(|name| name.starts_with("x-rate")) {
        assert!(exposed.contains(&name), "{name} is not among {exposed:?}");
    }
    assert!(exposed.contains(&"x-request-id") && exposed.contains(&"retry-after"), "{exposed:?}");
}
