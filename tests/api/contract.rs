//! `docs/openapi.yaml`: every example in it is sent, and it is served as it is written. That every other answer is as it says is
//! checked wherever a test sends something.

use std::time::Duration;

use admin::set_role;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64;
use serde_json::{Value, json};
use shared::users::Role;
use tests::contract::{Operation, document, operations};
use tests::{Call, Schema, Storage, TestApi};

use crate::mysql;
use crate::warehouses::{connect_with_storage, uri_of};

/// What the parameters of a path stand for.
pub struct Things {
    /// A key's id.
    pub key: String,
    /// A connection's id.
    pub connection: String,
    /// A search's id.
    pub search: String,
    /// A warehouse's id.
    pub warehouse: String,
    /// The id of one of its tables.
    pub table: String,
}

/// A call of this operation, as the document's own examples have it, on these things and without credentials.
pub fn call_of(api: &TestApi, operation: &Operation, things: &Things) -> Call {
    let mut bodies = bodies_of(operation, things);
    let call = api.call(&operation.method, &path_of(operation, things));
    if bodies.is_empty() { call } else { call.json(&bodies.swap_remove(0)) }
}

/// The path with what stands for its parameters, and the examples of those behind it.
pub fn path_of(operation: &Operation, things: &Things) -> String {
    let path = operation.path.replace("{keyId}", &things.key).replace("{connectionId}", &things.connection);
    let path = path.replace("{searchId}", &things.search);
    let path = path.replace("{warehouseId}", &things.warehouse).replace("{tableId}", &things.table);
    let examples = operation.parameters().filter_map(|(_, parameter)| {
        let value = match parameter["name"].as_str()? {
            "databases" => things.connection.as_str(),
            "db_connection_id" => things.warehouse.as_str(),
            _ => parameter["example"].as_str()?,
        };
        Some(format!("{}={value}", parameter["name"].as_str()?))
    });
    let query = examples.collect::<Vec<_>>().join("&");
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The examples of its body. One that searches searches this connection.
pub fn bodies_of(operation: &Operation, things: &Things) -> Vec<Value> {
    let mut bodies: Vec<Value> = operation.examples().into_iter().cloned().collect();
    for body in &mut bodies {
        if operation.names_databases() {
            body["databases"] = json!([things.connection]);
        }
        if body.get("db_connection_id").is_some() {
            body["db_connection_id"] = json!(things.warehouse);
        }
    }
    bodies
}

async fn zebras() -> Schema {
    mysql()
        .schema(&[
            "CREATE TABLE articles (id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(200), body TEXT, status VARCHAR(20), \
             year INT, price DECIMAL(8,2), published_at DATETIME, category VARCHAR(20), FULLTEXT (title, body))",
            "INSERT INTO articles (title, body, status, year, price, published_at, category) VALUES \
             ('Zebra crossings', 'How a zebra makes a street safer.', 'published', 2021, 12.50, '2021-05-06', 'streets')",
        ])
        .await
}

#[tokio::test]
async fn every_example_of_the_document_is_accepted() {
    let storage = Storage::start().await;
    let (api, schema) = (TestApi::with_storage(&storage).await, zebras().await);
    for operation in operations().iter().filter(|operation| !operation.is_page()) {
        // So many new users come from one address only because time passes.
        api.advance(Duration::from_mins(2));
        let name = operation.definition()["operationId"].as_str().unwrap();
        let user = api.register(&name.to_lowercase()).await;
        let (_, key) = if name.starts_with("setup") { Default::default() } else { user.create_key(&["search"]).await };
        let connection = user.connect(&schema).await;
        let found = user.search(&json!({ "query": "zebra" })).await;
        let (warehouse, table) = connect_with_storage(&user, &schema, &storage.settings()).await;
        let search = found["searchId"].as_str().unwrap().to_owned();
        let things = Things { key, connection, search, warehouse, table };
        let user = if operation.is_for_administrators() {
            set_role(&api.service.app, &user.email, Role::Admin).await.unwrap();
            user.log_in_again().await
        } else {
            user
        };
        let path = path_of(operation, &things);
        let mut bodies: Vec<Option<Value>> = bodies_of(operation, &things).into_iter().map(Some).collect();
        if bodies.is_empty() {
            bodies.push(None);
        }
        for body in bodies {
            let call = user.call(&operation.method, &path);
            let answer = match body {
                None => call.send().await,
                Some(body) => call.json(&adapted(name, body, &user.email, &schema, &found)).send().await,
            };
            assert!(answer.status < 300, "{name}: {:#}", answer.body);
        }
    }
}

/// What has to be true of an example before it can be accepted: there is such an account, such a database and such a row.
pub fn adapted(name: &str, mut body: Value, email: &str, schema: &Schema, found: &Value) -> Value {
    match name {
        "login" => body["email"] = json!(email),
        "addWarehouse" | "testWarehouse" | "replaceWarehouse" => body["connection_uri"] = json!(uri_of(schema)),
        "recordClick" => body["resultId"] = found["results"][0]["id"].clone(),
        "addDatabase" => {
            let connection = schema.connection();
            for field in ["host", "port", "database", "username", "password"] {
                body[field] = connection[field].clone();
            }
        }
        _ => {}
    }
    body
}

#[tokio::test]
async fn the_document_is_served_as_it_is_written() {
    let api = TestApi::start().await;
    let (status, headers, text) = api.call("GET", "/openapi.json").download().await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "application/json"));
    let mut written = document().clone();
    written.as_object_mut().unwrap().remove("x-headers");
    assert!(serde_json::from_str::<Value>(&text).unwrap() == written, "what is served is another document");
}

#[tokio::test]
async fn the_page_runs_nothing_loads_nothing_and_has_every_operation() {
    let api = TestApi::start().await;
    let (status, headers, page) = api.call("GET", "/docs").download().await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "text/html; charset=utf-8"));
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = BASE64.encode(digest(&SHA256, style.as_bytes()).as_ref());
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    assert_eq!(headers["content-security-policy"].to_str().unwrap(), policy);
    for forbidden in ["<script", " src=", "@import", "url(", " style=", " onclick"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for target in page.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let leads_here = target.strip_prefix('#').is_some_and(|id| ids.contains(&id));
        assert!(leads_here || target == "/openapi.json", "{target} leads elsewhere, or nowhere");
    }
    for operation in operations() {
        assert!(ids.contains(&operation.definition()["operationId"].as_str().unwrap()), "{operation:?}");
    }
}
