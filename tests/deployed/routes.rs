//! Every route, in the function that the template gives it to.

use local::service;
use serde_json::{Value, json};

use crate::{answered, deployed, event, gateway, with_json, with_token};

/// An id that nobody has.
const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

/// What is no answer in an envelope.
const DOCUMENTS: [&str; 2] = ["/openapi.json", "/docs"];

/// The event of a route, as the gateway makes it.
fn event_of(route: &shared::http::Route) -> Value {
    let parts = route.path.split('/').map(|part| if part.starts_with('{') { NOBODYS } else { part });
    let mut event = event(&route.method, &parts.collect::<Vec<_>>().join("/"));
    event["routeKey"] = format!("{} {}", route.method, route.path).into();
    event["requestContext"]["routeKey"] = event["routeKey"].clone();
    for name in route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        event["pathParameters"][name] = NOBODYS.into();
    }
    event
}

#[tokio::test]
async fn every_route_is_answered_by_its_function_and_no_other_word_of_it_is_needed() {
    let api = deployed().await;
    let user = api.register("ursula").await;
    let mut wrong = Vec::new();
    for (function, routes) in service::functions() {
        for route in routes.table() {
            // The account is closed last, by whom nobody asks after that.
            let is_end = ["/account", "/logout", "/change-password"].iter().any(|end| route.path.ends_with(end));
            let event = event_of(route);
            let event = if is_end { event } else { with_json(with_token(event, &user.token), &json!({})) };
            let answer = gateway(&api).invoke(function, &event).await;
            if DOCUMENTS.contains(&route.path) {
                assert_eq!(answer["statusCode"], 200, "{}: {answer}", route.path);
                continue;
            }
            let (status, body) = answered(&answer);
            let is_known = body["error"]["code"] != "NOT_FOUND";
            // The second API has no envelope: what it refuses has a code, and what it answers is a list.
            let is_bare = body["error_code"].is_string() || body.is_array();
            if status >= 500 || !is_known || !(is_bare || body["meta"]["requestId"].is_string()) {
                wrong.push(format!("{} {} by {function}: {status} {body}", route.method, route.path));
            }
        }
        let log = gateway(&api).log(function);
        for route in routes.table() {
            let seen = format!("\"method\":\"{}\",\"route\":\"{}\"", route.method, route.path);
            assert!(log.contains(&seen), "{function} has not written of {seen}:\n{log}");
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn a_function_knows_no_route_of_another() {
    let api = deployed().await;
    for (function, path) in [("auth", "/api/v1/search"), ("search", "/api/v1/auth/login"), ("keys", "/health")] {
        let (status, body) = answered(&gateway(&api).invoke(function, &event("POST", path)).await);
        assert_eq!((status, &body["error"]["code"]), (404, &json!("NOT_FOUND")), "{function} {path}");
    }
}

#[tokio::test]
async fn a_path_that_the_gateway_does_not_know_wears_the_envelope_too() {
    let api = deployed().await;
    api.call("GET", "/api/v1/nothing").send().await.expect_error(404, "NOT_FOUND");
    // The first is the function's own that answers what no route fits, and a HEAD comes there too.
    for (path, methods) in [("/health", "GET,HEAD"), ("/api/v1/keys", "GET,POST"), ("/api/v1/search", "POST")] {
        let answer = api.call("PATCH", path).send().await;
        assert_eq!(answer.header("allow"), Some(methods), "{path}");
        answer.expect_error(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn an_answer_that_is_packed_is_given_to_the_gateway_in_base64() {
    let api = deployed().await;
    let mut event = event("GET", "/openapi.json");
    event["headers"]["accept-encoding"] = "gzip".into();
    let answer = gateway(&api).invoke("management", &event).await;
    assert_eq!((&answer["statusCode"], &answer["isBase64Encoded"]), (&json!(200), &json!(true)));
    assert_eq!(answer["headers"]["content-encoding"], "gzip");
    // The first bytes of gzip (RFC 1952, 2.3.1), in base64.
    assert!(answer["body"].as_str().unwrap().starts_with("H4sI"));
}
