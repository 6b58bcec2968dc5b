//! Athena, emulated by ministack with DuckDB: where `./dev test --warehouses` has started it. It asks nobody who they are, and a
//! database that is not there is an empty one to it.

use std::fmt::Write;

use secrecy::SecretString;
use serde_json::{Value, json};
use shared::id::RequestId;
use tests::{TestApi, emulated};
use warehouses::engine::{AthenaPlace, Refusal, Target};

use super::{column, enter, refusal, row, table};

/// A database of a test's own in the emulator, with a table of sales in its S3.
struct Emulated {
    url: String,
    database: String,
}

impl Emulated {
    /// One, if this run has the emulator.
    async fn start() -> Option<Self> {
        let url = emulated("ALTUS4_TEST_ATHENA")?;
        let database = format!("db_{}", RequestId::fresh()).replace('-', "_");
        let emulated = Self { url, database };
        emulated.fill().await;
        Some(emulated)
    }

    fn bucket(&self) -> String {
        self.database.replace('_', "-")
    }

    async fn fill(&self) {
        let (http, bucket) = (reqwest::Client::new(), self.bucket());
        let file = "1,Zoë,2.5,s3cr3t\n2,,-1.5,s3cr3t\n3,Xia,0.25,s3cr3t\n";
        for (path, body) in [(bucket.clone(), ""), (format!("{bucket}/sales/1.csv"), file)] {
            http.put(format!("{}/{path}", self.url)).body(body).send().await.unwrap().error_for_status().unwrap();
        }
        let input = json!({ "Name": self.database });
        self.glue("CreateDatabase", json!({ "DatabaseInput": input })).await;
        let columns = [("id", "bigint"), ("buyer", "string"), ("price", "double"), ("api_token", "string")];
        let columns = columns.map(|(name, kind)| json!({ "Name": name, "Type": kind }));
        let storage = json!({
            "Columns": columns, "Location": format!("s3://{bucket}/sales/"),
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": { "field.delim": "," },
            },
        });
        let table = json!({
            "Name": "sales", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage,
            "Parameters": { "classification": "csv", "comment": "What was sold" },
        });
        self.glue("CreateTable", json!({ "DatabaseName": self.database, "TableInput": table })).await;
    }

    async fn glue(&self, operation: &str, body: Value) {
        let call = reqwest::Client::new().post(&self.url).header("x-amz-target", format!("AWSGlue.{operation}"));
        let call = call.header("content-type", "application/x-amz-json-1.1").body(body.to_string());
        call.send().await.unwrap().error_for_status().unwrap();
    }

    fn place(&self) -> AthenaPlace {
        AthenaPlace {
            region: "us-east-1".parse().unwrap(),
            access_key: SecretString::from("test"),
            secret_key: SecretString::from("test"),
            database: self.database.clone(),
            work_group: "primary".to_owned(),
            staging: format!("s3://{}/staging/", self.bucket()),
            endpoint: Some(self.url.clone()),
        }
    }

    /// The URI as clients write it.
    fn uri(&self) -> String {
        let mut uri = format!("awsathena+rest://test:test@athena.us-east-1.amazonaws.com:443/{}", self.database);
        let _ = write!(uri, "?s3_staging_dir=s3://{}/staging/&work_group=primary", self.bucket());
        uri
    }
}

#[tokio::test]
async fn a_table_in_the_emulator_of_athena_is_listed_described_and_sampled() {
    let Some(emulated) = Emulated::start().await else { return };
    let mut session = enter(Target::Athena(emulated.place())).await;
    let sales = table(&emulated.database, "sales");
    assert_eq!(session.tables(&[]).await.unwrap(), std::slice::from_ref(&sales));
    let described = session.describe(&[sales.clone(), table(&emulated.database, "gone")]).await.unwrap();
    assert_eq!((described.len(), described[0].comment.as_deref()), (1, Some("What was sold")));
    let columns = [("id", "bigint"), ("buyer", "string"), ("price", "double"), ("api_token", "string")];
    assert_eq!(described[0].columns, columns.map(|(name, kind)| column(name, kind)));
    let mut rows = session.sample(&sales, 3).await.unwrap();
    rows.sort();
    assert_eq!(rows[0], row(&[Some("1"), Some("Zoë"), Some("2.5"), None]));
    assert_eq!((rows.len(), rows[1][2].as_deref()), (3, Some("-1.5")));
    assert_eq!(session.sample(&sales, 1).await.unwrap().len(), 1);
    assert_eq!(session.sample(&table(&emulated.database, "gone"), 1).await, Err(Refusal::NoSuchTable));
}

#[tokio::test]
async fn a_work_group_that_the_emulator_of_athena_has_not_is_told() {
    let Some(emulated) = Emulated::start().await else { return };
    let place = AthenaPlace { work_group: "absent".to_owned(), ..emulated.place() };
    assert_eq!(refusal(Target::Athena(place), super::Reach::Direct).await, Refusal::NoSuchWorkGroup);
}

#[tokio::test]
async fn a_connection_to_the_emulator_of_athena_is_made_scanned_and_exported_to_its_s3() {
    let Some(emulated) = Emulated::start().await else { return };
    let endpoints = ["ALTUS4_AWS_ENDPOINT_ATHENA", "ALTUS4_AWS_ENDPOINT_S3"];
    let api = TestApi::with_variables(endpoints.map(|name| (name, emulated.url.clone())).to_vec()).await;
    let user = api.register("ursula").await;
    let storage =
        json!({ "name": "S3", "access_key_id": "test", "secret_access_key": "test", "bucket": emulated.bucket() });
    let body = json!({ "alias": "sales", "connection_uri": emulated.uri(), "file_storage": storage });
    let made = user.call("POST", "/api/v1/database-connections").json(&body).send().await.expect(201);
    assert_eq!((&made["dialect"], &made["schemas"]), (&json!("awsathena"), &Value::Null));
    let sync = json!({ "db_connection_id": made["id"] });
    user.call("POST", "/api/v1/table-descriptions/sync-schemas").json(&sync).send().await.expect(201);
    let path = format!("/api/v1/table-descriptions?db_connection_id={}", made["id"].as_str().unwrap());
    let tables = user.call("GET", &path).send().await.expect(200);
    assert_eq!((tables.as_array().unwrap().len(), &tables[0]["status"]), (1, &json!("SCANNED")), "{tables:#}");
    assert_eq!(
        (&tables[0]["description"], tables[0]["examples"].as_array().unwrap().len()),
        (&json!("What was sold"), 3)
    );

    let path = format!("/api/v1/table-descriptions/{}/export", tables[0]["id"].as_str().unwrap());
    let exported = user.call("POST", &path).json(&json!({})).send().await.expect(201);
    let text = reqwest::get(exported["url"].as_str().unwrap()).await.unwrap().text().await.unwrap();
    assert!(text.starts_with("id,buyer,price,api_token\r\n") && text.contains("1,Zoë,2.5,\r\n"), "{text}");
    assert_eq!(exported["rows"], 3);
}
