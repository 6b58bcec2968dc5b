//! Table descriptions.

use std::time::Duration;

use serde_json::{Value, json};
use shared::dynamo::{Change, key, number, text};
use shared::id::ScanId;
use shared::warehouses::Ended;
use tests::{Schema, TestApi, TestUser};

use super::{TABLES, connect_warehouse, post, tables_of};
use crate::mysql;

async fn shop() -> Schema {
    mysql()
        .schema(&[
            "CREATE TABLE Customers (id INT PRIMARY KEY, name VARCHAR(50) NOT NULL COMMENT 'As on the invoice', \
             password_hash VARCHAR(64)) COMMENT = 'Who buys'",
            "CREATE TABLE orders (id INT PRIMARY KEY, customer INT, note TEXT, \
             FOREIGN KEY (customer) REFERENCES Customers (id))",
            "INSERT INTO Customers VALUES (1, 'Zoë', 'x1'), (2, 'Yan', 'x2'), (3, 'Xia', 'x3'), (4, 'Will', 'x4')",
            "INSERT INTO orders VALUES (10, 1, NULL)",
        ])
        .await
}

/// Looks into all tables of a connection, behind the answer, and waits for it.
async fn sync(user: &TestUser<'_>, id: &str) {
    let begun = post(user, &format!("{TABLES}/sync-schemas"), &json!({ "db_connection_id": id })).await.expect(201);
    assert_eq!(begun, json!(true));
    user.api.settle(user.id.parse().unwrap()).await;
}

fn named<'a>(tables: &'a Value, name: &str) -> &'a Value {
    tables.as_array().unwrap().iter().find(|table| table["table_name"] == name).unwrap()
}

#[tokio::test]
async fn a_scan_finds_columns_keys_comments_and_a_few_rows_and_keeps_the_case_of_names() {
    let (api, schema) = (TestApi::start().await, shop().await);
    let user = api.register("ursula").await;
    let (id, _) = connect_warehouse(&user, &schema).await;
    let before = tables_of(&user, &id).await;
    assert!(before.as_array().unwrap().iter().all(|table| table["status"] == "NOT_SCANNED"), "{before:#}");
    sync(&user, &id).await;

    let tables = tables_of(&user, &id).await;
    let customers = named(&tables, "Customers");
    assert_eq!((&customers["status"], &customers["error_message"]), (&json!("SCANNED"), &Value::Null));
    assert_eq!((&customers["description"], &customers["schema_name"]), (&json!("Who buys"), &json!(schema.name)));
    let column = |table: &Value, name: &str| {
        table["columns"].as_array().unwrap().iter().find(|column| column["name"] == name).unwrap().clone()
    };
    assert_eq!(column(customers, "id")["is_primary_key"], true);
    let name = column(customers, "name");
    assert_eq!((&name["description"], &name["nullable"]), (&json!("As on the invoice"), &json!(false)));
    let key = column(named(&tables, "orders"), "customer")["foreign_key"].clone();
    assert_eq!(key, json!({ "field_name": "id", "reference_table": "Customers" }));
    let examples = customers["examples"].as_array().unwrap();
    assert_eq!(examples.len(), 3);
    assert_eq!((&examples[0]["id"], &examples[0]["name"]), (&json!("1"), &json!("Zoë")));
    assert!(examples.iter().all(|row| row["password_hash"].is_null()), "{examples:#?}");
    assert_eq!(named(&tables, "orders")["examples"][0]["note"], Value::Null);
    let statement = customers["table_schema"].as_str().unwrap();
    assert!(statement.starts_with("CREATE TABLE `") && statement.ends_with("PRIMARY KEY (`id`)\n)"), "{statement}");

    let one = format!("{TABLES}?db_connection_id={id}&table_name=Customers");
    assert_eq!(user.call("GET", &one).send().await.expect(200), json!([customers]));
    assert_eq!(&user.call("GET", &super::table(&customers["id"])).send().await.expect(200), customers);
}

