//! `/api/v1/databases`

mod options;
mod status;
mod update;

use local::ports::free_port;
use serde_json::{Value, json};
use tests::TestApi;

use crate::articles;

#[tokio::test]
async fn a_database_is_connected_listed_tested_and_removed() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let added = user.call("POST", "/api/v1/databases").json(&schema.connection()).send().await.expect(201);
    assert_eq!((&added["database"], &added["ssl"]), (&json!(schema.name), &json!(false)));
    assert_eq!((&added["isActive"], &added["status"]), (&json!(true), &json!("connected")));
    let path = format!("/api/v1/databases/{}", added["id"].as_str().unwrap());

    let listed = user.call("GET", "/api/v1/databases").send().await.expect(200);
    assert_eq!(listed, json!([added]));
    assert_eq!(user.call("GET", &path).send().await.expect(200), added);
    let tested = user.call("POST", &format!("{path}/test")).send().await.expect(200);
    assert_eq!(tested["connected"], true);
    let profile = user.call("GET", "/api/v1/auth/profile").send().await.expect(200);
    assert_eq!(profile["connectedDatabases"], json!([added["id"]]));

    let removed = user.call("DELETE", &path).send().await.expect(200);
    assert_eq!((&removed["success"], &removed["id"]), (&json!(true), &added["id"]));
    for method in ["GET", "DELETE"] {
        user.call(method, &path).send().await.expect_error(404, "CONNECTION_NOT_FOUND");
    }
    assert_eq!(user.call("GET", "/api/v1/databases").send().await.expect(200), json!([]));
}

#[tokio::test]
async fn no_answer_ever_holds_a_password() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let connection = schema.connection();
    let password = connection["password"].as_str().unwrap();
    let added = user.call("POST", "/api/v1/databases").json(&connection).send().await;
    let path = format!("/api/v1/databases/{}", added.body["data"]["id"].as_str().unwrap());
    let mut bodies = vec![added.body];
    for (method, path) in [
        ("GET", "/api/v1/databases".to_owned()),
        ("GET", path.clone()),
        ("GET", format!("{path}/schema")),
        ("POST", format!("{path}/test")),
    ] {
        bodies.push(user.call(method, &path).send().await.body);
    }
    for body in bodies {
        assert!(!body.to_string().contains(password), "{body:#}");
    }
}

#[tokio::test]
async fn a_database_that_can_not_be_reached_is_refused_with_its_reason_and_nothing_is_stored() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let with = |field: &str, value: Value| {
        let mut connection = schema.connection();
        connection[field] = value;
        connection
    };
    let closed = free_port().unwrap();
    for (connection, reason, errno) in [
        (with("port", json!(closed)), "refused", json!(null)),
        (with("password", json!("wrong")), "auth", json!(1045)),
        (with("database", json!("not_there")), "permission", json!(1044)),
        (with("host", json!("10.0.0.1")), "forbidden", json!(null)),
        (with("host", json!("169.254.169.254")), "forbidden", json!(null)),
        (with("host", json!("0x0a000001")), "forbidden", json!(null)),
        (with("host", json!("::ffff:127.0.0.1")), "forbidden", json!(null)),
        (with("ssl", json!(true)), "tls", json!(null)),
    ] {
        let answer = user.call("POST", "/api/v1/databases").json(&connection).send().await;
        let details = answer.expect_error(400, "DATABASE_CONNECTION_FAILED");
        assert_eq!((&details["reason"], &details["errno"]), (&json!(reason), &errno), "{connection}");
        assert!(details["suggestion"].as_str().is_some_and(|hint| hint.len() > 20), "{details:#}");
    }
    assert_eq!(user.call("GET", "/api/v1/databases").send().await.expect(200), json!([]));
}

