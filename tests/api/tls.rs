//! TLS to customers' databases, against a server whose certificate is for `localhost` and of an authority of the tests.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use shared::databases::Network;
use tests::{Required, Schema, TestApi, TestUser};

use crate::{articles, mysql};

/// The schema's connection by this name of the server, protected like this.
fn connection(schema: &Schema, host: &str, ssl: &Value) -> Value {
    let mut connection = schema.connection();
    connection["host"] = json!(host);
    connection["ssl"] = ssl.clone();
    connection
}

/// What the service says of a connection that it does not take, and that it has stored nothing of it.
async fn refusal(user: &TestUser<'_>, connection: &Value) -> Value {
    let answer = user.call("POST", "/api/v1/databases").json(connection).send().await;
    let details = answer.expect_error(400, "DATABASE_CONNECTION_FAILED");
    assert_eq!(user.call("GET", "/api/v1/databases").send().await.expect(200), json!([]));
    details
}

#[tokio::test]
async fn a_server_that_can_not_prove_who_it_is_is_refused_and_nothing_is_stored() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let certificates = &mysql().certificates;
    for (host, ssl, why) in [
        ("localhost", json!(true), "its authority is not public"),
        ("localhost", json!({ "ca": certificates.other_ca }), "its authority is another"),
        ("127.0.0.1", json!({ "ca": certificates.ca }), "its certificate is not for this address"),
    ] {
        let details = refusal(&user, &connection(&schema, host, &ssl)).await;
        assert_eq!((&details["reason"], &details["errno"]), (&json!("tls"), &Value::Null), "{why}: {details:#}");
        assert!(details["suggestion"].as_str().unwrap().contains("ssl.ca"), "{why}: {details:#}");
    }
}

#[tokio::test]
async fn a_user_who_must_use_tls_is_searched_over_tls_and_is_told_where_it_is_off() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    // The server lets this user in over an encrypted connection only.
    schema.require(Required::Tls).await;
    let details = refusal(&user, &connection(&schema, "localhost", &json!(false))).await;
    assert_eq!((&details["reason"], &details["errno"]), (&json!("auth"), &json!(1045)), "{details:#}");
    assert!(details["suggestion"].as_str().unwrap().contains("TLS"), "{details:#}");

    let ca = &mysql().certificates.ca;
    for (host, ssl) in [
        ("localhost", json!({ "ca": ca })),
        ("localhost", json!({ "enabled": true, "rejectUnauthorized": true, "ca": ca })),
        ("localhost", json!({ "enabled": true, "rejectUnauthorized": false })),
        ("127.0.0.1", json!({ "enabled": true, "rejectUnauthorized": false })),
    ] {
        let body = connection(&schema, host, &ssl);
        let added = user.call("POST", "/api/v1/databases").json(&body).send().await.expect(201);
        assert_eq!((&added["ssl"], &added["status"]), (&json!(true), &json!("connected")), "{ssl}");
        let id = added["id"].as_str().unwrap();
        let found = user.search(&json!({ "query": "zebra", "databases": [id] })).await;
        assert_eq!((&found["totalCount"], &found["partial"]), (&json!(2), &json!(false)), "{ssl}");
    }
}

#[tokio::test]
async fn a_first_login_without_tls_works_however_the_server_checks_passwords() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let plain = connection(&schema, "127.0.0.1", &json!(false));
    // MySQL has not seen this password since it was set, so that it asks for it as it is, and gets it over TLS alone.
    let password = plain["password"].as_str().unwrap();
    schema.run(&format!("ALTER USER '{0}'@'127.0.0.1' IDENTIFIED BY '{password}'", schema.name)).await;
    let mut wrong = plain.clone();
    wrong["password"] = json!("wrong");
    let details = refusal(&user, &wrong).await;
    assert_eq!((&details["reason"], &details["errno"]), (&json!("auth"), &json!(1045)), "{details:#}");
    for _ in 0..2 {
        let added = user.call("POST", "/api/v1/databases").json(&plain).send().await.expect(201);
        assert_eq!((&added["ssl"], &added["status"]), (&json!(false), &json!("connected")));
    }
}

#[tokio::test]
async fn a_user_who_must_have_a_client_certificate_is_refused_without_one() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    schema.require(Required::ClientCertificate).await;
    let ssl = json!({ "ca": mysql().certificates.ca });
    let details = refusal(&user, &connection(&schema, "localhost", &ssl)).await;
    assert_eq!((&details["reason"], &details["errno"]), (&json!("auth"), &json!(1045)), "{details:#}");
}

#[tokio::test]
async fn a_client_certificate_lets_in_whom_the_server_lets_in_with_nothing_else() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    schema.require(Required::ClientCertificate).await;
    let certificates = &mysql().certificates;
    let client = &certificates.client;
    let ssl = json!({ "ca": certificates.ca, "cert": client.certificate, "key": client.key });
    let body = connection(&schema, "localhost", &ssl);
    let added = user.call("POST", "/api/v1/databases").json(&body).send().await.expect(201);
    let told = json!({ "enabled": true, "rejectUnauthorized": true, "hasCa": true, "hasCert": true });
    assert_eq!(added["sslOptions"], told);
    assert!(!added.to_string().contains("PRIVATE KEY"), "{added:#}");
    let table = &api.service.app.table;
    let stored = format!("{:?}", table.client.scan().table_name(&table.name).send().await.unwrap().items());
    assert!(stored.contains("BEGIN CERTIFICATE") && !stored.contains("PRIVATE KEY"), "the key is sealed");

    api.advance(std::time::Duration::from_mins(6));
    let user = user.log_in_again().await;
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 2);
    // Without it the connection could not be used any more, so that the change is refused.
    let path = format!("/api/v1/databases/{}", added["id"].as_str().unwrap());
    let change = json!({ "ssl": { "ca": certificates.ca } });
    user.call("PUT", &path).json(&change).send().await.expect_error(400, "CONNECTION_UPDATE_FAILED");
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 2);
}

#[tokio::test]
async fn the_name_that_was_asked_for_is_the_name_that_the_certificate_has_to_prove() {
    let network = Network::new(|_| Box::pin(async { Ok(vec![Ipv4Addr::LOCALHOST.into()]) }), |_| Ok(()));
    let (api, schema) = (TestApi::with_network(network).await, articles().await);
    let user = api.register("ursula").await;
    let ssl = json!({ "ca": mysql().certificates.ca });
    let details = refusal(&user, &connection(&schema, "other.example.test", &ssl)).await;
    assert_eq!(details["reason"], "tls");
    let body = connection(&schema, "db.example.test", &ssl);
    user.call("POST", "/api/v1/databases").json(&body).send().await.expect(201);
}
