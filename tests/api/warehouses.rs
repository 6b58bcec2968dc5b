//! `/api/v1/database-connections` and `/api/v1/table-descriptions`: the second API.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

mod clouds;
mod contract;
mod export;
mod idempotency;
mod isolation;
mod postgres;
mod secrets;
mod seed;
mod ssh;
mod tables;

use serde_json::{Value, json};
use tests::{Answer, Schema, TestUser};

const CONNECTIONS: &str = "/api/v1/database-connections";
const TRIAL: &str = "/api/v1/database-connections/test";
const TABLES: &str = "/api/v1/table-descriptions";

/// Everything that is no letter and no digit as an escape.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// The URI of a schema, as clients write it.
pub fn uri_of(schema: &Schema) -> String {
    let connection = schema.connection();
    let text = |name: &str| escaped(connection[name].as_str().unwrap());
    let (user, password, database) = (text("username"), text("password"), text("database"));
    format!("mysql+pymysql://{user}:{password}@127.0.0.1:{}/{database}", connection["port"])
}

/// What a client of the second generation sends.
fn body_of(schema: &Schema) -> Value {
    json!({ "alias": "shop", "use_ssh": false, "connection_uri": uri_of(schema) })
}

/// Where a connection is.
fn connection(id: &Value) -> String {
    format!("/api/v1/database-connections/{}", id.as_str().unwrap())
}

/// Where a table is.
fn table(id: &Value) -> String {
    format!("/api/v1/table-descriptions/{}", id.as_str().unwrap())
}

async fn post(user: &TestUser<'_>, path: &str, body: &Value) -> Answer {
    user.call("POST", path).json(body).send().await
}

/// Connects a schema; the id of the connection, and that of its first table.
pub async fn connect_warehouse(user: &TestUser<'_>, schema: &Schema) -> (String, String) {
    connect(user, &body_of(schema)).await
}

/// The same of a connection with this file storage.
pub async fn connect_with_storage(user: &TestUser<'_>, schema: &Schema, storage: &Value) -> (String, String) {
    let mut body = body_of(schema);
    body["file_storage"] = storage.clone();
    connect(user, &body).await
}

async fn connect(user: &TestUser<'_>, body: &Value) -> (String, String) {
    let added = post(user, CONNECTIONS, body).await.expect(201);
    let id = added["id"].as_str().unwrap().to_owned();
    let tables = tables_of(user, &id).await;
    (id, tables[0]["id"].as_str().unwrap().to_owned())
}

/// The tables of a connection, once nobody is looking into them.
async fn tables_of(user: &TestUser<'_>, id: &str) -> Value {
    user.api.settle(user.id.parse().unwrap()).await;
    user.call("GET", &format!("{TABLES}?db_connection_id={id}")).send().await.expect(200)
}