#[tokio::test]
async fn a_server_that_says_no_is_told_with_its_own_numbers_and_nothing_is_stored() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let add = |connection: Value| user.call("POST", "/api/v1/databases").json(&connection).send();
    let name = schema.name.clone();
    let refused = |details: &Value, reason: &str, errno: u16, sql_state: &str| {
        let found = (&details["reason"], &details["errno"], &details["sqlState"]);
        assert_eq!(found, (&json!(reason), &json!(errno), &json!(sql_state)));
        assert!(details["suggestion"].as_str().is_some_and(|hint| hint.len() > 20), "{details:#}");
    };
    // A schema that is missing can be told from one that may not be read only by who could read it.
    let mut connection = schema.connection();
    connection["database"] = json!(format!("{name}_gone"));
    schema.run(&format!("GRANT SELECT ON {name}_gone.* TO '{name}'@'127.0.0.1'")).await;
    let details = add(connection).await.expect_error(400, "DATABASE_CONNECTION_FAILED");
    refused(&details, "no_such_database", 1049, "42000");

    schema.run(&format!("ALTER USER '{name}'@'127.0.0.1' WITH MAX_CONNECTIONS_PER_HOUR 1")).await;
    let _first = add(schema.connection()).await;
    let details = add(schema.connection()).await.expect_error(400, "DATABASE_CONNECTION_FAILED");
    refused(&details, "too_many_connections", 1226, "42000");
    schema.run(&format!("ALTER USER '{name}'@'127.0.0.1' WITH MAX_CONNECTIONS_PER_HOUR 0")).await;

    schema.run(&format!("ALTER USER '{name}'@'127.0.0.1' ACCOUNT LOCK")).await;
    let details = add(schema.connection()).await.expect_error(400, "DATABASE_CONNECTION_FAILED");
    assert_eq!(details["reason"], "auth");
}

#[tokio::test]
async fn what_can_not_be_a_connection_is_refused_with_the_name_of_its_field() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(101))),
        ("host", json!(null)),
        ("host", json!("a\u{0}b")),
        ("port", json!(0)),
        ("port", json!(65_536)),
        ("port", json!("3306")),
        ("port", json!(3306.5)),
        ("database", json!("x".repeat(65))),
        ("username", json!(7)),
        ("password", json!({})),
        ("ssl", json!("yes")),
        ("connectionOptions", json!([])),
        ("connectionOptions", json!({ "timeout": 0 })),
        ("connectionOptions", json!({ "connectionLimit": "many" })),
        ("searchOptions", json!({ "defaultSearchTables": "articles" })),
    ] {
        let mut connection = schema.connection();
        connection[field] = value.clone();
        let answer = user.call("POST", "/api/v1/databases").json(&connection).send().await;
        let named = answer.expect_error(400, "VALIDATION_ERROR")["field"].as_str().unwrap().to_owned();
        assert!(named.starts_with(field), "{named} for {field} = {value}");
    }
}

#[tokio::test]
async fn the_object_form_of_ssl_and_the_options_of_the_seed_are_taken() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let mut connection = schema.connection();
    connection["ssl"] = json!({ "enabled": false, "rejectUnauthorized": true });
    connection["connectionOptions"] = json!({ "connectionLimit": 10, "timeout": 60_000 });
    let added = user.call("POST", "/api/v1/databases").json(&connection).send().await.expect(201);
    let options = &added["connectionOptions"];
    assert_eq!((&options["connectionLimit"], &options["timeout"]), (&json!(10), &json!(60_000)));
    assert_eq!(added["ssl"], false);
}

#[tokio::test]
async fn a_failed_test_says_why_in_both_places_where_clients_look() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    schema.run(&format!("ALTER USER '{}'@'127.0.0.1' IDENTIFIED BY 'another'", schema.name.clone())).await;
    let answer = user.call("POST", &format!("/api/v1/databases/{id}/test")).send().await;
    assert_eq!(answer.body["data"]["connected"], false);
    let details = answer.expect_error(400, "CONNECTION_FAILED");
    assert_eq!((&details["errno"], &details["sqlState"]), (&json!(1045), &json!("28000")));
    let stored = user.call("GET", &format!("/api/v1/databases/{id}")).send().await.expect(200);
    assert_eq!(stored["status"], "error");
}

#[tokio::test]
async fn a_key_with_admin_manages_databases_and_a_weaker_one_does_not() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let (strong, _) = user.create_key(&["admin"]).await;
    let (weak, _) = user.create_key(&["search", "analytics"]).await;
    let add = |key: &str| api.call("POST", "/api/v1/databases").bearer(key).json(&schema.connection());
    add(&strong).send().await.expect(201);
    let details = add(&weak).send().await.expect_error(403, "INSUFFICIENT_PERMISSIONS");
    assert_eq!(details, json!({ "required": "admin", "available": ["search", "analytics"] }));
}

#[tokio::test]
async fn no_connection_is_left_open() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    user.call("GET", &format!("/api/v1/databases/{id}/schema")).send().await.expect(200);
    user.search(&json!({ "query": "zebra" })).await;
    user.search(&json!({ "query": "nothing-of-this-kind" })).await;
    schema.rests().await;
}
