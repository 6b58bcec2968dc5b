//! MySQL and MariaDB, in the words of the other dialects.

use secrecy::SecretString;
use shared::databases::{Host, Port, Username};
use tests::Schema;
use warehouses::engine::{Column, Reach, Refusal, Server, Table, Target, TlsWish, open};

use super::{column, dialer, enter, key, reference, refusal, row, table, within};
use crate::{articles, mysql};

/// Where a schema is, with what opens it.
pub fn server_of(schema: &Schema) -> Server {
    let connection = schema.connection();
    let text = |name: &str| connection[name].as_str().unwrap().to_owned();
    Server {
        host: Host::try_from(text("host")).unwrap(),
        port: Port::try_from(connection["port"].as_u64().unwrap()).unwrap(),
        user: Username::try_from(text("username")).unwrap(),
        password: SecretString::from(text("password")),
        database: Some(text("database")),
        schemas: Vec::new(),
        tls: TlsWish::default(),
    }
}

#[tokio::test]
async fn a_schema_of_mysql_is_told_in_the_words_of_the_other_dialects() {
    let schema = mysql()
        .schema(&[
            "CREATE TABLE `Or``der` (a INT, b SMALLINT, PRIMARY KEY (a, b)) COMMENT 'What was ordered'",
            "CREATE TABLE parts (id INT PRIMARY KEY, y SMALLINT, x INT, name VARCHAR(20) NOT NULL COMMENT 'It''s named', \
             FOREIGN KEY (x, y) REFERENCES `Or``der` (a, b))",
            "CREATE VIEW v AS SELECT id FROM parts",
        ])
        .await;
    let mut session = enter(Target::MySql(server_of(&schema))).await;
    assert_eq!(session.schemas().await.unwrap(), [schema.name.as_str()]);
    let names = ["Or`der", "parts", "v"].map(|name| table(&schema.name, name));
    assert_eq!(session.tables(&[]).await.unwrap(), names);
    assert_eq!(session.tables(&["elsewhere".to_owned()]).await.unwrap(), []);

    let found = session.describe(&names[..2]).await.unwrap();
    let types: Vec<String> = found.iter().flat_map(|table| &table.columns).map(|c| c.data_type.clone()).collect();
    assert!(types[0].starts_with("int") && types[1].starts_with("smallint"), "{types:?}");
    let expected = [
        Table {
            name: names[0].clone(),
            comment: Some("What was ordered".to_owned()),
            columns: vec![key("a", &types[0]), key("b", &types[1])],
        },
        Table {
            name: names[1].clone(),
            comment: None,
            columns: vec![
                key("id", &types[2]),
                Column { foreign_key: reference("Or`der", "b"), ..column("y", &types[3]) },
                Column { foreign_key: reference("Or`der", "a"), ..column("x", &types[4]) },
                Column { nullable: false, comment: Some("It's named".to_owned()), ..column("name", "varchar(20)") },
            ],
        },
    ];
    assert_eq!(found, expected);
    session.close().await;
}

#[tokio::test]
async fn a_sample_of_mysql_is_text_of_a_bounded_length_without_what_looks_like_a_secret() {
    let schema = mysql()
        .schema(&[
            "CREATE TABLE odd (n INT, f DOUBLE, b VARBINARY(9000), bits BIT(8), p POINT, d DATETIME, j JSON, api_token TEXT, \
             `long` TEXT, `no` TEXT)",
            "INSERT INTO odd VALUES (1, 0.5, X'00ff', b'101', ST_GeomFromText('POINT(1 2)'), '2026-01-02 03:04:05', '[1]', \
             's3cr3t', REPEAT('ä', 9000), NULL)",
        ])
        .await;
    let mut session = enter(Target::MySql(server_of(&schema))).await;
    let long = "ä".repeat(4_000);
    let expected = [
        Some("1"),
        Some("0.5"),
        Some("00FF"),
        Some("5"),
        Some("POINT(1 2)"),
        Some("2026-01-02 03:04:05"),
        Some("[1]"),
        None,
        Some(long.as_str()),
        None,
    ];
    assert_eq!(session.sample(&table(&schema.name, "odd"), 3).await.unwrap(), [row(&expected)]);
    assert_eq!(session.sample(&table(&schema.name, "none"), 1).await, Err(Refusal::NoSuchTable));
    session.close().await;
}

#[tokio::test]
async fn each_way_not_to_get_into_mysql_has_its_own_reason() {
    let mut schema = articles().await;
    let good = || server_of(&schema);
    for (server, expected) in [
        (Server { password: SecretString::from("wrong"), ..good() }, Refusal::Auth),
        (Server { database: None, ..good() }, Refusal::NoSuchDatabase),
        (Server { tls: TlsWish::Verified { ca: None }, ..good() }, Refusal::Tls),
        (Server { port: Port::try_from(u64::from(crate::postgres().port())).unwrap(), ..good() }, Refusal::Timeout),
    ] {
        let found = open(&Target::MySql(server), &Reach::Direct, &dialer(), within(5)).await.err().unwrap();
        assert_eq!(found, expected);
    }
    let absent = Server { database: Some("absent".to_owned()), ..good() };
    let found = refusal(Target::MySql(absent), Reach::Direct).await;
    assert!([Refusal::Permission, Refusal::NoSuchDatabase].contains(&found), "{found:?}");
    schema.rests().await;
}
