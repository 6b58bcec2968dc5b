//! What an environment writes: one line a request for people, and one for metrics.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{deployed, gateway, mysql};

/// What lines of the runtime interface emulator hold.
const OF_THE_EMULATOR: [&str; 6] =
    ["[INFO]", "[WARNING]", "START RequestId", "END RequestId", "REPORT RequestId", "INIT_REPORT"];

/// The lines of a log that are JSON and have this field.
fn lines(log: &str, field: &str) -> Vec<Value> {
    let all = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    all.filter(|line| line.get(field).is_some()).collect()
}

#[tokio::test]
async fn a_request_is_one_line_and_its_metrics_another() {
    let api = deployed().await;
    let user = api.register("ursula").await;
    let key = user.search_key().await;
    let body = json!({ "query": "zebra-of-the-log" });
    let answer = api.call("POST", "/api/v1/search").bearer(&key).json(&body).send().await;
    let id = answer.header("x-request-id").unwrap().to_owned();
    let trace = answer.header("x-amzn-trace-id").unwrap().to_owned();
    answer.expect(200);
    api.call("POST", "/api/v1/search").bearer("altus4_sk_live_no").json(&body).send().await;

    let log = gateway(&api).log("search");
    let told = lines(&log, "request_id");
    assert_eq!(told.len(), 2, "{log}");
    let (good, bad) = (&told[0], &told[1]);
    assert_eq!((&good["request_id"], &good["trace_id"]), (&json!(id), &json!(trace)), "{good}");
    assert!(trace.starts_with("Root=1-"), "{trace}");
    assert_eq!((&good["method"], &good["route"]), (&json!("POST"), &json!("/api/v1/search")));
    assert_eq!((&good["status"], &good["user"]), (&json!(200), &json!(user.id)));
    assert_eq!((&good["cold_start"], &bad["cold_start"]), (&json!(true), &json!(false)));
    assert_eq!((&good["databases"], &good["rows"]), (&json!(0), &json!(0)));
    assert!(good["aws_request_id"].as_str().is_some_and(|id| id.len() == 36), "{good}");
    for figure in ["duration_ms", "ask_ms", "order_ms", "fetch_ms", "memory_mb"] {
        assert!(good[figure].is_u64(), "{figure}: {good}");
    }
    assert_eq!((&bad["status"], &bad["code"]), (&json!(401), &json!("INVALID_API_KEY")));

    let metrics = lines(&log, "_aws");
    assert_eq!(metrics.len(), 2, "{log}");
    assert_eq!((&metrics[0]["Service"], &metrics[0]["Route"]), (&json!("altus4-test"), &json!("POST /api/v1/search")));
    assert_eq!((&metrics[0]["ColdStarts"], &metrics[1]["KeyRefusals"]), (&json!(1), &json!(1)));
    for secret in [key.as_str(), "zebra-of-the-log", user.email.as_str(), "altus4_sk_live_no"] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

#[tokio::test]
async fn nothing_but_lines_of_json_is_written() {
    let api = deployed().await;
    api.register("ursula").await;
    api.call("GET", "/health").send().await.expect(200);
    for function in ["auth", "management"] {
        let log = gateway(&api).log(function);
        // The emulator tells of its own life between these.
        let own = |line: &&str| OF_THE_EMULATOR.iter().any(|beginning| line.contains(beginning)) || line.is_empty();
        let ours = log.lines().filter(|line| !own(line));
        let kinds: BTreeSet<bool> = ours.map(|line| serde_json::from_str::<Value>(line).is_ok()).collect();
        assert_eq!(kinds, BTreeSet::from([true]), "{log}");
    }
}

#[tokio::test]
async fn what_kms_refuses_is_counted_for_the_alarm() {
    let (api, schema) = (deployed().await, mysql().schema(&["CREATE TABLE t (id INT PRIMARY KEY)"]).await);
    let user = api.register("ursula").await;
    let kms = shared::app::kms(&api.service.aws, &api.service.app.config);
    let key = kms.describe_key().key_id("alias/altus4").send().await.unwrap().key_metadata.unwrap().key_id;
    kms.disable_key().key_id(key).send().await.unwrap();
    let call = user.call("POST", "/api/v1/databases").json(&schema.connection());
    call.send().await.expect_error(503, "SERVICE_UNAVAILABLE");

    let log = gateway(&api).log("databases");
    let told = lines(&log, "_aws");
    assert_eq!((&told[0]["KmsDenials"], &told[0]["Code"]), (&json!(1), &json!("SERVICE_UNAVAILABLE")), "{log}");
    assert!(lines(&log, "cause")[0]["cause"].as_str().unwrap().contains("DisabledException"), "{log}");
}
