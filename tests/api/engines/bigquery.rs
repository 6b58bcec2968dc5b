//! BigQuery: what its REST API answers, as Google documents it, by a server that stands in for it.

mod emulated;
pub mod google;

use secrecy::SecretString;
use serde_json::{Value, json};
use shared::clock::{Clock, Timestamp};
use tests::{Asked, Reply, Vendor};
use warehouses::engine::{Cloud, Column, Place, Project, Reach, Refusal, Table, Target};

use super::{column, enter, key, misbehaves, reference, refusal, row, table};
use google::{EMAIL, claims_of, dataset, error, key_file, token};

/// A project whose services are this one.
fn project(vendor: &Vendor, datasets: &[&str]) -> Project {
    let place = || Place::of_emulator(vendor.address()).unwrap();
    Project {
        name: "v2-real-estate".to_owned(),
        datasets: datasets.iter().map(|name| (*name).to_owned()).collect(),
        key: key_file(&json!({})),
        tokens: place(),
        api: place(),
        now: Clock::system().now(),
    }
}

fn target(vendor: &Vendor) -> Target {
    Target::BigQuery(project(vendor, &["K2"]))
}

/// The end of a path, behind what all have in common.
fn end(asked: &Asked) -> &str {
    asked.path.strip_prefix("/bigquery/v2/projects/v2-real-estate/").unwrap_or_default()
}

/// A table with one column of each sort.
fn orders() -> Value {
    let field = |name: &str, kind: &str, mode: &str| json!({ "name": name, "type": kind, "mode": mode });
    let lines = json!({ "name": "lines", "type": "RECORD", "mode": "REPEATED", "fields": [
        field("part", "STRING", "NULLABLE"), field("password", "STRING", "NULLABLE"), field("count", "INTEGER", "REQUIRED"),
    ]});
    let noted = json!({ "name": "note", "type": "STRING", "maxLength": "20", "description": "As on the invoice" });
    let price = json!({ "name": "price", "type": "NUMERIC", "precision": "10", "scale": "2", "mode": "NULLABLE" });
    let fields = [
        field("id", "INTEGER", "REQUIRED"),
        noted,
        field("api_token", "STRING", "NULLABLE"),
        price,
        field("tags", "STRING", "REPEATED"),
        lines,
        field("customer", "FLOAT", "NULLABLE"),
    ];
    json!({
        "kind": "bigquery#table", "type": "TABLE", "description": "What was ordered", "schema": { "fields": fields },
        "tableConstraints": {
            "primaryKey": { "columns": ["id"] },
            "foreignKeys": [{
                "name": "fk", "referencedTable": { "projectId": "v2-real-estate", "datasetId": "people", "tableId": "all" },
                "columnReferences": [{ "referencingColumn": "customer", "referencedColumn": "number" }],
            }],
        },
    })
}

#[tokio::test]
async fn a_dataset_is_listed_page_by_page() {
    let page = |tables: &[&str], next: Option<&str>| {
        let listing =
            |name: &&str| json!({ "tableReference": { "projectId": "p", "datasetId": "K2", "tableId": name } });
        let tables: Vec<Value> = tables.iter().map(listing).collect();
        Reply::Json(
            200,
            json!({ "kind": "bigquery#tableList", "tables": tables, "nextPageToken": next, "totalItems": 3 }),
        )
    };
    let vendor = Vendor::start(move |asked| match (end(asked), &*asked.query) {
        ("datasets/K2", _) => dataset(),
        ("datasets/K2/tables", "maxResults=1000") => page(&["parts", "Orders"], Some("a/b+c=")),
        ("datasets/K2/tables", "maxResults=1000&pageToken=a%2Fb%2Bc%3D") => page(&["views"], None),
        ("datasets/more/tables", _) => Reply::Json(200, json!({ "kind": "bigquery#tableList", "totalItems": 0 })),
        ("datasets", _) => Reply::Json(200, json!({ "datasets": [{ "datasetReference": { "datasetId": "K2" } }] })),
        _ => token(asked),
    })
    .await;
    let mut session = enter(Target::BigQuery(project(&vendor, &["missing", "K2", "more"]))).await;
    assert_eq!(session.tables(&[]).await.unwrap(), ["Orders", "parts", "views"].map(|name| table("K2", name)));
    assert_eq!(session.tables(&["missing".to_owned()]).await.unwrap(), []);
    assert_eq!(session.schemas().await.unwrap(), ["K2"]);
}

