//! The examples of the documentation that this API is made after, as they stand there.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use shared::databases::{Network, Resolving};
use tests::TestApi;

use super::{CONNECTIONS, post};

/// The second and the third example have this as their `ssh_settings`.
fn ssh_settings() -> Value {
    json!({
        "db_name": "db_name", "host": "string", "username": "string", "password": "string", "remote_host": "string",
        "remote_db_name": "string", "remote_db_password": "string", "private_key_password": "string",
        "db_driver": "string",
    })
}

/// A folder with this file of SQLite in it, which goes when it is dropped.
struct Folder(std::path::PathBuf);

impl Folder {
    fn with(file: &str, statements: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("altus4-{}", shared::id::RequestId::fresh()));
        std::fs::create_dir(&folder).unwrap();
        rusqlite::Connection::open(folder.join(file)).unwrap().execute_batch(statements).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[tokio::test]
async fn the_first_example_connects_a_file_where_the_operator_allows_a_folder() {
    let folder = Folder::with("mydb.db", "CREATE TABLE Orders (Id INTEGER PRIMARY KEY, note TEXT)");
    let api = TestApi::with_sqlite_folder(&folder.0).await;
    let user = api.register("ursula").await;
    let body = json!({ "alias": "my_db_alias_identifier", "use_ssh": false, "connection_uri": "sqlite:///mydb.db" });
    let made = post(&user, CONNECTIONS, &body).await.expect(201);
    assert_eq!(made["alias"], "my_db_alias_identifier");
    assert_eq!((&made["dialect"], &made["schemas"]), (&json!("sqlite"), &json!(["main"])));
    let uri = made["uri"].as_str().unwrap();
    assert!(uri.starts_with("gAAAAA") && made["connection_uri"] == uri, "{made:#}");
    assert_eq!(
        (&made["llm_api_key"], &made["ssh_settings"], &made["file_storage"]),
        (&json!(""), &json!(null), &json!(null))
    );
    let tables = super::tables_of(&user, made["id"].as_str().unwrap()).await;
    assert_eq!((&tables[0]["table_name"], &tables[0]["status"]), (&json!("Orders"), &json!("NOT_SCANNED")));
}

#[tokio::test]
async fn a_file_is_not_read_where_no_folder_is_allowed_nor_outside_of_it() {
    let folder = Folder::with("mydb.db", "CREATE TABLE t (x)");
    let api = TestApi::with_sqlite_folder(&folder.0).await;
    let user = api.register("ursula").await;
    for uri in ["sqlite:///other.db", "sqlite:///../mydb.db", "sqlite:////etc/passwd"] {
        let body = json!({ "alias": "a", "connection_uri": uri });
        let refused = post(&user, CONNECTIONS, &body).await.expect_error(400, "invalid_database_connection");
        assert_eq!(refused["reason"], "no_such_database", "{uri}: {refused:#}");
    }
    assert!(!folder.0.join("other.db").exists(), "a file was made");
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = json!({ "alias": "a", "connection_uri": "sqlite:///mydb.db" });
    let refused = post(&user, CONNECTIONS, &body).await.expect_error(400, "invalid_database_connection");
    assert_eq!(refused["reason"], "permission", "{refused:#}");
}

#[tokio::test]
async fn the_other_two_examples_are_read_and_their_made_up_driver_is_told() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let second = json!({ "alias": "my_db_alias", "use_ssh": true, "ssh_settings": ssh_settings() });
    let third = json!({
        "alias": "my_db_alias", "use_ssh": true, "llm_api_key": "api_key", "ssh_settings": ssh_settings(),
    });
    for body in [second, third] {
        let refused = post(&user, CONNECTIONS, &body).await.expect_error(400, "unsupported_dialect");
        assert!(refused["detail"].as_str().unwrap().contains("postgresql, mysql, sqlite"), "{refused:#}");
    }
}

#[tokio::test]
async fn the_five_forms_of_uris_are_read_and_lead_to_hosts_of_their_vendors_or_say_what_is_missing() {
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let names = Arc::clone(&asked);
    let resolve = move |host: &str| -> Resolving {
        names.lock().unwrap().push(host.to_owned());
        Box::pin(async { Err(std::io::ErrorKind::NotFound.into()) })
    };
    let api = TestApi::with_network(Network::new(resolve, |_| Err(std::io::ErrorKind::ConnectionRefused.into()))).await;
    let user = api.register("ursula").await;
    let databricks = "databricks://token:abcd1234abcd1234abcd1234abcd1234@foo-bar.cloud.databricks.com\
                      ?http_path=sql/protocolv1/o/123456/123-1234-abcdabcd&catalog=foobar&schema=default";
    for (uri, code, reason, host) in [
        (
            "postgresql+psycopg2://admin:123456@foo.rds.amazonaws.com:5432/my-database",
            "invalid_database_connection",
            "dns",
            Some("foo.rds.amazonaws.com"),
        ),
        // That of a cluster, which no documented API serves statements to.
        (databricks, "unsupported_dialect", "unsupported_dialect", None),
        (
            &databricks.replace("sql/protocolv1/o/123456/123-1234-abcdabcd", "/sql/1.0/warehouses/1a2b"),
            "invalid_database_connection",
            "dns",
            Some("foo-bar.cloud.databricks.com"),
        ),
        (
            "snowflake://jon:123456@foo-bar/my-database/public",
            "invalid_database_connection",
            "dns",
            Some("foo-bar.snowflakecomputing.com"),
        ),
        // Where AWS is emulated, and Athena is not, nobody answers as Athena does.
        (
            "awsathena+rest://foobar:foobar@athena.us-east-2.amazonaws.com:443/db_test\
             ?s3_staging_dir=s3://my-bucket/output/&work_group=primary",
            "invalid_database_connection",
            "refused",
            None,
        ),
        ("bigquery://v2-real-estate/K2", "invalid_database_connection", "bad_credentials_file", None),
    ] {
        let file = "private_credentials/my-db-123456acbd.json";
        let body = json!({ "alias": "a", "connection_uri": uri, "path_to_credentials_file": file });
        let refused = post(&user, CONNECTIONS, &body).await.expect_error(400, code);
        assert_eq!(refused["reason"], reason, "{uri}: {refused:#}");
        let hosts = std::mem::take(&mut *asked.lock().unwrap());
        assert_eq!(hosts, host.map(str::to_owned).into_iter().collect::<Vec<_>>(), "{uri}");
    }
    assert_eq!(user.call("GET", CONNECTIONS).send().await.expect(200), json!([]), "nothing is stored");
}
