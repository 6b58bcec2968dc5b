//! `connectionOptions` are applied, not only kept.

use std::time::{Duration, Instant};

use local::proxy::Proxy;
use serde_json::json;
use tests::TestApi;

use crate::{articles, mysql};

#[tokio::test]
async fn a_database_takes_no_longer_than_its_own_timeout() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let proxy = Proxy::to(mysql().port()).await.unwrap();
    let mut connection = schema.connection();
    connection["port"] = json!(proxy.port());
    connection["connectionOptions"] = json!({ "timeout": 800 });
    let id = user.call("POST", "/api/v1/databases").json(&connection).send().await.expect(201)["id"].clone();
    proxy.hold();
    let began = Instant::now();
    let test = format!("/api/v1/databases/{}/test", id.as_str().unwrap());
    let details = user.call("POST", &test).send().await.expect_error(400, "CONNECTION_FAILED");
    assert_eq!(details["reason"], "timeout");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn no_more_connections_are_open_than_the_owner_allows() {
    // They are the connections of one process (docs/connections.md).
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let proxy = Proxy::to(mysql().port()).await.unwrap();
    let mut connection = schema.connection();
    connection["port"] = json!(proxy.port());
    connection["connectionOptions"] = json!({ "connectionLimit": 1, "acquireTimeout": 200 });
    user.call("POST", "/api/v1/databases").json(&connection).send().await.expect(201);

    let opened = schema.opened().await;
    proxy.hold();
    let search = || user.call("POST", "/api/v1/search").json(&json!({ "query": "zebra" })).send();
    let release = async {
        // The one that waits gives up by itself, and only then the other is let go on.
        let details = search().await.expect_error(500, "DATABASE_ERROR");
        assert_eq!(details["failedDatabases"][0]["code"], "busy", "{details:#}");
        proxy.release();
    };
    // Which of the two comes first is no matter of ours: the first to be asked has the connection.
    let (first, ()) = tokio::join!(search(), release);
    assert_eq!(first.expect(200)["totalCount"], 2);
    assert_eq!(schema.opened().await, opened + 1);
}

#[tokio::test]
async fn times_are_told_in_the_zone_of_the_database() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE events (id INT PRIMARY KEY, title VARCHAR(50), at TIMESTAMP NOT NULL, FULLTEXT (title))",
            "SET time_zone = '+00:00'",
            "INSERT INTO events VALUES (1, 'solstice', '2026-06-21 10:00:00')",
        ])
        .await;
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let search = json!({ "query": "solstice" });
    assert_eq!(user.search(&search).await["results"][0]["data"]["at"], "2026-06-21T10:00:00.000Z");
    let change = json!({ "connectionOptions": { "timezone": "+02:00", "charset": "utf8mb4" } });
    user.call("PUT", &format!("/api/v1/databases/{id}")).json(&change).send().await.expect(200);
    assert_eq!(user.search(&search).await["results"][0]["data"]["at"], "2026-06-21T12:00:00.000+02:00");
}
