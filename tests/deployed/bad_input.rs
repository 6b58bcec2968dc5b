//! Events that are not as they should be, or seldom come.

use data_encoding::BASE64;
use serde_json::{Value, json};
use tests::TestApi;

use crate::{answered, deployed, event, gateway, somebody, with_json, with_token};

async fn health(api: &TestApi, change: impl FnOnce(&mut Value)) -> (u64, Value) {
    let mut event = event("GET", "/health");
    change(&mut event);
    answered(&gateway(api).invoke("management", &event).await)
}

#[tokio::test]
async fn an_event_of_another_kind_fails_alone_and_the_environment_goes_on() {
    let api = deployed().await;
    let rest = json!({
        "version": "1.0", "resource": "/health", "path": "/health", "httpMethod": "GET", "headers": {},
        "requestContext": { "stage": "prod" },
    });
    for wrong in [rest, json!({ "version": "2.0" }), json!({}), json!([]), json!("text"), json!({ "Records": [] })] {
        let answer = gateway(&api).invoke("management", &wrong).await;
        assert!(answer["errorType"].is_string() && answer.get("statusCode").is_none(), "{wrong} got {answer}");
        assert_eq!(health(&api, |_| {}).await.0, 200, "after {wrong}");
    }
    let log = gateway(&api).log("management");
    assert_eq!(log.matches("\"cold_start\":true").count(), 1, "one environment answered all: {log}");
}

#[tokio::test]
async fn without_a_body_a_route_says_what_it_wants() {
    let api = deployed().await;
    for body in [Value::Null, json!("")] {
        let mut event = event("POST", "/api/v1/auth/login");
        event["body"] = body;
        let (status, body) = answered(&gateway(&api).invoke("auth", &event).await);
        assert_eq!((status, body["success"].as_bool()), (400, Some(false)), "{body}");
    }
}

#[tokio::test]
async fn a_body_in_base64_is_the_same_body() {
    let api = deployed().await;
    let mut event = with_json(event("POST", "/api/v1/auth/register"), &Value::Null);
    event["body"] = BASE64.encode(somebody("ursula").to_string().as_bytes()).into();
    event["isBase64Encoded"] = true.into();
    let (status, body) = answered(&gateway(&api).invoke("auth", &event).await);
    assert_eq!(status, 201, "{body}");

    event["body"] = "*** no base64 ***".into();
    let answer = gateway(&api).invoke("auth", &event).await;
    assert!(answer["errorType"].is_string() || answer["statusCode"] == 400, "{answer}");
}

#[tokio::test]
async fn a_stage_before_the_path_is_no_part_of_it() {
    let api = deployed().await;
    for path in ["/prod/health", "/health"] {
        let (status, body) = health(&api, |event| {
            event["rawPath"] = path.into();
            event["requestContext"]["stage"] = "prod".into();
        })
        .await;
        assert_eq!(status, 200, "{path}: {body}");
    }
}

/// The gateway tells a path decoded, so that it may hold anything.
#[tokio::test]
async fn doubled_slashes_and_decoded_paths_lead_where_they_say_and_never_to_a_failure() {
    let api = deployed().await;
    let doubled = ["//health", "/health/", "/api//v1/health", ""];
    let encoded = ["/%68ealth", "/health%00", "/%ff", "/%", "/health%25"];
    let decoded = ["/he alth", "/hé", "/hea\tlth", "/health\0", "/health?", "/health#", "/\u{fffd}"];
    let elsewhere = ["/nothing/../health", "/./health", "/health/.", "/nothing\\..\\health", "/api/v1/..\\..\\health"];
    for path in doubled.into_iter().chain(encoded).chain(decoded).chain(elsewhere) {
        let (status, body) = health(&api, |event| event["rawPath"] = path.into()).await;
        assert_eq!((status, &body["error"]["code"]), (404, &json!("NOT_FOUND")), "{path:?}");
    }
    for id in ["%00", "\0", "..", "../..", "%ff", "a b", "a?b", "a#b", "é", "🦓", "'--"] {
        let event = with_token(event("GET", &format!("/api/v1/keys/{id}")), "no-token");
        let (status, body) = answered(&gateway(&api).invoke("keys", &event).await);
        assert!((400..500).contains(&status) && body["success"] == false, "{id:?}: {status} {body}");
    }
}

/// What a client writes there, the gateway passes on as it came.
#[tokio::test]
async fn a_query_that_no_uri_may_have_is_read_all_the_same() {
    let api = deployed().await;
    for query in ["a=<b>", "a=\"b\"", "a=b c", "a=é", "a=#", "a=%", "a=%ff", "a=\0", "[]={}&|^`\\"] {
        let (status, body) = health(&api, |event| event["rawQueryString"] = query.into()).await;
        assert_eq!(status, 200, "{query:?}: {body}");
    }
}

#[tokio::test]
async fn cookies_come_and_go_in_fields_of_their_own() {
    let api = deployed().await;
    let event_in = with_json(event("POST", "/api/v1/auth/register"), &somebody("ursula"));
    let answer = gateway(&api).invoke("auth", &event_in).await;
    let cookie = answer["cookies"][0].as_str().unwrap_or_else(|| std::panic::panic_any(answer.to_string()));
    assert!(answer["headers"].get("set-cookie").is_none(), "{answer}");
    let mut refresh = event("POST", "/api/v1/auth/refresh");
    refresh["cookies"] = json!([cookie.split(';').next().unwrap()]);
    let (status, body) = answered(&gateway(&api).invoke("auth", &refresh).await);
    assert_eq!(status, 200, "{body}");
}
