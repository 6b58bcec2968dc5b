//! Snowflake: what the protocol of its drivers answers, by a server that stands in for an account.

mod emulated;

use secrecy::SecretString;
use serde_json::{Value, json};
use tests::{Asked, Reply, Vendor};
use warehouses::engine::{Account, Cloud, Column, Place, Reach, Refusal, Table, Target};

use super::{column, enter, key, misbehaves, reference, refusal, row, table};

const LOGIN: &str = "/session/v1/login-request";
const QUERY: &str = "/queries/v1/query-request";

fn account(vendor: &Vendor) -> Account {
    Account {
        place: Place::of_emulator(vendor.address()).unwrap(),
        name: "foo-bar".to_owned(),
        user: "jon".to_owned(),
        password: SecretString::from("123456"),
        database: "my-database".to_owned(),
        schemas: vec!["public".to_owned()],
        warehouse: Some("small".to_owned()),
        role: None,
    }
}

fn target(vendor: &Vendor) -> Target {
    Target::Snowflake(account(vendor))
}

/// An error: its status is that of success.
fn error(code: &str) -> Reply {
    let data = json!({ "errorCode": code, "sqlState": "02000", "queryId": "01b2" });
    Reply::Json(200, json!({ "data": data, "code": code, "message": "s3cret", "success": false, "headers": null }))
}

/// What a statement found.
fn found(names: &[&str], rows: &Value) -> Reply {
    let names: Vec<Value> =
        names.iter().map(|name| json!({ "name": name, "type": "text", "nullable": true })).collect();
    let data = json!({
        "rowtype": names, "rowset": rows, "total": 1, "returned": 1, "queryId": "01b2", "queryResultFormat": "json",
    });
    Reply::Json(200, json!({ "data": data, "code": null, "message": null, "success": true }))
}

fn objects() -> Reply {
    found(
        &["created_on", "name", "database_name", "schema_name", "kind", "comment"],
        &json!([
            ["1", "recent", "MY-DATABASE", "PUBLIC", "VIEW", ""],
            ["1", "ORDERS", "MY-DATABASE", "PUBLIC", "TABLE", "What was ordered"],
        ]),
    )
}

/// An account with a schema, for who has the password.
fn good(asked: &Asked) -> Reply {
    if asked.path == LOGIN {
        let data = &asked.json()["data"];
        let is_known = data["LOGIN_NAME"] == "jon" && data["PASSWORD"] == "123456" && data["ACCOUNT_NAME"] == "foo-bar";
        let session =
            json!({ "databaseName": "MY-DATABASE", "schemaName": null, "warehouseName": "SMALL", "roleName": "R" });
        let data = json!({ "token": "ver:1-hint:2-ETM", "masterToken": "ver:1", "validityInSeconds": 3_600, "sessionInfo": session });
        let welcome = json!({ "data": data, "code": null, "message": null, "success": true });
        return if is_known { Reply::Json(200, welcome) } else { error("390100") };
    }
    if asked.header("authorization") != Some("Snowflake Token=\"ver:1-hint:2-ETM\"") {
        return error("390104");
    }
    match asked.json()["sqlText"].as_str() {
        Some("SHOW OBJECTS IN SCHEMA \"MY-DATABASE\".\"PUBLIC\" LIMIT 1001") => objects(),
        Some("SHOW SCHEMAS IN DATABASE \"MY-DATABASE\"") => {
            found(&["created_on", "name"], &json!([["1", "PUBLIC"], ["1", "INFORMATION_SCHEMA"]]))
        }
        Some("SHOW PRIMARY KEYS IN SCHEMA \"MY-DATABASE\".\"PUBLIC\"") => {
            found(&["table_name", "column_name"], &json!([["ORDERS", "ID"]]))
        }
        Some("SHOW IMPORTED KEYS IN SCHEMA \"MY-DATABASE\".\"PUBLIC\"") => found(
            &["pk_schema_name", "pk_table_name", "pk_column_name", "fk_schema_name", "fk_table_name", "fk_column_name"],
            &json!([["PEOPLE", "ALL", "NUMBER", "PUBLIC", "ORDERS", "CUSTOMER"]]),
        ),
        Some("SHOW COLUMNS IN TABLE \"MY-DATABASE\".\"PUBLIC\".\"ORDERS\"") => columns(),
        _ => error("002043"),
    }
}

