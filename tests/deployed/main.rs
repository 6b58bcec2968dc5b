//! The functions as they are deployed: the programs themselves, behind Lambda's runtime interface emulator, called with the
//! events of API Gateway. `./dev lambda` runs this, and then most of `tests/api` in the same way.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

mod bad_input;
mod behind;
mod frozen;
mod leaving;
mod log;
mod rollup;
mod rotation;
mod routes;
mod scans;
mod stream;

use serde_json::{Value, json};
use tests::{Gateway, TestApi, TestMySql};

/// An event as API Gateway sends it: recorded in its developer guide, without what is different in every request.
const RECORDED: &str = include_str!("event.json");

/// A service whose functions are programs.
async fn deployed() -> TestApi {
    let api = TestApi::start().await;
    assert!(api.gateway.is_some(), "name the runtime interface emulator in ALTUS4_TEST_RIE, as ./dev lambda does");
    api
}

/// The MariaDB or MySQL of this run.
fn mysql() -> &'static TestMySql {
    TestMySql::shared(env!("CARGO_TARGET_TMPDIR"))
}

fn gateway(api: &TestApi) -> &Gateway {
    api.gateway.as_ref().unwrap()
}

/// The recorded event for this method and path.
fn event(method: &str, path: &str) -> Value {
    let mut event: Value = serde_json::from_str(RECORDED).unwrap();
    event["requestContext"]["http"]["method"] = method.into();
    event["requestContext"]["http"]["path"] = path.into();
    event["rawPath"] = path.into();
    event
}

/// The same with a body of JSON.
fn with_json(mut event: Value, body: &Value) -> Value {
    event["headers"]["content-type"] = "application/json".into();
    event["body"] = body.to_string().into();
    event
}

/// The same with a session.
fn with_token(mut event: Value, token: &str) -> Value {
    event["headers"]["authorization"] = format!("Bearer {token}").into();
    event
}

/// The status and the body of an answer of a function.
fn answered(answer: &Value) -> (u64, Value) {
    let status = answer["statusCode"].as_u64();
    let body = answer["body"].as_str().map(|body| serde_json::from_str(body).unwrap());
    (status.unwrap_or_else(|| std::panic::panic_any(answer.to_string())), body.unwrap_or_default())
}

/// A body that registers somebody.
fn somebody(name: &str) -> Value {
    json!({ "email": format!("{name}@example.com"), "password": "secure_password", "name": name })
}
