//! What we stand on fails: DynamoDB, KMS, Secrets Manager, and a customer's server in the middle of its answer. Every call gets
//! the answer of docs/errors.md, nothing is lost or half-written, and the next call finds all as it was.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

mod keys_and_secrets;
mod mysql;
mod searches;
mod table;
mod transactions;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use local::faults::Fault;
use serde_json::{Value, json};
use tests::{Answer, TestApi};

/// All calls of the table.
const TABLE: &str = "DynamoDB_20120810";

/// How something can fail that answers by HTTP, each way with its name.
fn failures() -> Vec<(&'static str, Fault)> {
    vec![
        ("throttled", Fault::refused("ProvisionedThroughputExceededException")),
        ("held back", Fault::refused("ThrottlingException")),
        ("broken", Fault::refused("InternalServerError")),
        ("denied", Fault::refused("AccessDeniedException")),
        ("cut off", Fault::Cut(20)),
        ("reset", Fault::Reset(0)),
        ("garbled", Fault::Garbled(0)),
        ("garbled in the middle", Fault::Garbled(60)),
        ("late", Fault::Late(Duration::from_mins(1))),
        ("slow", Fault::Slow(Duration::from_secs(1))),
        ("silent", Fault::Held),
    ]
}

/// That the service can not do this now, and says when to ask again.
#[track_caller]
fn expect_unavailable(answer: Answer, place: &str) {
    assert_eq!(answer.status, 503, "{place}: {:#}", answer.body);
    let wait = answer.header("retry-after").unwrap().to_owned();
    let details = answer.expect_error(503, "SERVICE_UNAVAILABLE");
    // The second API says it in the header alone.
    let is_bare = details["error_code"].is_string();
    assert!(is_bare || details["retryAfter"].as_u64() == wait.parse().ok(), "{place}: {details:#}");
}

/// Attributes that calls count and note of themselves, whatever becomes of them.
const NOTES: [&str; 12] = [
    "blocked",
    "catalogue",
    "last_active",
    "last_connected",
    "last_tested",
    "last_used",
    "status",
    "ttl",
    "usage_count",
    "used",
    "window_began_ms",
    "window_ends_ms",
];

/// What is stored, by its keys: all but what calls note of themselves, and what is written behind the answer of a search.
async fn stored(api: &TestApi) -> BTreeMap<String, Value> {
    let client = shared::app::dynamodb(&api.service.aws, &api.service.direct());
    let items = client.scan().table_name("altus4").into_paginator().items().send().try_collect().await.unwrap();
    let plain = items.into_iter().map(|item| plain(&AttributeValue::M(item)));
    let of_item = |mut item: Value| {
        let (pk, sk) = (item["pk"].as_str().unwrap().to_owned(), item["sk"].as_str().unwrap().to_owned());
        let is_behind = ["#C", "#H", "#R", "#V"].iter().any(|kind| pk.ends_with(kind)) || pk.starts_with("SYSTEM#R");
        let item_fields = item.as_object_mut().unwrap();
        item_fields.retain(|name, _| !NOTES.contains(&name.as_str()) && !name.starts_with("calls#"));
        // An item of nothing but notes may come with the first call.
        (!is_behind && item_fields.len() > 2).then_some((format!("{pk} {sk}"), item))
    };
    plain.filter_map(of_item).collect()
}

fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => json!(text),
        AttributeValue::Bool(value) => json!(value),
        AttributeValue::B(bytes) => json!(bytes.as_ref()),
        AttributeValue::L(list) => list.iter().map(plain).collect(),
        AttributeValue::M(map) => map.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        _ => Value::Null,
    }
}