fn columns() -> Reply {
    let column =
        |name: &str, data_type: Value, nulls: &str, comment: &str| json!([name, data_type.to_string(), nulls, comment]);
    found(
        &["column_name", "data_type", "null?", "comment"],
        &json!([
            column("ID", json!({ "type": "FIXED", "precision": 38, "scale": 0, "nullable": false }), "NOT_NULL", ""),
            column("no\"te", json!({ "type": "TEXT", "length": 20, "nullable": true }), "true", "As on the invoice"),
            column("API_TOKEN", json!({ "type": "TEXT", "length": 20 }), "true", ""),
            column("LINES", json!({ "type": "VARIANT" }), "true", ""),
            column("CUSTOMER", json!({ "type": "REAL" }), "true", ""),
            column("AT", json!({ "type": "TIMESTAMP_NTZ", "precision": 0, "scale": 9 }), "true", ""),
            column("DATA", json!({ "type": "BINARY", "length": 8 }), "true", ""),
        ]),
    )
}

#[tokio::test]
async fn a_schema_is_listed_without_a_warehouse_and_the_session_is_ended() {
    let vendor = Vendor::start(good).await;
    let mut session = enter(target(&vendor)).await;
    assert_eq!(session.tables(&[]).await.unwrap(), ["ORDERS", "recent"].map(|name| table("PUBLIC", name)));
    assert_eq!(session.tables(&["GONE".to_owned()]).await.unwrap(), []);
    assert_eq!(session.schemas().await.unwrap(), ["PUBLIC"]);
    session.close().await;
    let asked = vendor.asked();
    let login = &asked[0];
    assert!(
        login.query.contains("databaseName=my-database&warehouse=small") && !login.query.contains("123456"),
        "{login:?}"
    );
    assert_eq!(login.json()["data"]["SESSION_PARAMETERS"]["STATEMENT_TIMEOUT_IN_SECONDS"], 10);
    let statements: Vec<Value> =
        asked.iter().filter(|asked| asked.path == QUERY).map(|asked| asked.json()["sqlText"].clone()).collect();
    assert!(statements.iter().all(|sql| sql.as_str().unwrap().starts_with("SHOW ")), "{statements:?}");
    assert!(asked.iter().all(|asked| !asked.query.contains("ETM")), "the token is in no path");
    let last = asked.last().unwrap();
    assert_eq!((&*last.path, &*last.query), ("/session", "delete=true"));
}

#[tokio::test]
async fn a_table_is_described_with_its_keys_and_sampled_by_the_warehouse() {
    let vendor = Vendor::start(|asked| match asked.json()["sqlText"].as_str() {
        Some(sql) if sql.starts_with("SELECT") => found(
            &["1", "2", "3", "4", "5", "6", "7"],
            &json!([
                ["1", "first", null, "[1]", "9.99", "2026-01-02 03:04:05.000", "00FF"],
                ["2", null, null, null, null, null, null]
            ]),
        ),
        _ => good(asked),
    })
    .await;
    let mut session = enter(target(&vendor)).await;
    let names = ["ORDERS", "GONE"].map(|name| table("PUBLIC", name));
    let expected = Table {
        name: names[0].clone(),
        comment: Some("What was ordered".to_owned()),
        columns: vec![
            key("ID", "NUMBER(38,0)"),
            Column { comment: Some("As on the invoice".to_owned()), ..column("no\"te", "VARCHAR(20)") },
            column("API_TOKEN", "VARCHAR(20)"),
            column("LINES", "VARIANT"),
            Column { foreign_key: reference("PEOPLE.ALL", "NUMBER"), ..column("CUSTOMER", "FLOAT") },
            column("AT", "TIMESTAMP_NTZ(9)"),
            column("DATA", "BINARY(8)"),
        ],
    };
    assert_eq!(session.describe(&names).await.unwrap(), [expected]);
    let at = Some("2026-01-02 03:04:05.000");
    let expected = [
        row(&[Some("1"), Some("first"), None, Some("[1]"), Some("9.99"), at, Some("00FF")]),
        row(&[Some("2"), None, None, None, None, None, None]),
    ];
    assert_eq!(session.sample(&names[0], 2).await.unwrap(), expected);
    assert_eq!(session.sample(&names[1], 2).await, Err(Refusal::NoSuchTable));
    let asked = vendor.asked();
    let sql: Vec<String> =
        asked.iter().filter_map(|asked| asked.json()["sqlText"].as_str().map(str::to_owned)).collect();
    let selected: Vec<&String> = sql.iter().filter(|sql| sql.starts_with("SELECT")).collect();
    assert_eq!(
        selected,
        ["SELECT LEFT(TO_VARCHAR(\"ID\"), 4000), LEFT(TO_VARCHAR(\"no\"\"te\"), 4000), NULL, \
          LEFT(TO_JSON(TO_VARIANT(\"LINES\")), 4000), LEFT(TO_VARCHAR(\"CUSTOMER\"), 4000), LEFT(TO_VARCHAR(\"AT\"), 4000), \
          LEFT(HEX_ENCODE(\"DATA\"), 4000) FROM \"MY-DATABASE\".\"PUBLIC\".\"ORDERS\" LIMIT 2"]
    );
}

