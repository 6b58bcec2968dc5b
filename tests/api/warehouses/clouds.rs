//! The warehouses of clouds, from outside: what is told of them, and what is not.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use shared::databases::{Network, Resolving};
use tests::{Asked, Reply, TestApi, TestUser, Vendor};

use super::{CONNECTIONS, TABLES, TRIAL, connection, post, tables_of};
use crate::engines::bigquery::google;

const DATABRICKS: &str = "databricks://token:s3cret-token@foo-bar.cloud.databricks.com\
                          ?http_path=/sql/1.0/warehouses/1a2b&catalog=foobar&schema=shop";

const SNOWFLAKE: &str = "snowflake://jon:s3cret-password@foo-bar/my-database/shop?warehouse=small";

/// Every service of every vendor, each with one table of one row.
fn all(asked: &Asked) -> Reply {
    match &*asked.path {
        path if path.starts_with("/api/2") => databricks(asked),
        "/session/v1/login-request" | "/queries/v1/query-request" | "/session" => snowflake(asked),
        _ => bigquery(asked),
    }
}

fn bigquery(asked: &Asked) -> Reply {
    let fields = json!([{ "name": "id", "type": "INTEGER", "mode": "REQUIRED" }, { "name": "note", "type": "STRING" }]);
    match asked.path.strip_prefix("/bigquery/v2/projects/v2-real-estate/datasets/K2").unwrap_or("-") {
        "" => google::dataset(),
        "/tables" => {
            Reply::Json(200, json!({ "tables": [{ "tableReference": { "datasetId": "K2", "tableId": "orders" } }] }))
        }
        "/tables/orders" => Reply::Json(200, json!({ "type": "TABLE", "schema": { "fields": fields } })),
        "/tables/orders/data" => Reply::Json(200, json!({ "rows": [{ "f": [{ "v": "1" }, { "v": "first" }] }] })),
        _ => google::token(asked),
    }
}

fn databricks(asked: &Asked) -> Reply {
    let columns = json!([
        { "name": "id", "type_text": "bigint", "position": 0, "nullable": false },
        { "name": "note", "type_text": "string", "position": 1, "nullable": true },
    ]);
    if asked.header("authorization") != Some("Bearer s3cret-token") {
        return Reply::Json(403, json!({ "error_code": "403", "message": "Invalid access token." }));
    }
    Reply::Json(
        200,
        match &*asked.path {
            "/api/2.0/sql/warehouses/1a2b" => json!({ "id": "1a2b", "state": "STOPPED" }),
            "/api/2.1/unity-catalog/tables" => json!({ "tables": [{ "name": "orders" }] }),
            "/api/2.1/unity-catalog/tables/foobar.shop.orders" => json!({ "name": "orders", "columns": columns }),
            "/api/2.0/sql/statements" => {
                json!({ "status": { "state": "SUCCEEDED" }, "result": { "data_array": [["1", "first"]] } })
            }
            _ => json!({}),
        },
    )
}

fn snowflake(asked: &Asked) -> Reply {
    let body = asked.json();
    if body["data"]["PASSWORD"].as_str().is_some_and(|password| password != "s3cret-password") {
        return Reply::Json(200, json!({ "data": {}, "code": "390100", "message": "Incorrect", "success": false }));
    }
    let sql = body["sqlText"].as_str().unwrap_or_default().split(' ').take(2).collect::<Vec<_>>().join(" ");
    let (names, rows) = match &*sql {
        "SHOW OBJECTS" => (vec!["name", "kind", "comment"], json!([["ORDERS", "TABLE", ""]])),
        "SHOW PRIMARY" => (vec!["table_name", "column_name"], json!([])),
        "SHOW COLUMNS" => (
            vec!["column_name", "data_type", "null?", "comment"],
            json!([["ID", "{\"type\":\"FIXED\"}", "NOT_NULL", ""], ["NOTE", "{\"type\":\"TEXT\"}", "true", ""]]),
        ),
        "SHOW IMPORTED" => (
            vec![
                "pk_schema_name",
                "pk_table_name",
                "pk_column_name",
                "fk_schema_name",
                "fk_table_name",
                "fk_column_name",
            ],
            json!([]),
        ),
        _ => (vec!["1", "2"], json!([["1", "first"]])),
    };
    let names: Vec<Value> = names.into_iter().map(|name| json!({ "name": name })).collect();
    let data = json!({
        "rowtype": names, "rowset": rows, "token": "s3cret-session", "sessionInfo": { "databaseName": "MY-DATABASE" },
    });
    Reply::Json(200, json!({ "data": data, "success": true }))
}

