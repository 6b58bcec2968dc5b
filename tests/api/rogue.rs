//! Servers that are not what they say. Whatever one does, its owner gets an error that says why, in time, and nothing
//! is stored, nothing is leaked, and no more is read than fits.

mod answers;
mod greetings;
mod logins;
mod results;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::rogue::{Asked, Manners, PASSWORD, Rogue, Say, honest, rows};
use tests::{Answer, TestApi, TestUser};

/// What a rogue gets from us at most: the rows of one answer, a packet that is not finished yet, and what lies in the
/// buffers of the network where a busy machine reads late: 32 MB of its receiver and 4 MB of its sender (`tcp_rmem` and
/// `tcp_wmem` in tcp(7)).
const TAKEN_MAX: u64 = (64 + 16 + 32 + 4) << 20;

/// The deadline of `Rogue::connection`, and 100 ms for what comes after it.
const DEADLINE: Duration = Duration::from_millis(500 + 100);

/// What a call may cost on a busy machine besides. It is far from the five seconds that the service itself would wait.
const CALL: Duration = Duration::from_secs(3);

/// A service and a user, who meets one rogue after the other.
async fn meet(cases: Vec<(&str, Manners, &[&str])>) {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for (name, manners, reasons) in cases {
        let rogue = Rogue::start(manners).await;
        refuse(&user, name, &rogue, &rogue.connection(), reasons).await;
    }
}

/// The details of the error that the rogue's connection is refused with.
async fn refuse(user: &TestUser<'_>, name: &str, rogue: &Rogue, connection: &Value, reasons: &[&str]) -> Value {
    let started = Instant::now();
    let answer = user.call("POST", "/api/v1/databases").json(connection).send().await;
    let took = started.elapsed();
    let told = answer.body["error"].to_string();
    let details = expect_refusal(name, &answer);
    let reason = details["reason"].as_str().unwrap_or_default();
    assert!(reasons.contains(&reason), "{name}: {reason} is none of {reasons:?}");
    assert!(details["suggestion"].as_str().is_some_and(|hint| hint.len() > 20), "{name}: {details:#}");
    assert!(took < DEADLINE + CALL, "{name} took {took:?}");
    assert!(rogue.taken() <= TAKEN_MAX, "{name}: {} bytes were taken", rogue.taken());
    for secret in [PASSWORD, "10.11.12.13", "s3cr3t"] {
        assert!(!told.contains(secret), "{name}: {told}");
    }
    assert!(!holds(&rogue.received(), PASSWORD), "{name}: the password went over the wire");
    assert_eq!(user.call("GET", "/api/v1/databases").send().await.expect(200), json!([]), "{name}");
    let left = tokio::time::timeout(Duration::from_secs(2), rogue.is_left()).await;
    assert!(left.is_ok(), "{name}: the connection is still open");
    details
}

fn expect_refusal(name: &str, answer: &Answer) -> Value {
    let found = (answer.status, answer.body["error"]["code"].as_str().unwrap_or_default());
    assert_eq!(found, (400, "DATABASE_CONNECTION_FAILED"), "{name}: {:#}", answer.body);
    answer.body["error"]["details"].clone()
}

/// Whether the bytes hold this text.
fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn a_server_that_behaves_is_connected() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let rogue = Rogue::start(Manners::honest()).await;
    let mut connection = rogue.connection();
    // It proves that the rogue speaks the protocol, not that anybody is fast.
    connection["connectionOptions"] = json!({});
    user.call("POST", "/api/v1/databases").json(&connection).send().await.expect(201);
    let statements = rogue.statements();
    assert!(statements.iter().all(|(connection, _)| *connection == 1), "{statements:?}");
    assert!(statements.iter().any(|(_, sql)| sql.starts_with("SHOW VARIABLES")), "{statements:?}");
}

#[tokio::test]
async fn a_statement_that_is_not_answered_in_time_is_killed_from_a_second_connection() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let rogue = Rogue::start(Manners::honest().answers(vec![Say::Wait])).await;
    refuse(&user, "waits", &rogue, &rogue.connection(), &["timeout"]).await;
    let statements = rogue.statements();
    assert!(statements.contains(&(2, "KILL QUERY 1".to_owned())), "{statements:?}");
}

#[tokio::test]
async fn what_swallows_the_limits_of_a_session_is_told() {
    let swallows = |asked: &Asked<'_>| match asked {
        Asked::Run(sql) if sql.contains("> 0") => rows(2, &[&[Some(b"0"), Some(b"0")]], 0),
        asked => honest(asked),
    };
    meet(vec![("swallows SET", Manners::honest().decides(swallows), &["limits"])]).await;
}
