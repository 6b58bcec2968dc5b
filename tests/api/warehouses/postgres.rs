//! A real PostgreSQL, directly and through a real OpenSSH.

use serde_json::{Value, json};
use tests::{PostgresDatabase, TestApi, TestSshd};

use super::{CONNECTIONS, TABLES, connection, escaped, post, tables_of};
use crate::{postgres, sshd};

async fn sales() -> PostgresDatabase {
    postgres()
        .database(&[
            "CREATE TABLE elsewhere (id int)",
            "CREATE SCHEMA sales",
            "CREATE TABLE sales.\"Orders\" (id int PRIMARY KEY, note text NOT NULL)",
            "COMMENT ON TABLE sales.\"Orders\" IS 'What was ordered'",
            "INSERT INTO sales.\"Orders\" VALUES (1, 'first'), (2, 'second')",
            "CREATE SCHEMA hr",
            "CREATE TABLE hr.people (id int PRIMARY KEY)",
        ])
        .await
}

/// Its URI, from this host's point of view and with these options.
fn uri_of(database: &PostgresDatabase, host: &str, options: &str) -> String {
    let (name, password) = (&database.name, escaped(PostgresDatabase::PASSWORD));
    format!("postgresql+psycopg2://{name}:{password}@{host}:{}/{name}{options}", postgres().port())
}

fn names(tables: &Value) -> Vec<String> {
    let name =
        |table: &Value| format!("{}.{}", table["schema_name"].as_str().unwrap(), table["table_name"].as_str().unwrap());
    tables.as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn the_schemas_are_those_of_the_request_or_of_the_search_path_or_public() {
    let (api, database) = (TestApi::start().await, sales().await);
    let user = api.register("ursula").await;
    let search_path = "?options=-csearch_path=sales";
    for (options, schemas, expected, found) in [
        ("", Value::Null, json!(["public"]), vec!["public.elsewhere"]),
        (search_path, Value::Null, json!(["sales"]), vec!["sales.Orders"]),
        (
            search_path,
            json!(["hr", "sales", "nothing"]),
            json!(["hr", "sales", "nothing"]),
            vec!["hr.people", "sales.Orders"],
        ),
    ] {
        let uri = uri_of(&database, "127.0.0.1", options);
        let body = json!({ "alias": "pg", "connection_uri": uri, "schemas": schemas });
        let made = post(&user, CONNECTIONS, &body).await.expect(201);
        assert_eq!((&made["dialect"], &made["schemas"]), (&json!("postgresql"), &expected));
        assert_eq!(names(&tables_of(&user, made["id"].as_str().unwrap()).await), found);
        // What was answered can be sent back, with its schemas.
        let again = user.call("PUT", &connection(&made["id"])).json(&made).send().await.expect(200);
        assert_eq!((&again["schemas"], &again["uri"]), (&expected, &made["uri"]));
    }
}

#[tokio::test]
async fn a_table_is_looked_into_directly_and_through_ssh() {
    let (api, database, server) = (TestApi::start().await, sales().await, sshd(&["ed25519"], &[]).await);
    let user = api.register("ursula").await;
    let ssh = json!({
        "host": "127.0.0.1", "port": server.port, "username": TestSshd::USERNAME, "password": TestSshd::PASSWORD,
    });
    let options = "?options=-csearch_path=sales";
    for (host, ssh) in [("127.0.0.1", Value::Null), (TestSshd::INNER_HOST, ssh)] {
        let uri = uri_of(&database, host, options);
        let body = json!({ "alias": "pg", "use_ssh": !ssh.is_null(), "connection_uri": uri, "ssh_settings": ssh });
        let made = post(&user, CONNECTIONS, &body).await.expect(201);
        let sync = json!({ "db_connection_id": made["id"] });
        post(&user, &format!("{TABLES}/sync-schemas"), &sync).await.expect(201);
        let tables = tables_of(&user, made["id"].as_str().unwrap()).await;
        let orders = &tables[0];
        assert_eq!(
            (&orders["status"], &orders["description"]),
            (&json!("SCANNED"), &json!("What was ordered")),
            "{tables:#}"
        );
        assert_eq!(orders["examples"], json!([{ "id": "1", "note": "first" }, { "id": "2", "note": "second" }]));
        assert_eq!(orders["columns"][0]["is_primary_key"], true);
        assert!(
            orders["table_schema"].as_str().unwrap().starts_with("CREATE TABLE \"sales\".\"Orders\" ("),
            "{orders:#}"
        );
    }
    server.rests().await;
}