fn key_file() -> Value {
    use secrecy::ExposeSecret;
    serde_json::from_str(google::key_file(&json!({})).expose_secret()).unwrap()
}

/// A connection of each kind.
fn bodies() -> [Value; 3] {
    let key = key_file();
    [
        json!({ "alias": "a", "connection_uri": "bigquery://v2-real-estate/K2", "bigquery_credential_file_content": key }),
        json!({ "alias": "a", "connection_uri": DATABRICKS }),
        json!({ "alias": "a", "connection_uri": SNOWFLAKE }),
    ]
}

/// Looks into all tables of a connection, and tells of the first.
async fn looked_into(user: &TestUser<'_>, made: &Value) -> Value {
    let sync = json!({ "db_connection_id": made["id"] });
    post(user, &format!("{TABLES}/sync-schemas"), &sync).await.expect(201);
    tables_of(user, made["id"].as_str().unwrap()).await[0].clone()
}

#[tokio::test]
async fn a_warehouse_of_each_cloud_is_tried_connected_and_looked_into_and_its_secrets_are_told_to_nobody() {
    let vendor = Vendor::start(all).await;
    let api = TestApi::with_clouds(vendor.address()).await;
    let user = api.register("ursula").await;
    let pem = key_file()["private_key"].as_str().unwrap()[28..80].to_owned();
    let kinds = [("bigquery", "K2", "`"), ("databricks", "shop", "`"), ("snowflake", "SHOP", "\"")];
    for (body, (dialect, schema, sign)) in bodies().into_iter().zip(kinds) {
        let tried = post(&user, TRIAL, &body).await.expect(200);
        assert_eq!((&tried["connected"], &tried["tables"]), (&json!(true), &json!(1)), "{tried:#}");
        let made = post(&user, CONNECTIONS, &body).await.expect(201);
        assert_eq!((&made["dialect"], &made["warning"]), (&json!(dialect), &Value::Null));
        let table = looked_into(&user, &made).await;
        assert_eq!((&table["status"], &table["schema_name"]), (&json!("SCANNED"), &json!(schema)), "{table:#}");
        let example = &table["examples"][0];
        assert!(example["id"].as_str().or(example["ID"].as_str()) == Some("1"), "{table:#}");
        let statement = table["table_schema"].as_str().unwrap();
        assert!(statement.starts_with(&format!("CREATE TABLE {sign}{schema}{sign}.")), "{statement}");
        // What was answered can be sent back: each secret is its token.
        let again = user.call("PUT", &connection(&made["id"])).json(&made).send().await.expect(200);
        assert_eq!(again["uri"], made["uri"]);
        let table_of_service = &api.service.app.table;
        let stored = table_of_service.client.scan().table_name(&table_of_service.name).send().await.unwrap();
        let stored = format!("{:?}", stored.items());
        for told in [tried, made, table, again, json!(stored)] {
            let told = told.to_string();
            assert!(!["s3cret", "ya29", &pem].iter().any(|secret| told.contains(secret)), "{told}");
        }
    }
}

