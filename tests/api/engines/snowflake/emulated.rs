//! Snowflake against fakesnow, behind `tests/emulators/fakesnow_json.py`, which has it answer in JSON and know one password. It knows
//! nothing of comments.

use secrecy::SecretString;
use serde_json::{Value, json};
use shared::id::RequestId;
use tests::emulated;
use warehouses::engine::{Account, Cloud, Place, Reach, Target};

use crate::engines::{address_of, column, enter, key, refusal, row, table};

/// Somebody who makes things, which no engine does.
async fn run(url: &str, database: &str, statements: &[String]) {
    let http = reqwest::Client::new();
    let data = json!({ "LOGIN_NAME": "jon", "PASSWORD": "123456", "SESSION_PARAMETERS": {} });
    let login = http.post(format!("{url}/session/v1/login-request?databaseName={database}&schemaName=public"));
    let welcome: Value = login.json(&json!({ "data": data })).send().await.unwrap().json().await.unwrap();
    let token = format!("Snowflake Token=\"{}\"", welcome["data"]["token"].as_str().unwrap());
    for sql in statements {
        let query = http.post(format!("{url}/queries/v1/query-request")).header("authorization", &token);
        let answer: Value = query.json(&json!({ "sqlText": sql })).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["success"], true, "{sql}: {answer:#}");
    }
}

#[tokio::test]
async fn an_emulated_schema_is_listed_described_and_sampled() {
    let Some(url) = emulated("ALTUS4_TEST_SNOWFLAKE") else { return };
    let name = format!("d{}", RequestId::fresh()).replace('-', "_");
    let statements = [
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, note VARCHAR(20), api_token VARCHAR, \
         price NUMBER(10,2), lines VARIANT)",
        "INSERT INTO orders SELECT 1, 'first', 's3cret', 9.99, PARSE_JSON('[1, 2]')",
        "CREATE VIEW recent AS SELECT id FROM orders",
    ];
    run(&url, &name, &statements.map(str::to_owned)).await;
    let account = |password: &str| {
        Target::Snowflake(Account {
            place: Place::of_emulator(address_of(&url)).unwrap(),
            name: "foo-bar".to_owned(),
            user: "jon".to_owned(),
            password: SecretString::from(password),
            database: name.clone(),
            schemas: vec!["public".to_owned()],
            warehouse: None,
            role: None,
        })
    };
    let mut session = enter(account("123456")).await;
    let names = ["ORDERS", "RECENT"].map(|name| table("PUBLIC", name));
    assert_eq!(session.tables(&[]).await.unwrap(), names);
    assert!(session.schemas().await.unwrap().contains(&"PUBLIC".to_owned()));
    let described = session.describe(&[names[0].clone(), table("PUBLIC", "ABSENT")]).await.unwrap();
    let expected = [
        key("ID", "NUMBER(38,0)"),
        column("NOTE", "VARCHAR(20)"),
        column("API_TOKEN", "VARCHAR(16777216)"),
        column("PRICE", "NUMBER(10,2)"),
        column("LINES", "VARIANT"),
    ];
    assert_eq!((described.len(), &described[0].columns[..]), (1, &expected[..]));
    let sample = session.sample(&names[0], 3).await.unwrap();
    assert_eq!(sample, [row(&[Some("1"), Some("first"), None, Some("9.99"), Some("[1,2]")])]);
    assert_eq!(session.sample(&names[1], 3).await.unwrap(), [row(&[Some("1")])]);
    session.close().await;
    assert_eq!(refusal(account("wrong"), Reach::Direct).await, Cloud::SnowflakeAuth.into());
}
