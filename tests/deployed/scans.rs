//! The function that the stream of the table calls to look into tables of warehouses.

use serde_json::{Value, json};
use shared::dynamo::key;
use tests::{Schema, TestApi, TestUser};

use crate::stream::{items, record};
use crate::{deployed, gateway, mysql};

const TABLES: &str = "/api/v1/table-descriptions";

async fn shop() -> Schema {
    mysql().schema(&["CREATE TABLE orders (id INT PRIMARY KEY)", "INSERT INTO orders VALUES (7)"]).await
}

/// Connects a schema and asks for a scan of its tables, in a service in which nobody but the test hands records to the
/// function. The id of the connection.
async fn asked(user: &TestUser<'_>, schema: &Schema) -> String {
    user.api.without_stream().await;
    let settings = schema.connection();
    let text = |name: &str| settings[name].as_str().unwrap().replace(' ', "%20");
    let (name, password) = (text("username"), text("password"));
    let uri = format!("mysql+pymysql://{name}:{password}@127.0.0.1:{}/{name}", settings["port"]);
    let connection = json!({ "alias": "shop", "use_ssh": false, "connection_uri": uri });
    let made = user.call("POST", "/api/v1/database-connections").json(&connection).send().await.expect(201);
    let id = made["id"].as_str().unwrap().to_owned();
    let all = json!({ "db_connection_id": id });
    user.call("POST", &format!("{TABLES}/sync-schemas")).json(&all).send().await.expect(201);
    assert_eq!(table(user, &id).await["status"], "SYNCHRONIZING", "nobody has looked yet");
    id
}

/// The one table of a connection.
async fn table(user: &TestUser<'_>, id: &str) -> Value {
    let mut tables = user.call("GET", &format!("{TABLES}?db_connection_id={id}")).send().await.expect(200);
    assert_eq!(tables.as_array().map(Vec::len), Some(1), "{tables:#}");
    tables[0].take()
}

/// The record of an account, which the template would keep away and which does no harm, and then those of its scans, at the
/// places 0, 1 and so on.
async fn records(user: &TestUser<'_>) -> Vec<Value> {
    let scans = items(user.api, format!("USER#{}#J", user.id)).await;
    let scans = scans.iter().map(|item| key(item["pk"].as_s().unwrap(), item["sk"].as_s().unwrap()));
    let all = std::iter::once(key(format!("USER#{}", user.id), "USER")).chain(scans);
    all.enumerate().map(|(place, key)| record(&key, place)).collect()
}

async fn scan(api: &TestApi, records: &[Value]) -> Value {
    gateway(api).invoke("scans", &json!({ "Records": records })).await
}

#[tokio::test]
async fn tables_that_the_stream_brings_are_looked_into_once_however_often_it_brings_them() {
    let (api, mut schema) = (deployed().await, shop().await);
    let user = api.register("ursula").await;
    let id = asked(&user, &schema).await;
    let records = records(&user).await;
    assert_eq!(records.len(), 1 + 1);
    let opened = schema.opened().await;
    assert_eq!(scan(&api, &records).await, json!({ "batchItemFailures": [] }));
    let found = table(&user, &id).await;
    assert_eq!((&found["status"], &found["examples"]), (&json!("SCANNED"), &json!([{ "id": "7" }])));
    assert_eq!(schema.opened().await, opened + 1, "one session for all tables of a scan");

    schema.run("DROP TABLE orders").await;
    assert_eq!(scan(&api, &records).await, json!({ "batchItemFailures": [] }));
    assert_eq!(table(&user, &id).await, found, "who comes again has no lease any more");
    assert_eq!(schema.opened().await, opened + 1);
    assert_eq!(scan(&api, &[]).await, json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn a_scan_that_could_not_be_done_is_named_by_its_place_and_is_done_when_it_comes_again() {
    let (api, schema) = (deployed().await, shop().await);
    let user = api.register("ursula").await;
    let id = asked(&user, &schema).await;
    let records = records(&user).await;
    let kms = shared::app::kms(&api.service.aws, &api.service.app.config);
    let key = kms.describe_key().key_id("alias/altus4").send().await.unwrap().key_metadata.unwrap().key_id;
    kms.disable_key().key_id(&key).send().await.unwrap();
    assert_eq!(scan(&api, &records).await, json!({ "batchItemFailures": [{ "itemIdentifier": "1" }] }));
    assert!(gateway(&api).log("scans").contains("tables were not looked into"));
    assert_eq!(table(&user, &id).await["status"], "SYNCHRONIZING", "it is still somebody's");

    kms.enable_key().key_id(&key).send().await.unwrap();
    assert_eq!(scan(&api, &records[1..]).await, json!({ "batchItemFailures": [] }));
    assert_eq!(table(&user, &id).await["status"], "SCANNED");
}

#[tokio::test]
async fn a_database_that_lets_nobody_in_is_what_a_scan_has_found_and_no_failure_of_it() {
    let (api, mut schema) = (deployed().await, shop().await);
    let user = api.register("ursula").await;
    let id = asked(&user, &schema).await;
    let name = schema.name.clone();
    schema.run(&format!("ALTER USER '{name}'@'127.0.0.1' IDENTIFIED BY 'another password'")).await;
    assert_eq!(scan(&api, &records(&user).await).await, json!({ "batchItemFailures": [] }));
    let found = table(&user, &id).await;
    assert_eq!(found["status"], "FAILED");
    assert!(found["error_message"].as_str().unwrap().contains("refused the user name"), "{found:#}");
}

#[tokio::test]
async fn what_is_no_event_of_a_stream_fails_and_the_environment_goes_on() {
    let api = deployed().await;
    for event in [json!({}), json!({ "Records": [{ "s3": {} }] }), json!("text")] {
        let answer = gateway(&api).invoke("scans", &event).await;
        assert!(answer["errorType"].is_string() && answer.get("batchItemFailures").is_none(), "{event} got {answer}");
        assert_eq!(scan(&api, &[]).await, json!({ "batchItemFailures": [] }), "after {event}");
    }
}