#[tokio::test]
async fn each_end_of_a_statement_has_its_own_reason() {
    let arrow = json!({ "data": { "rowtype": [], "rowsetBase64": "", "queryResultFormat": "arrow" }, "success": true });
    let chunks =
        json!({ "data": { "rowtype": [], "rowset": [], "chunks": [{ "url": "https://s3/x" }] }, "success": true });
    for (reply, expected) in [
        (error("000606"), Cloud::SnowflakeWarehouse.into()),
        (error("000630"), Refusal::Timeout),
        (error("333334"), Refusal::Timeout),
        (error("003001"), Cloud::SnowflakePermission.into()),
        (error("002003"), Refusal::NoSuchTable),
        (error("390112"), Cloud::SnowflakeAuth.into()),
        (error("001003"), Refusal::Protocol),
        (Reply::Json(200, arrow), Refusal::Protocol),
        (Reply::Json(200, chunks), Refusal::Protocol),
        (found(&["1"], &json!([["too", "many"]])), Refusal::Protocol),
        (Reply::Json(503, json!({})), Cloud::Unavailable.into()),
        (Reply::Endless, Cloud::TooMuch.into()),
    ] {
        let said = format!("{reply:?}");
        let vendor = Vendor::start(move |asked| match asked.json()["sqlText"].as_str() {
            Some(sql) if sql.starts_with("SELECT") => reply.clone(),
            _ => good(asked),
        })
        .await;
        let found = enter(target(&vendor)).await.sample(&table("PUBLIC", "ORDERS"), 3).await;
        assert_eq!(found, Err(expected), "{said}");
    }
}

#[tokio::test]
async fn each_way_not_to_get_into_an_account_has_its_own_reason() {
    let nowhere = json!({ "data": { "token": "t", "sessionInfo": { "databaseName": null } }, "success": true });
    for (at, reply, expected, code) in [
        // A wrong password, a role that is not the user's, a second factor that is missing, and an address that is not allowed.
        (LOGIN, error("390100"), Cloud::SnowflakeAuth, "auth"),
        (LOGIN, error("390189"), Cloud::SnowflakeAuth, "auth"),
        (LOGIN, error("394400"), Cloud::SnowflakeAuth, "auth"),
        (LOGIN, error("390422"), Cloud::SnowflakeAuth, "auth"),
        (LOGIN, Reply::Text(403, "<html>s3cret".to_owned()), Cloud::SnowflakeAccount, "no_such_database"),
        (LOGIN, Reply::Json(200, nowhere), Cloud::SnowflakeDatabase, "no_such_database"),
        (LOGIN, Reply::Text(503, "s3cret".to_owned()), Cloud::Unavailable, "refused"),
        (QUERY, error("002043"), Cloud::SnowflakeDatabase, "no_such_database"),
        (QUERY, error("003001"), Cloud::SnowflakePermission, "permission"),
        (QUERY, error("390112"), Cloud::SnowflakeAuth, "auth"),
    ] {
        let said = format!("{at} {reply:?}");
        let vendor = Vendor::start(move |asked| if asked.path == at { reply.clone() } else { good(asked) }).await;
        let found = refusal(target(&vendor), Reach::Direct).await;
        assert_eq!((found, found.code()), (expected.into(), code), "{said}");
        assert!(!found.to_string().contains("s3cret"), "{found}");
    }
    let vendor = Vendor::start(good).await;
    let wrong = Account { password: SecretString::from("wrong"), ..account(&vendor) };
    assert_eq!(refusal(Target::Snowflake(wrong), Reach::Direct).await, Cloud::SnowflakeAuth.into());
}

#[tokio::test]
async fn an_account_that_does_not_behave_is_refused_with_a_reason() {
    for at in [LOGIN, QUERY] {
        misbehaves(at, good, target).await;
    }
}