#[tokio::test]
async fn a_list_that_goes_round_in_circles_is_left() {
    let vendor = Vendor::start(|asked| match end(asked) {
        "datasets/K2" => dataset(),
        "datasets/K2/tables" => Reply::Json(200, json!({ "nextPageToken": "again" })),
        _ => token(asked),
    })
    .await;
    let mut session = enter(target(&vendor)).await;
    assert_eq!(session.tables(&[]).await, Err(Refusal::Protocol));
}

#[tokio::test]
async fn a_table_is_described_with_its_keys_and_sampled_without_a_query_or_a_secret() {
    let cells = json!([
        { "v": "1" }, { "v": "ä".repeat(5_000) }, { "v": "9.99" }, { "v": [{ "v": "a" }, { "v": "b" }] },
        { "v": [{ "v": { "f": [{ "v": "bolt" }, { "v": "s3cr3t" }, { "v": "7" }] } }] }, { "v": null },
    ]);
    let vendor = Vendor::start(move |asked| match end(asked) {
        "datasets/K2" => dataset(),
        "datasets/K2/tables/Orders" => Reply::Json(200, orders()),
        "datasets/K2/tables/Orders/data" => {
            Reply::Json(200, json!({ "kind": "bigquery#tableDataList", "rows": [{ "f": cells }], "totalRows": "1" }))
        }
        "datasets/K2/tables/v" => {
            Reply::Json(200, json!({ "type": "VIEW", "schema": { "fields": [{ "name": "a", "type": "DATE" }] } }))
        }
        _ => token(asked),
    })
    .await;
    let mut session = enter(target(&vendor)).await;
    let names = ["Orders", "gone", "v"].map(|name| table("K2", name));
    let found = session.describe(&names).await.unwrap();
    let expected = Table {
        name: names[0].clone(),
        comment: Some("What was ordered".to_owned()),
        columns: vec![
            key("id", "INT64"),
            Column { comment: Some("As on the invoice".to_owned()), ..column("note", "STRING(20)") },
            column("api_token", "STRING"),
            column("price", "NUMERIC(10, 2)"),
            column("tags", "ARRAY<STRING>"),
            column("lines", "ARRAY<STRUCT<part STRING, password STRING, count INT64>>"),
            Column { foreign_key: reference("people.all", "number"), ..column("customer", "FLOAT64") },
        ],
    };
    assert_eq!(found[0], expected);
    assert_eq!((found.len(), &found[1].name), (2, &names[2]));
    vendor.asked();

    let long = "ä".repeat(4_000);
    let lines = r#"[{"count":"7","part":"bolt","password":null}]"#;
    let expected = row(&[Some("1"), Some(&long), None, Some("9.99"), Some(r#"["a","b"]"#), Some(lines), None]);
    assert_eq!(session.sample(&names[0], 3).await.unwrap(), [expected]);
    assert_eq!(session.sample(&names[2], 3).await.unwrap(), Vec::<Vec<_>>::new());
    assert_eq!(session.sample(&names[1], 3).await, Err(Refusal::NoSuchTable));
    let asked = vendor.asked();
    let data: Vec<&Asked> = asked.iter().filter(|asked| asked.path.ends_with("/data")).collect();
    let fields = "selectedFields=id%2Cnote%2Cprice%2Ctags%2Clines%2Ccustomer";
    assert!(
        data.len() == 1 && data[0].query.starts_with("maxResults=3&") && data[0].query.contains(fields),
        "{data:?}"
    );
    assert!(asked.iter().all(|asked| asked.method == "GET"), "nothing is run: {asked:?}");
}

#[tokio::test]
async fn an_assertion_is_signed_with_the_key_and_goes_to_nobody_that_the_file_names() {
    let other = Vendor::start(token).await;
    let vendor = Vendor::start(|asked| if end(asked) == "datasets/K2" { dataset() } else { token(asked) }).await;
    let token_uri =
        json!({ "token_uri": format!("http://{}/token", other.address()), "auth_uri": "http://169.254.169.254/" });
    enter(Target::BigQuery(Project { key: key_file(&token_uri), ..project(&vendor, &["K2"]) })).await;
    assert!(other.asked().is_empty(), "whom the file names is not asked");
    let asked = vendor.asked();
    let (grant, got) = (&asked[0], &asked[1]);
    assert_eq!((&*grant.method, &*grant.path, grant.header("authorization")), ("POST", "/token", None));
    assert!(grant.body.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="));
    let (header, claims) = claims_of(grant).expect("it is signed with the key, and for Google");
    assert_eq!((header.typ.as_deref(), header.kid.as_deref()), (Some("JWT"), Some("a-key-id")));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(EMAIL), &json!("https://oauth2.googleapis.com/token")));
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/bigquery.readonly");
    let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert!((1..=3_600).contains(&life), "{claims}");
    assert_eq!(got.header("authorization"), Some("Bearer ya29.of-the-account"));
}

#[tokio::test]
async fn a_file_that_is_no_key_of_a_service_account_is_refused_before_anybody_is_asked() {
    let vendor = Vendor::start(token).await;
    let broken = ["", "s3cret", "{}", "[]", r#"{"type": "service_account"}"#].map(SecretString::from);
    let other = [
        key_file(&json!({ "type": "authorized_user" })),
        key_file(&json!({ "private_key": "s3cret" })),
        key_file(&json!({ "private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" })),
        key_file(&json!({ "client_email": null })),
    ];
    for key in broken.into_iter().chain(other) {
        let found = refusal(Target::BigQuery(Project { key, ..project(&vendor, &["K2"]) }), Reach::Direct).await;
        assert_eq!((found, found.code()), (Cloud::GoogleKey.into(), "bad_credentials_file"));
    }
    assert!(vendor.asked().is_empty());
}

#[tokio::test]
async fn each_way_not_to_get_into_bigquery_has_its_own_reason() {
    let denied = |reason: &str| error(403, reason, "Access Denied: Dataset v2-real-estate:K2: s3cret");
    for (at_token, at_api, expected, code) in [
        (
            Some(Reply::Json(400, json!({ "error": "invalid_grant", "error_description": "Invalid JWT Signature." }))),
            None,
            Cloud::GoogleAuth,
            "auth",
        ),
        (Some(Reply::Json(401, json!({ "error": "invalid_client" }))), None, Cloud::GoogleAuth, "auth"),
        (Some(Reply::Json(503, json!({}))), None, Cloud::Unavailable, "refused"),
        (None, Some(error(401, "authError", "Invalid Credentials")), Cloud::GoogleAuth, "auth"),
        (None, Some(denied("accessDenied")), Cloud::GooglePermission, "permission"),
        (None, Some(denied("accessNotConfigured")), Cloud::GooglePermission, "permission"),
        (None, Some(denied("rateLimitExceeded")), Cloud::Unavailable, "refused"),
        (None, Some(denied("quotaExceeded")), Cloud::Unavailable, "refused"),
        (
            None,
            Some(error(404, "notFound", "Not found: Dataset v2-real-estate:K2")),
            Cloud::GoogleDataset,
            "no_such_database",
        ),
        (None, Some(error(500, "internalError", "s3cret")), Cloud::Unavailable, "refused"),
        (None, Some(Reply::Text(502, "<html>s3cret</html>".to_owned())), Cloud::Unavailable, "refused"),
    ] {
        let said = format!("{at_token:?} {at_api:?}");
        let vendor = Vendor::start(move |asked| match (&*asked.path, &at_token, &at_api) {
            ("/token", Some(reply), _) => reply.clone(),
            ("/token", None, _) => token(asked),
            (_, _, reply) => reply.clone().unwrap_or_else(dataset),
        })
        .await;
        let found = refusal(target(&vendor), Reach::Direct).await;
        assert_eq!((found, found.code()), (expected.into(), code), "{said}");
        assert!(!found.to_string().contains("s3cret"), "{found}");
    }
}

#[tokio::test]
async fn a_bigquery_that_does_not_behave_is_refused_with_a_reason() {
    for at in ["/token", "/bigquery"] {
        misbehaves(at, token, target).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_seen_by_who_takes_the_assertion() {
    let vendor = Vendor::start(token).await;
    let long_ago = Timestamp::from_epoch_ms(1_000_000_000_000);
    let found = refusal(Target::BigQuery(Project { now: long_ago, ..project(&vendor, &["K2"]) }), Reach::Direct).await;
    assert_eq!(found, Cloud::GoogleAuth.into());
}