#[tokio::test]
async fn the_two_generations_ask_for_a_scan_in_their_own_ways() {
    let (api, schema) = (TestApi::start().await, shop().await);
    let user = api.register("ursula").await;
    let (id, table) = connect_warehouse(&user, &schema).await;
    let path = format!("{TABLES}/sync-schemas");
    let body = json!({ "db_connection_id": id, "table_names": ["orders"] });
    assert_eq!(post(&user, &path, &body).await.expect(201), json!(true));
    let tables = tables_of(&user, &id).await;
    assert_eq!(named(&tables, "orders")["status"], "SCANNED");
    assert_eq!(named(&tables, "Customers")["status"], "NOT_SCANNED");
    let begun = post(&user, &path, &json!({ "ids": [table, table] })).await.expect(201);
    assert_eq!((begun.as_array().unwrap().len(), &begun[0]["status"]), (1, &json!("SYNCHRONIZING")));
    assert_eq!(named(&tables_of(&user, &id).await, "Customers")["status"], "SCANNED");

    let body = json!({ "db_connection_id": id, "table_names": ["customers", "nothing"] });
    post(&user, &path, &body).await.expect_error(400, "table_not_found");
    post(&user, &path, &json!({ "ids": [] })).await.expect_error(422, "validation_error");
    post(&user, &path, &json!({})).await.expect_error(422, "validation_error");
    let list = user.call("GET", TABLES).send().await;
    assert_eq!(list.expect_error(422, "validation_error")["detail"][0]["loc"], json!(["query", "db_connection_id"]));
}

#[tokio::test]
async fn what_vanishes_is_deprecated_what_is_new_is_not_scanned_and_nothing_that_is_known_is_lost() {
    let (api, mut schema) = (TestApi::start().await, shop().await);
    let user = api.register("ursula").await;
    let (id, _) = connect_warehouse(&user, &schema).await;
    sync(&user, &id).await;
    schema.run("DROP TABLE orders").await;
    schema.run("CREATE TABLE Invoices (id INT)").await;
    let refresh = json!({ "db_connection_id": id });
    let path = format!("{TABLES}/refresh");
    let tables = post(&user, &path, &refresh).await.expect(201);
    assert_eq!(named(&tables, "orders")["status"], "DEPRECATED");
    assert!(!named(&tables, "orders")["columns"].as_array().unwrap().is_empty());
    assert_eq!(named(&tables, "Invoices")["status"], "NOT_SCANNED");
    assert_eq!(named(&tables, "Customers")["status"], "SCANNED");
    assert_eq!(tables, tables_of(&user, &id).await);
    schema.run("CREATE TABLE orders (id INT)").await;
    let tables = post(&user, &path, &refresh).await.expect(201);
    assert_eq!(named(&tables, "orders")["status"], "SCANNED");
    assert_eq!(tables.as_array().unwrap().len(), 3, "no table is there twice");
    // What vanishes between the list and the scan is found then.
    schema.run("DROP TABLE Invoices").await;
    sync(&user, &id).await;
    assert_eq!(named(&tables_of(&user, &id).await, "Invoices")["status"], "DEPRECATED");
}