#[tokio::test]
async fn what_a_warehouse_of_a_cloud_lacks_is_told_before_anybody_is_asked() {
    let vendor = Vendor::start(all).await;
    let api = TestApi::with_clouds(vendor.address()).await;
    let user = api.register("ursula").await;
    let bigquery = "bigquery://v2-real-estate/K2";
    let ssh = json!({ "host": "127.0.0.1", "username": "u", "password": "p" });
    let with_ssh = |uri: &str| json!({ "alias": "a", "connection_uri": uri, "use_ssh": true, "ssh_settings": ssh });
    let uri = |uri: &str| json!({ "alias": "a", "connection_uri": uri, "bigquery_credential_file_content": "{}" });
    let (uri_code, bad_file) = ("invalid_database_uri_format", json!("bad_credentials_file"));
    for (body, code, reason) in [
        (json!({ "alias": "a", "connection_uri": bigquery }), "invalid_database_connection", bad_file.clone()),
        (uri(bigquery), "invalid_database_connection", bad_file),
        (uri("bigquery://v2-real-estate"), uri_code, Value::Null),
        (uri(&DATABRICKS.replace("catalog=", "other=")), uri_code, Value::Null),
        (uri(&DATABRICKS.replace("/sql/1.0/warehouses/1a2b", "s3cret")), uri_code, Value::Null),
        (uri(&DATABRICKS.replace(".cloud.databricks.com", ".example.com")), uri_code, Value::Null),
        (uri(&DATABRICKS.replace("databricks.com?", "databricks.com:80?")), uri_code, Value::Null),
        (uri("snowflake://jon:s3cret-password@foo-bar"), uri_code, Value::Null),
        (with_ssh(bigquery), "invalid_connection_settings", Value::Null),
        (with_ssh(DATABRICKS), "invalid_connection_settings", Value::Null),
        (with_ssh(SNOWFLAKE), "invalid_connection_settings", Value::Null),
    ] {
        for path in [TRIAL, CONNECTIONS] {
            let refused = post(&user, path, &body).await.expect_error(400, code);
            assert_eq!(refused["reason"], reason, "{body}: {refused:#}");
            assert!(!refused.to_string().contains("s3cret"), "{refused:#}");
        }
    }
    assert!(vendor.asked().is_empty());
    for uri in [DATABRICKS.replace("s3cret-token", "s3cret"), SNOWFLAKE.replace("s3cret-password", "s3cret")] {
        let body = json!({ "alias": "a", "connection_uri": uri });
        let refused = post(&user, CONNECTIONS, &body).await.expect_error(400, "invalid_database_connection");
        assert_eq!(
            (&refused["reason"], refused.to_string().contains("s3cret")),
            (&json!("auth"), false),
            "{refused:#}"
        );
    }
    assert_eq!(user.call("GET", CONNECTIONS).send().await.expect(200), json!([]), "nothing is stored");
}

#[tokio::test]
async fn a_host_of_a_vendor_that_points_inside_is_not_dialled() {
    let hosts = Arc::<Mutex<Vec<String>>>::default();
    let names = Arc::clone(&hosts);
    let resolve = move |host: &str| -> Resolving {
        names.lock().unwrap().push(host.to_owned());
        Box::pin(async {
            Ok(["93.184.216.34", "169.254.169.254"].map(|address| address.parse::<IpAddr>().unwrap()).to_vec())
        })
    };
    let dialled = Arc::<Mutex<usize>>::default();
    let count = Arc::clone(&dialled);
    let api = TestApi::with_network(Network::new(resolve, move |_| {
        *count.lock().unwrap() += 1;
        Err(std::io::ErrorKind::ConnectionRefused.into())
    }))
    .await;
    let user = api.register("ursula").await;
    for body in bodies() {
        let refused = post(&user, TRIAL, &body).await.expect_error(400, "invalid_database_connection");
        assert_eq!(refused["reason"], "refused", "{refused:#}");
    }
    let expected = ["oauth2.googleapis.com", "foo-bar.cloud.databricks.com", "foo-bar.snowflakecomputing.com"];
    assert_eq!((&hosts.lock().unwrap()[..], *dialled.lock().unwrap()), (&expected.map(str::to_owned)[..], 0));
}
