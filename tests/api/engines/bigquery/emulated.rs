//! BigQuery against bqemulator, which takes any token: who gives tokens is the stand-in.

use serde_json::{Value, json};
use shared::clock::Clock;
use shared::id::RequestId;
use tests::{Vendor, emulated};
use warehouses::engine::{Cloud, Place, Project, Reach, Target};

use super::google::{key_file, token};
use crate::engines::{address_of, enter, refusal, row, table};

/// A dataset with two tables, made by the emulator's own API.
async fn dataset(url: &str) -> String {
    let name = format!("d{}", RequestId::fresh()).replace('-', "_");
    let base = format!("{url}/bigquery/v2/projects/p1/datasets");
    let http = reqwest::Client::new();
    let reference = json!({ "projectId": "p1", "datasetId": name });
    let field = |name: &str, kind: &str, mode: &str| json!({ "name": name, "type": kind, "mode": mode });
    let orders = json!([
        field("id", "INTEGER", "REQUIRED"),
        { "name": "note", "type": "STRING", "mode": "NULLABLE", "description": "As on the invoice" },
        field("api_token", "STRING", "NULLABLE"),
        field("tags", "STRING", "REPEATED"),
    ]);
    let table = |table: &str, fields: &Value| {
        json!({
            "tableReference": { "projectId": "p1", "datasetId": name, "tableId": table },
            "schema": { "fields": fields }, "description": "What was ordered",
        })
    };
    let rows =
        json!({ "rows": [{ "json": { "id": "1", "note": "first", "api_token": "s3cret", "tags": ["a", "b"] } }] });
    for (path, body) in [
        (String::new(), json!({ "datasetReference": reference })),
        (format!("/{name}/tables"), table("Orders", &orders)),
        (format!("/{name}/tables"), table("parts", &json!([field("id", "INTEGER", "NULLABLE")]))),
        (format!("/{name}/tables/Orders/insertAll"), rows),
    ] {
        let answer = http.post(format!("{base}{path}")).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    }
    name
}

#[tokio::test]
async fn an_emulated_dataset_is_listed_described_and_sampled() {
    let Some(url) = emulated("ALTUS4_TEST_BIGQUERY") else { return };
    let (name, tokens) = (dataset(&url).await, Vendor::start(token).await);
    let project = |datasets: &[&str]| {
        Target::BigQuery(Project {
            name: "p1".to_owned(),
            datasets: datasets.iter().map(|name| (*name).to_owned()).collect(),
            key: key_file(&json!({})),
            tokens: Place::of_emulator(tokens.address()).unwrap(),
            api: Place::of_emulator(address_of(&url)).unwrap(),
            now: Clock::system().now(),
        })
    };
    let mut session = enter(project(&["absent", &name])).await;
    let names = ["Orders", "parts"].map(|table_name| table(&name, table_name));
    assert_eq!(session.tables(&[]).await.unwrap(), names);
    assert!(session.schemas().await.unwrap().contains(&name));
    let described = session.describe(&[names[0].clone(), table(&name, "absent")]).await.unwrap();
    assert_eq!((described.len(), described[0].comment.as_deref()), (1, Some("What was ordered")));
    let columns: Vec<(&str, &str, bool)> =
        described[0].columns.iter().map(|column| (&*column.name, &*column.data_type, column.nullable)).collect();
    let expected = [
        ("id", "INT64", false),
        ("note", "STRING", true),
        ("api_token", "STRING", true),
        ("tags", "ARRAY<STRING>", true),
    ];
    assert_eq!(columns, expected);
    assert_eq!(described[0].columns[1].comment.as_deref(), Some("As on the invoice"));
    let sample = session.sample(&names[0], 3).await.unwrap();
    assert_eq!(sample, [row(&[Some("1"), Some("first"), None, Some(r#"["a","b"]"#)])]);
    assert_eq!(refusal(project(&["absent"]), Reach::Direct).await, Cloud::GoogleDataset.into());
}