#[tokio::test]
async fn what_an_owner_says_of_a_table_outlives_its_scans() {
    let (api, schema) = (TestApi::start().await, shop().await);
    let user = api.register("ursula").await;
    let (id, table) = connect_warehouse(&user, &schema).await;
    sync(&user, &id).await;
    let path = format!("{TABLES}/{table}");
    let column = json!({ "name": "name", "description": "Who", "low_cardinality": "yes", "categories": ["a", 5] });
    let words = json!({ "description": "All of them", "columns": [column], "metadata": { "a": 1 } });
    let said = user.call("PATCH", &path).json(&words).send().await.expect(200);
    assert_eq!((&said["description"], &said["metadata"]), (&json!("All of them"), &json!({ "a": 1 })));
    let more = json!({ "columns": [{ "name": "id", "foreign_key": { "field_name": "x", "reference_table": "t" } }] });
    user.call("PUT", &path).json(&more).send().await.expect(200);
    sync(&user, &id).await;
    let now = user.call("GET", &path).send().await.expect(200);
    assert_eq!(now["description"], "All of them");
    assert_eq!(now["columns"][0]["foreign_key"], json!({ "field_name": "x", "reference_table": "t" }));
    let name = &now["columns"][1];
    assert_eq!((&name["description"], &name["low_cardinality"]), (&json!("Who"), &json!(true)));
    assert_eq!((&name["categories"], &name["data_type"]), (&json!(["a", "5"]), &json!("varchar(50)")));

    let unknown = json!({ "columns": [{ "name": "x" }] });
    let refused = user.call("PATCH", &path).json(&unknown).send().await.expect_error(400, "column_not_found");
    assert_eq!(refused["detail"], "Column x doesn't exist");
    let audit = user.call("GET", "/api/v1/management/audit").send().await.expect(200).to_string();
    assert_eq!(audit.matches("warehouse.table_described").count(), 2, "{audit}");
}

#[tokio::test]
async fn a_table_that_can_not_be_looked_into_says_why_and_does_not_keep_the_others_from_it() {
    let (api, mut schema) = (TestApi::start().await, shop().await);
    let user = api.register("ursula").await;
    let (id, _) = connect_warehouse(&user, &schema).await;
    let name = schema.name.clone();
    schema.run(&format!("ALTER USER '{name}'@'127.0.0.1' IDENTIFIED BY 'another password'")).await;
    sync(&user, &id).await;
    let tables = tables_of(&user, &id).await;
    for table in tables.as_array().unwrap() {
        assert_eq!(table["status"], "FAILED", "{table:#}");
        let why = table["error_message"].as_str().unwrap();
        assert!(why.contains("refused the user name") && !why.contains("127.0.0.1"), "{why}");
    }
    post(&user, &format!("{TABLES}/refresh"), &json!({ "db_connection_id": id }))
        .await
        .expect_error(400, "invalid_database_connection");
}

#[tokio::test]
async fn a_scan_that_nobody_does_ends_with_its_lease_and_can_be_asked_for_again() {
    let (api, schema) = (TestApi::start().await, shop().await);
    let user = api.register("ursula").await;
    let (id, table) = connect_warehouse(&user, &schema).await;
    // As if the function that does it had ended in the middle.
    let app = &api.service.app;
    let (owner, now) = (user.id.parse().unwrap(), app.clock.now());
    let known = app.warehouses.tables(owner, id.parse().unwrap()).await.unwrap();
    let scan = ScanId::fresh();
    let of_somebody = Change::default()
        .set("status", text("SYNCHRONIZING"))
        .set("lease_scan", text(scan.to_string()))
        .set("lease_until", number(now.plus(Duration::from_mins(15)).epoch_s()));
    app.table.update(key(format!("USER#{owner}#W"), format!("TABLE#{table}")), of_somebody).await.unwrap();
    let path = format!("{TABLES}/{table}");
    assert_eq!(user.call("GET", &path).send().await.expect(200)["status"], "SYNCHRONIZING");
    sync(&user, &id).await;
    assert_eq!(
        user.call("GET", &path).send().await.expect(200)["status"],
        "SYNCHRONIZING",
        "it is left to who does it"
    );

    api.advance(Duration::from_mins(16));
    let late = Ended::Failed("too late".to_owned());
    app.warehouses.end_scan(owner, known[0].id, scan, late, app.clock.now()).await.unwrap();
    let gone = user.call("GET", &path).send().await.expect(200);
    assert_eq!(gone["status"], "FAILED");
    assert!(gone["error_message"].as_str().unwrap().contains("ask for it again"), "{gone:#}");
    sync(&user, &id).await;
    assert_eq!(user.call("GET", &path).send().await.expect(200)["status"], "SCANNED");
}
