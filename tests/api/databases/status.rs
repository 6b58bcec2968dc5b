//! `GET /api/v1/databases/status` and `GET /api/v1/databases/{connectionId}/status`

use std::time::{Duration, Instant};

use local::proxy::Proxy;
use serde_json::json;
use tests::TestApi;

use crate::{articles, mysql};

#[tokio::test]
async fn the_status_of_all_tells_which_of_them_answer() {
    let (api, good, mut bad) = (TestApi::start().await, articles().await, articles().await);
    let user = api.register("ursula").await;
    assert_eq!(user.call("GET", "/api/v1/databases/status").send().await.expect(200), json!({}));
    let (good, refusing, removed) = (user.connect(&good).await, user.connect(&bad).await, user.connect(&good).await);
    let name = bad.name.clone();
    bad.run(&format!("ALTER USER '{name}'@'127.0.0.1' IDENTIFIED BY 'another'")).await;
    user.call("DELETE", &format!("/api/v1/databases/{removed}")).send().await.expect(200);
    let status = user.call("GET", "/api/v1/databases/status").send().await.expect(200);
    assert_eq!(status, json!({ good: true, refusing.clone(): false }));
    let noted = user.call("GET", &format!("/api/v1/databases/{refusing}")).send().await.expect(200);
    assert_eq!(noted["status"], "error");
}

#[tokio::test]
async fn servers_that_never_answer_are_waited_for_all_at_once_and_no_longer_than_their_deadline() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let proxy = Proxy::to(mysql().port()).await.unwrap();
    let mut connection = schema.connection();
    connection["port"] = json!(proxy.port());
    connection["connectionOptions"] = json!({ "timeout": 1_500 });
    for _ in 0..6 {
        user.call("POST", "/api/v1/databases").json(&connection).send().await.expect(201);
    }
    let answering = user.connect(&schema).await;
    proxy.hold();
    let began = Instant::now();
    let status = user.call("GET", "/api/v1/databases/status").send().await.expect(200);
    let took = began.elapsed();
    assert!(took < Duration::from_millis(1_500 * 3), "{took:?} for six deadlines of 1.5 s");
    let status = status.as_object().unwrap();
    assert_eq!(status.values().filter(|answers| **answers == json!(false)).count(), 6);
    assert_eq!((status.len(), &status[&answering]), (7, &json!(true)));
}

#[tokio::test]
async fn the_status_of_one_has_its_figures_or_its_reason() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let answer = user.call("GET", &format!("/api/v1/databases/{id}/status")).send().await.expect(200);
    let (status, connection) = (&answer["status"], &answer["status"]["connection"]);
    assert!(["healthy", "degraded"].contains(&status["overall"].as_str().unwrap()), "{status:#}");
    assert_eq!((&connection["connected"], &status["error"]), (&json!(true), &json!(null)));
    assert!(connection["activeConnections"].as_u64().unwrap() >= 1);
    assert!(connection["maxConnections"].as_u64() > connection["activeConnections"].as_u64());
    assert!(connection["responseTime"].is_u64() && status["lastTested"].is_string());

    let name = schema.name.clone();
    schema.run(&format!("ALTER USER '{name}'@'127.0.0.1' IDENTIFIED BY 'another'")).await;
    let answer = user.call("GET", &format!("/api/v1/databases/{id}/status")).send().await.expect(200);
    let status = answer["status"].clone();
    assert_eq!((&status["overall"], &status["connection"]["connected"]), (&json!("unhealthy"), &json!(false)));
    assert_eq!(status["error"]["reason"], "auth");
    user.call("GET", "/api/v1/databases/no-id/status").send().await.expect_error(404, "CONNECTION_NOT_FOUND");
}
