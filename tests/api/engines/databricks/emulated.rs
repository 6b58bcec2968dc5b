//! Databricks against minilake, which takes any token.

use secrecy::SecretString;
use serde_json::{Value, json};
use shared::id::RequestId;
use tests::emulated;
use warehouses::engine::{Cloud, Place, Reach, Target, Workspace};

use crate::engines::{address_of, enter, refusal, row, table};

async fn post(url: &str, path: &str, body: &Value) -> Value {
    let answer = reqwest::Client::new().post(format!("{url}{path}")).json(body).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn an_emulated_schema_is_listed_described_and_sampled() {
    let Some(url) = emulated("ALTUS4_TEST_DATABRICKS") else { return };
    let warehouse =
        post(&url, "/api/2.0/sql/warehouses", &json!({ "name": "small", "cluster_size": "2X-Small" })).await;
    let warehouse = warehouse["id"].as_str().unwrap().to_owned();
    let catalog = format!("c{}", RequestId::fresh()).replace('-', "_");
    let catalogue = "/api/2.1/unity-catalog";
    post(&url, &format!("{catalogue}/catalogs"), &json!({ "name": catalog })).await;
    post(&url, &format!("{catalogue}/schemas"), &json!({ "name": "shop", "catalog_name": catalog })).await;
    let column = |place: u32, name: &str, kind: &str| json!({ "name": name, "type_text": kind, "type_name": kind.to_uppercase(), "position": place, "nullable": place > 0 });
    let mut note = column(1, "note", "string");
    note["comment"] = json!("As on the invoice");
    let orders = json!({
        "name": "orders", "catalog_name": catalog, "schema_name": "shop", "table_type": "MANAGED",
        "data_source_format": "DELTA", "comment": "What was ordered",
        "columns": [column(0, "id", "int"), note, column(2, "api_token", "string")],
    });
    post(&url, &format!("{catalogue}/tables"), &orders).await;
    let insert = format!("INSERT INTO {catalog}.shop.orders VALUES (1, 'first', 's3cret')");
    let statement = json!({ "warehouse_id": warehouse, "statement": insert, "wait_timeout": "10s" });
    post(&url, "/api/2.0/sql/statements", &statement).await;

    let workspace = |warehouse: &str, schemas: &[&str]| {
        Target::Databricks(Workspace {
            place: Place::of_emulator(address_of(&url)).unwrap(),
            token: SecretString::from("dapi"),
            warehouse: warehouse.to_owned(),
            catalog: catalog.clone(),
            schemas: schemas.iter().map(|name| (*name).to_owned()).collect(),
        })
    };
    let mut session = enter(workspace(&warehouse, &["absent", "shop"])).await;
    let orders = table("shop", "orders");
    assert_eq!(session.tables(&[]).await.unwrap(), std::slice::from_ref(&orders));
    assert!(session.schemas().await.unwrap().contains(&"shop".to_owned()));
    let described = session.describe(&[orders.clone(), table("shop", "absent")]).await.unwrap();
    assert_eq!((described.len(), described[0].comment.as_deref()), (1, Some("What was ordered")));
    let columns: Vec<(&str, &str)> =
        described[0].columns.iter().map(|column| (&*column.name, &*column.data_type)).collect();
    assert_eq!(columns, [("id", "int"), ("note", "string"), ("api_token", "string")]);
    assert_eq!(described[0].columns[1].comment.as_deref(), Some("As on the invoice"));
    assert_eq!(session.sample(&orders, 3).await.unwrap(), [row(&[Some("1"), Some("first"), None])]);
    assert_eq!(refusal(workspace(&warehouse, &["absent"]), Reach::Direct).await, Cloud::DatabricksSchema.into());
    assert_eq!(refusal(workspace("absent", &["shop"]), Reach::Direct).await, Cloud::DatabricksWarehouse.into());
}
