//! Databricks: what its REST API answers, as it is documented, by a server that stands in for a workspace.

mod emulated;

use secrecy::SecretString;
use serde_json::{Value, json};
use tests::{Asked, Reply, Vendor};
use warehouses::engine::{Cloud, Column, Place, Reach, Refusal, Table, Target, Workspace};

use super::{column, enter, key, misbehaves, reference, refusal, row, table};

/// The token of the workspace.
const TOKEN: &str = "dapi0123456789abcdef";

const WAREHOUSE: &str = "/api/2.0/sql/warehouses/1a2b";
const STATEMENTS: &str = "/api/2.0/sql/statements";
const SCHEMA: &str = "/api/2.1/unity-catalog/schemas/foobar.default";
const TABLES: &str = "/api/2.1/unity-catalog/tables";

fn workspace(vendor: &Vendor) -> Workspace {
    Workspace {
        place: Place::of_emulator(vendor.address()).unwrap(),
        token: SecretString::from(TOKEN),
        warehouse: "1a2b".to_owned(),
        catalog: "foobar".to_owned(),
        schemas: vec!["default".to_owned()],
    }
}

fn target(vendor: &Vendor) -> Target {
    Target::Databricks(workspace(vendor))
}

fn error(status: u16, code: impl Into<Value>, message: &str) -> Reply {
    Reply::Json(status, json!({ "error_code": code.into(), "message": message }))
}

/// What a statement found.
fn found(rows: &Value) -> Reply {
    Reply::Json(
        200,
        json!({
            "statement_id": "01ef", "status": { "state": "SUCCEEDED" },
            "manifest": { "format": "JSON_ARRAY", "truncated": false },
            "result": { "chunk_index": 0, "row_offset": 0, "data_array": rows },
        }),
    )
}

/// A workspace with a warehouse that is asleep and a schema, for who has the token.
fn good(asked: &Asked) -> Reply {
    match (asked.header("authorization"), &*asked.path) {
        (Some("Bearer dapi0123456789abcdef"), WAREHOUSE) => {
            Reply::Json(200, json!({ "id": "1a2b", "state": "STOPPED" }))
        }
        (Some("Bearer dapi0123456789abcdef"), SCHEMA) => Reply::Json(200, json!({ "full_name": "foobar.default" })),
        (Some("Bearer dapi0123456789abcdef"), _) => error(404, "TABLE_DOES_NOT_EXIST", "no"),
        _ => error(403, "403", "Invalid access token."),
    }
}

#[tokio::test]
async fn a_schema_is_listed_page_by_page_and_a_sleeping_warehouse_is_not_woken() {
    let tables = |names: &[&str], next: Value| {
        let tables: Vec<Value> = names.iter().map(|name| json!({ "name": name, "table_type": "MANAGED" })).collect();
        Reply::Json(200, json!({ "tables": tables, "next_page_token": next }))
    };
    let vendor = Vendor::start(move |asked| match (&*asked.path, asked.query.contains("page_token=a%2Bb")) {
        (TABLES, false) => tables(&["parts"], json!("a+b")),
        (TABLES, true) => tables(&["orders"], Value::Null),
        ("/api/2.1/unity-catalog/schemas", _) => {
            Reply::Json(200, json!({ "schemas": [{ "name": "information_schema" }, { "name": "default" }] }))
        }
        _ => good(asked),
    })
    .await;
    let mut session = enter(target(&vendor)).await;
    assert_eq!(session.tables(&[]).await.unwrap(), ["orders", "parts"].map(|name| table("default", name)));
    assert_eq!(session.schemas().await.unwrap(), ["default"]);
    let asked = vendor.asked();
    assert!(asked.iter().all(|asked| asked.method == "GET"), "nothing is run: {asked:?}");
    let lists: Vec<&Asked> = asked.iter().filter(|asked| asked.path == TABLES).collect();
    let options = "catalog_name=foobar&max_results=50&schema_name=default&omit_columns=true";
    assert!(lists.iter().all(|asked| asked.query.starts_with(options)), "{lists:?}");
}

#[tokio::test]
async fn a_list_that_goes_round_in_circles_is_left() {
    let again = |asked: &Asked| match &*asked.path {
        TABLES => Reply::Json(200, json!({ "next_page_token": "again" })),
        _ => good(asked),
    };
    let vendor = Vendor::start(again).await;
    assert_eq!(enter(target(&vendor)).await.tables(&[]).await, Err(Refusal::Protocol));
}

