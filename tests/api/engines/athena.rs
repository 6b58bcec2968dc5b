//! Athena, played by a server that says what a test wants, whatever it is asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use warehouses::engine::{AthenaPlace, Column, Reach, Refusal, Table, Target, open};

use super::{column, dialer, row, table, within};

const SECRET: &str = "correct-horse-battery-staple";

/// What it says.
enum Says {
    /// This, as JSON.
    Json(u16, Value),
    /// This.
    Text(u16, &'static str),
    /// Nothing.
    Nothing,
}

/// What it was asked: the operation and the body of each call.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A server that answers an operation like this, given how often it was called before.
async fn athena(says: impl Fn(&str, usize) -> Says + Send + Sync + 'static) -> (Target, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, says) = (Asked::default(), Arc::new(says));
    let seen = Arc::clone(&asked);
    let answer = move |headers: HeaderMap, body: Bytes| {
        let (seen, says) = (Arc::clone(&seen), Arc::clone(&says));
        async move { said(&headers, &body, &seen, &*says).await }
    };
    tokio::spawn(async move { drop(axum::serve(listener, Router::new().fallback(answer)).await) });
    (Target::Athena(place(url)), asked)
}

fn place(url: String) -> AthenaPlace {
    AthenaPlace {
        region: "us-east-1".parse().unwrap(),
        access_key: SecretString::from("AKIAURSULA"),
        secret_key: SecretString::from(SECRET),
        database: "shop".to_owned(),
        work_group: "of ursula".to_owned(),
        staging: "s3://ursulas-bucket/staging/".to_owned(),
        endpoint: Some(url),
    }
}

async fn said(
    headers: &HeaderMap,
    body: &Bytes,
    asked: &Asked,
    says: &(impl Fn(&str, usize) -> Says + Sync),
) -> Response {
    let all = format!("{headers:?} {body:?}");
    assert!(all.contains("Credential=AKIAURSULA/") && all.contains("/us-east-1/athena/aws4_request"), "{all}");
    assert!(!all.contains(SECRET), "the secret was sent");
    let operation = headers["x-amz-target"].to_str().unwrap().rsplit('.').next().unwrap().to_owned();
    let before = {
        let mut asked = asked.lock().unwrap();
        let before = asked.iter().filter(|(known, _)| *known == operation).count();
        asked.push((operation.clone(), serde_json::from_slice(body).unwrap()));
        before
    };
    let of = |status: u16| StatusCode::from_u16(status).unwrap();
    match says(&operation, before) {
        Says::Json(status, body) => {
            (of(status), [("content-type", "application/x-amz-json-1.1")], body.to_string()).into_response()
        }
        Says::Text(status, text) => (of(status), text).into_response(),
        Says::Nothing => std::future::pending().await,
    }
}

/// What an honest one says.
fn honest(operation: &str, before: usize) -> Says {
    let names = ["id", "tags", "api_token"];
    let data = |texts: &[Option<&str>]| {
        let datum = |text: Option<&str>| text.map_or_else(|| json!({}), |text| json!({ "VarCharValue": text }));
        json!({ "Data": texts.iter().copied().map(datum).collect::<Vec<_>>() })
    };
    let described = |name: &str, more: Value| {
        let mut table = json!({
            "Name": name, "TableType": "EXTERNAL_TABLE",
            "Columns": [{ "Name": "id", "Type": "bigint", "Comment": "Its number" }, { "Name": "tags", "Type": "array<string>" }],
            "PartitionKeys": [{ "Name": "api_token", "Type": "string" }],
        });
        table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        table
    };
    let body = match (operation, before) {
        ("GetWorkGroup", _) => json!({ "WorkGroup": { "Name": "of ursula", "State": "ENABLED" } }),
        ("ListTableMetadata", n) if n % 2 == 0 => {
            json!({ "TableMetadataList": [described("zebras", json!({}))], "NextToken": "more" })
        }
        ("ListTableMetadata", _) => {
            json!({ "TableMetadataList": [described("horses", json!({ "Parameters": { "comment": "No zebras" } }))] })
        }
        ("StartQueryExecution", _) => json!({ "QueryExecutionId": "q1" }),
        ("GetQueryExecution", 0) => json!({ "QueryExecution": { "Status": { "State": "QUEUED" } } }),
        ("GetQueryExecution", 1) => json!({ "QueryExecution": { "Status": { "State": "RUNNING" } } }),
        ("GetQueryExecution", _) => json!({ "QueryExecution": { "Status": { "State": "SUCCEEDED" } } }),
        ("GetQueryResults", 0) => {
            let rows = [data(&names.map(Some)), data(&[Some("1"), Some("[]"), None])];
            json!({ "ResultSet": { "Rows": rows }, "NextToken": "more" })
        }
        ("GetQueryResults", _) => json!({ "ResultSet": { "Rows": [data(&[Some("2"), None, None])] } }),
        _ => json!({}),
    };
    Says::Json(200, body)
}

#[tokio::test]
async fn a_database_of_athena_is_listed_described_and_sampled_with_all_pages_of_its_answers() {
    let (target, asked) = athena(honest).await;
    let mut session = open(&target, &Reach::Direct, &dialer(), within(30)).await.unwrap();
    assert_eq!(session.schemas().await.unwrap(), ["shop"]);
    let names = ["horses", "zebras"].map(|name| table("shop", name));
    assert_eq!(session.tables(&[]).await.unwrap(), names);
    let described = session.describe(&[names[0].clone(), table("shop", "gone")]).await.unwrap();
    let columns = vec![
        Column { comment: Some("Its number".to_owned()), ..column("id", "bigint") },
        column("tags", "array<string>"),
        column("api_token", "string"),
    ];
    assert_eq!(described, [Table { name: names[0].clone(), comment: Some("No zebras".to_owned()), columns }]);
    let rows = session.sample(&names[1], 5).await.unwrap();
    assert_eq!(rows, [row(&[Some("1"), Some("[]"), None]), row(&[Some("2"), None, None])]);
    assert_eq!(session.sample(&table("shop", "gone"), 5).await, Err(Refusal::NoSuchTable));
    session.close().await;

    let asked = asked.lock().unwrap();
    let body = |operation: &str| &asked.iter().find(|(known, _)| known == operation).unwrap().1;
    assert_eq!(body("GetWorkGroup"), &json!({ "WorkGroup": "of ursula" }));
    let second = asked.iter().filter(|(known, _)| known == "ListTableMetadata").nth(1).unwrap();
    assert_eq!((&second.1["NextToken"], &second.1["DatabaseName"]), (&json!("more"), &json!("shop")));
    let statement = body("StartQueryExecution");
    assert_eq!(statement["ResultConfiguration"]["OutputLocation"], "s3://ursulas-bucket/staging/");
    assert_eq!(
        (&statement["WorkGroup"], &statement["QueryExecutionContext"]["Database"]),
        (&json!("of ursula"), &json!("shop"))
    );
    let sql = statement["QueryString"].as_str().unwrap();
    assert!(sql.contains("CAST(NULL AS varchar)") && sql.ends_with("FROM \"zebras\" LIMIT 5"), "{sql}");
}

fn error(status: u16, code: &str) -> Says {
    Says::Json(status, json!({ "__type": code, "message": "of 10.11.12.13", "Message": "of 10.11.12.13" }))
}

#[tokio::test]
async fn an_athena_that_does_not_behave_is_refused_with_a_reason() {
    type Wrong = fn() -> Says;
    let at_door: [(&str, Wrong, Refusal); 12] = [
        ("silence", || Says::Nothing, Refusal::Timeout),
        ("no JSON", || Says::Text(200, "<html>10.11.12.13"), Refusal::Protocol),
        ("nothing", || Says::Json(200, json!({})), Refusal::Protocol),
        ("another thing", || Says::Json(200, json!({ "WorkGroup": [] })), Refusal::Protocol),
        ("a failure", || Says::Text(500, "<html>"), Refusal::Busy),
        ("a redirect", || Says::Text(301, ""), Refusal::Protocol),
        ("an unknown key", || error(400, "UnrecognizedClientException"), Refusal::Auth),
        ("another secret", || error(403, "InvalidSignatureException"), Refusal::Auth),
        ("a denial", || error(400, "AccessDeniedException"), Refusal::Permission),
        ("throttling", || error(400, "ThrottlingException"), Refusal::Busy),
        ("no such work group", || error(400, "InvalidRequestException"), Refusal::NoSuchWorkGroup),
        (
            "a work group that is off",
            || Says::Json(200, json!({ "WorkGroup": { "Name": "of ursula", "State": "DISABLED" } })),
            Refusal::NoSuchWorkGroup,
        ),
    ];
    for (name, wrong, expected) in at_door {
        let (target, _) = athena(move |_, _| wrong()).await;
        let refusal = open(&target, &Reach::Direct, &dialer(), within(3)).await.err().unwrap();
        assert_eq!(refusal, expected, "{name}");
        assert!(!refusal.to_string().contains("10.11.12.13"), "{name}");
    }
    let closed = Target::Athena(place("http://127.0.0.1:1".to_owned()));
    assert_eq!(open(&closed, &Reach::Direct, &dialer(), within(5)).await.err(), Some(Refusal::Refused));
}

#[tokio::test]
async fn a_catalogue_of_athena_that_does_not_behave_is_refused_with_a_reason() {
    type Wrong = fn() -> Says;
    let denied = || Says::Json(400, json!({ "__type": "MetadataException", "Message": "AccessDeniedException: no" }));
    let catalogue: [(&str, Wrong, Refusal); 6] = [
        ("silence", || Says::Nothing, Refusal::Timeout),
        ("no JSON", || Says::Text(200, "[[["), Refusal::Protocol),
        ("no such database", || error(400, "MetadataException"), Refusal::NoSuchDatabase),
        ("a denial of Glue's", denied, Refusal::Permission),
        ("a denial", || error(400, "AccessDeniedException"), Refusal::Permission),
        ("pages without an end", || Says::Json(200, json!({ "NextToken": "more" })), Refusal::Timeout),
    ];
    for (name, wrong, expected) in catalogue {
        let says =
            move |operation: &str, n| if operation == "ListTableMetadata" { wrong() } else { honest(operation, n) };
        let (target, _) = athena(says).await;
        let mut session = open(&target, &Reach::Direct, &dialer(), within(3)).await.unwrap();
        assert_eq!(session.tables(&[]).await, Err(expected), "{name}");
    }
}

#[tokio::test]
async fn no_more_is_taken_of_an_endless_athena_than_fits() {
    let (target, asked) = athena(|operation, n| match operation {
        "ListTableMetadata" => {
            let tables: Vec<Value> =
                (0..50).map(|i| json!({ "Name": format!("t{n}_{i}"), "Columns": [{ "Name": "a" }] })).collect();
            Says::Json(200, json!({ "TableMetadataList": tables, "NextToken": "more" }))
        }
        "GetQueryExecution" => honest(operation, 2),
        "GetQueryResults" => {
            let data = json!({ "Data": vec![json!({ "VarCharValue": "ä".repeat(5_000) }); 3] });
            Says::Json(200, json!({ "ResultSet": { "Rows": vec![data; 3] }, "NextToken": "more" }))
        }
        _ => honest(operation, n),
    })
    .await;
    let mut session = open(&target, &Reach::Direct, &dialer(), within(60)).await.unwrap();
    let tables = session.tables(&[]).await.unwrap();
    assert_eq!((tables.len(), asked.lock().unwrap().len()), (5_000, 101));
    asked.lock().unwrap().clear();
    let rows = session.sample(&tables[0], 4).await.unwrap();
    let long = "ä".repeat(4_000);
    assert_eq!(rows, vec![vec![Some(long)]; 4], "as many columns as the table has, and as many characters as we take");
    let pages = asked.lock().unwrap().iter().filter(|(operation, _)| operation == "GetQueryResults").count();
    assert_eq!(pages, 2);
}

#[tokio::test]
async fn a_statement_of_athena_that_takes_too_long_is_stopped_and_one_that_fails_says_why() {
    for (state, why, expected) in [
        ("RUNNING", "", Refusal::Timeout),
        ("CANCELLED", "", Refusal::Unreadable),
        ("FAILED", "HIVE_BAD_DATA: 10.11.12.13", Refusal::Unreadable),
        ("FAILED", "TABLE_NOT_FOUND: line 1:15", Refusal::NoSuchTable),
        ("FAILED", "Access denied? PERMISSION_DENIED: no", Refusal::Permission),
        ("A NEW STATE", "", Refusal::Unreadable),
    ] {
        let (target, asked) = athena(move |operation, n| match operation {
            "GetQueryExecution" => {
                let status = json!({ "State": state, "StateChangeReason": why });
                Says::Json(200, json!({ "QueryExecution": { "Status": status } }))
            }
            _ => honest(operation, n),
        })
        .await;
        let mut session = open(&target, &Reach::Direct, &dialer(), within(4)).await.unwrap();
        assert_eq!(session.sample(&table("shop", "horses"), 5).await, Err(expected), "{state} {why}");
        let is_stopped = asked.lock().unwrap().iter().any(|(operation, _)| operation == "StopQueryExecution");
        assert_eq!(is_stopped, state == "RUNNING", "{state}");
    }
}

#[tokio::test]
async fn a_statement_that_athena_does_not_take_is_a_table_that_can_not_be_read() {
    type Wrong = fn() -> Says;
    let wrong: [(&str, Wrong, Refusal); 4] = [
        ("no place for the result", || error(400, "InvalidRequestException"), Refusal::Unreadable),
        ("a denial", || error(400, "AccessDeniedException"), Refusal::Permission),
        ("nothing", || Says::Json(200, json!({})), Refusal::Protocol),
        ("a failure", || Says::Text(503, ""), Refusal::Busy),
    ];
    for (name, wrong, expected) in wrong {
        let says =
            move |operation: &str, n| if operation == "StartQueryExecution" { wrong() } else { honest(operation, n) };
        let (target, _) = athena(says).await;
        let mut session = open(&target, &Reach::Direct, &dialer(), within(10)).await.unwrap();
        assert_eq!(session.sample(&table("shop", "horses"), 5).await, Err(expected), "{name}");
    }
}

#[tokio::test]
async fn a_session_of_athena_is_over_at_its_deadline() {
    let (target, _) =
        athena(|operation, n| if operation == "GetQueryResults" { Says::Nothing } else { honest(operation, n) }).await;
    let mut session = open(&target, &Reach::Direct, &dialer(), within(3)).await.unwrap();
    let sampled = tokio::time::timeout(Duration::from_secs(10), session.sample(&table("shop", "horses"), 5)).await;
    assert_eq!(sampled, Ok(Err(Refusal::Timeout)));
}
