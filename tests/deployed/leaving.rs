//! Clients that do not wait for their answer.

use serde_json::{Value, json};
use tests::TestUser;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::{deployed, gateway};

/// Begins a request that makes a key, with so much of its body.
async fn begin(user: &TestUser<'_>, part: impl Fn(&str) -> usize) -> TcpStream {
    let body = json!({ "name": "A key", "permissions": ["search"] }).to_string();
    let request = format!(
        "POST /api/v1/keys HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{}",
        user.token,
        body.len(),
        &body[..part(&body)]
    );
    let mut stream = TcpStream::connect(gateway(user.api).address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn keys(user: &TestUser<'_>) -> Value {
    user.call("GET", "/api/v1/keys").send().await.expect(200)["total"].clone()
}

#[tokio::test]
async fn what_a_client_has_asked_for_that_leaves_is_done_whole_and_the_environment_goes_on() {
    let api = deployed().await;
    let user = api.register("ursula").await;
    let client = begin(&user, str::len).await;
    gateway(&api).at_work("keys").await;
    drop(client);
    gateway(&api).at_rest("keys").await;
    assert_eq!(keys(&user).await, 1);
    let audit = user.call("GET", "/api/v1/management/audit").send().await.expect(200).to_string();
    assert_eq!(audit.matches("key.created").count(), 1, "{audit}");
    let log = gateway(&api).log("keys");
    assert_eq!(log.matches("\"cold_start\":true").count(), 1, "one environment answered both: {log}");
}

#[tokio::test]
async fn no_function_hears_of_a_request_whose_client_has_left_before_its_end() {
    let api = deployed().await;
    let user = api.register("ursula").await;
    drop(begin(&user, |body| body.len() / 2).await);
    assert_eq!(keys(&user).await, 0);
    let log = gateway(&api).log("keys");
    assert!(!log.contains("\"method\":\"POST\""), "{log}");
}