/// A table with a column of each sort, not in their order.
fn orders() -> Value {
    let column = |position: u32, name: &str, kind: &str| json!({ "name": name, "type_text": kind, "type_name": "SOME", "position": position, "nullable": true });
    let mut id = column(0, "id", "bigint");
    id["nullable"] = json!(false);
    let mut note = column(1, "no`te", "string");
    note["comment"] = json!("As on the invoice");
    json!({
        "name": "orders", "catalog_name": "foobar", "schema_name": "default", "comment": "What was ordered",
        "columns": [
            column(4, "customer", "decimal(10,2)"), note, id, column(2, "api_token", "string"), column(3, "lines", "array<struct<a:int>>"),
            column(5, "data", "binary"),
        ],
        "table_constraints": [
            { "primary_key_constraint": { "name": "pk", "child_columns": ["id"] } },
            { "foreign_key_constraint": {
                "name": "fk", "child_columns": ["id", "customer"], "parent_table": "foobar.people.all",
                "parent_columns": ["x", "number"],
            } },
        ],
    })
}

#[tokio::test]
async fn a_table_is_described_with_its_keys_and_sampled_by_the_warehouse() {
    let rows = json!([["1", "first", null, "[{\"a\":1}]", "9.99", "00FF"], ["2", null, null, null, null, null]]);
    let vendor = Vendor::start(move |asked| match &*asked.path {
        "/api/2.1/unity-catalog/tables/foobar.default.orders" => Reply::Json(200, orders()),
        STATEMENTS => found(&rows),
        _ => good(asked),
    })
    .await;
    let mut session = enter(target(&vendor)).await;
    let names = ["gone", "orders"].map(|name| table("default", name));
    let expected = Table {
        name: names[1].clone(),
        comment: Some("What was ordered".to_owned()),
        columns: vec![
            Column { foreign_key: reference("people.all", "x"), ..key("id", "bigint") },
            Column { comment: Some("As on the invoice".to_owned()), ..column("no`te", "string") },
            column("api_token", "string"),
            column("lines", "array<struct<a:int>>"),
            Column { foreign_key: reference("people.all", "number"), ..column("customer", "decimal(10,2)") },
            column("data", "binary"),
        ],
    };
    assert_eq!(session.describe(&names).await.unwrap(), [expected]);
    let expected = [
        row(&[Some("1"), Some("first"), None, Some("[{\"a\":1}]"), Some("9.99"), Some("00FF")]),
        row(&[Some("2"), None, None, None, None, None]),
    ];
    assert_eq!(session.sample(&names[1], 2).await.unwrap(), expected);
    assert_eq!(session.sample(&names[0], 2).await, Err(Refusal::NoSuchTable));
    let asked = vendor.asked();
    let statements: Vec<Value> = asked.iter().filter(|asked| asked.path == STATEMENTS).map(Asked::json).collect();
    assert_eq!(statements.len(), 1);
    assert_eq!(
        statements[0]["statement"],
        "SELECT left(cast(`id` AS STRING), 4000), left(cast(`no``te` AS STRING), 4000), NULL, \
         left(to_json(`lines`), 4000), left(cast(`customer` AS STRING), 4000), hex(substring(`data`, 1, 2000)) \
         FROM `foobar`.`default`.`orders` LIMIT 2"
    );
    let limits =
        ["warehouse_id", "row_limit", "on_wait_timeout", "disposition"].map(|name| statements[0][name].clone());
    assert_eq!(limits, [json!("1a2b"), json!(2), json!("CANCEL"), json!("INLINE")]);
}

#[tokio::test]
async fn each_end_of_a_statement_has_its_own_reason() {
    let state = |state: &str, message: &str| {
        Reply::Json(200, json!({ "statement_id": "1", "status": { "state": state, "error": { "message": message } } }))
    };
    for (reply, expected) in [
        (state("FAILED", "[TABLE_OR_VIEW_NOT_FOUND] s3cret"), Refusal::NoSuchTable),
        (state("FAILED", "[INSUFFICIENT_PERMISSIONS] s3cret"), Cloud::DatabricksPermission.into()),
        (state("FAILED", "[PARSE_SYNTAX_ERROR] s3cret"), Refusal::Protocol),
        (state("CANCELED", ""), Cloud::DatabricksAsleep.into()),
        (state("PENDING", ""), Cloud::DatabricksAsleep.into()),
        (state("ELSE", ""), Refusal::Protocol),
        (found(&json!([["too", "few"]])), Refusal::Protocol),
        (error(404, "RESOURCE_DOES_NOT_EXIST", "s3cret"), Cloud::DatabricksWarehouse.into()),
        (error(429, "REQUEST_LIMIT_EXCEEDED", "s3cret"), Cloud::Unavailable.into()),
        (Reply::Endless, Cloud::TooMuch.into()),
    ] {
        let said = format!("{reply:?}");
        let vendor = Vendor::start(move |asked| match &*asked.path {
            "/api/2.1/unity-catalog/tables/foobar.default.orders" => Reply::Json(200, orders()),
            STATEMENTS => reply.clone(),
            _ => good(asked),
        })
        .await;
        let found = enter(target(&vendor)).await.sample(&table("default", "orders"), 3).await;
        assert_eq!(found, Err(expected), "{said}");
    }
}

#[tokio::test]
async fn each_way_not_to_get_into_a_workspace_has_its_own_reason() {
    let denied = "User does not have USE SCHEMA on Schema 'foobar.s3cret'";
    for (at, reply, expected, code) in [
        (
            WAREHOUSE,
            error(401, 401, "Credential was not sent or was of an unsupported type"),
            Cloud::DatabricksAuth,
            "auth",
        ),
        (WAREHOUSE, error(403, "403", "Invalid access token."), Cloud::DatabricksAuth, "auth"),
        (WAREHOUSE, error(403, "PERMISSION_DENIED", "s3cret"), Cloud::DatabricksPermission, "permission"),
        (WAREHOUSE, error(404, "RESOURCE_DOES_NOT_EXIST", "s3cret"), Cloud::DatabricksWarehouse, "no_such_database"),
        (SCHEMA, error(403, "PERMISSION_DENIED", denied), Cloud::DatabricksPermission, "permission"),
        (SCHEMA, error(404, "SCHEMA_DOES_NOT_EXIST", "s3cret"), Cloud::DatabricksSchema, "no_such_database"),
        (SCHEMA, error(404, "CATALOG_DOES_NOT_EXIST", "s3cret"), Cloud::DatabricksSchema, "no_such_database"),
        (SCHEMA, error(429, "REQUEST_LIMIT_EXCEEDED", "s3cret"), Cloud::Unavailable, "refused"),
        (SCHEMA, Reply::Text(503, "s3cret".to_owned()), Cloud::Unavailable, "refused"),
    ] {
        let said = format!("{reply:?}");
        let vendor = Vendor::start(move |asked| if asked.path == at { reply.clone() } else { good(asked) }).await;
        let found = refusal(target(&vendor), Reach::Direct).await;
        assert_eq!((found, found.code()), (expected.into(), code), "{said}");
        assert!(!found.to_string().contains("s3cret"), "{found}");
    }
    let vendor = Vendor::start(good).await;
    for wrong in ["wrong", "wrong\u{7f}"] {
        let wrong = Workspace { token: SecretString::from(wrong), ..workspace(&vendor) };
        assert_eq!(refusal(Target::Databricks(wrong), Reach::Direct).await, Cloud::DatabricksAuth.into());
    }
}

#[tokio::test]
async fn a_warehouse_that_runs_is_asked_something() {
    let awake = |statement: fn() -> Reply| {
        move |asked: &Asked| match &*asked.path {
            WAREHOUSE => Reply::Json(200, json!({ "id": "1a2b", "state": "RUNNING" })),
            STATEMENTS => statement(),
            _ => good(asked),
        }
    };
    let vendor = Vendor::start(awake(|| found(&json!([["1"]])))).await;
    enter(target(&vendor)).await;
    let asked = vendor.asked();
    assert!(asked.iter().any(|asked| asked.path == STATEMENTS && asked.json()["statement"] == "SELECT 1"), "{asked:?}");
    let vendor = Vendor::start(awake(|| error(403, "PERMISSION_DENIED", "no"))).await;
    assert_eq!(refusal(target(&vendor), Reach::Direct).await, Cloud::DatabricksPermission.into());
}

#[tokio::test]
async fn a_workspace_that_does_not_behave_is_refused_with_a_reason() {
    for at in [WAREHOUSE, SCHEMA] {
        misbehaves(at, good, target).await;
    }
}

#[tokio::test]
async fn a_workspace_that_hangs_up_between_two_requests_is_dialled_again() {
    let vendor = Vendor::start(|asked| match &*asked.path {
        TABLES => Reply::Json(200, json!({ "tables": [{ "name": "orders" }] })),
        // What is read of this answer is whole, and the connection is closed behind it.
        SCHEMA => Reply::Last(200, json!({})),
        _ => good(asked),
    })
    .await;
    let mut session = enter(target(&vendor)).await;
    assert_eq!(session.tables(&[]).await.unwrap(), [table("default", "orders")]);
}
