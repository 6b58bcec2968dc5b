//! PostgreSQL.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use local::ports::free_port;
use secrecy::SecretString;
use shared::databases::{Dialer, Host, Network, Policy, Port, Ssh, SshCredentials};
use warehouses::engine::{Column, Reach, Refusal, Server, Table, Target, open};

use super::{column, dialer, key, postgres_session, reference, refusal, row, table, within};
use crate::{books, postgres};

/// Every kind of table, two schemas, odd names, and every kind of key.
const ALL_KINDS: &str = r#"
    CREATE SCHEMA "Sales Dept";
    CREATE DOMAIN sure AS text NOT NULL;
    CREATE TABLE "Sales Dept"."Or""der; x" (
        "Nr" bigint, part smallint, "select" varchar(20) NOT NULL, state sure, notes text[],
        PRIMARY KEY ("Nr", part));
    COMMENT ON TABLE "Sales Dept"."Or""der; x" IS 'What was ordered';
    COMMENT ON COLUMN "Sales Dept"."Or""der; x"."select" IS 'It''s chosen';
    CREATE TABLE lines (
        id int PRIMARY KEY, of_part smallint, of_nr bigint, before int REFERENCES lines,
        price numeric(10,2) DEFAULT 1, gone int,
        FOREIGN KEY (of_nr, of_part) REFERENCES "Sales Dept"."Or""der; x" ("Nr", part));
    ALTER TABLE lines DROP COLUMN gone;
    CREATE VIEW "V" AS SELECT id, price FROM lines;
    CREATE MATERIALIZED VIEW mv AS SELECT id FROM lines;
    CREATE TABLE parts (at date NOT NULL, n int) PARTITION BY RANGE (at);
    CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE TABLE nothing ();
    CREATE SCHEMA hidden;
    CREATE TABLE hidden.secret (id int);
"#;

#[tokio::test]
async fn every_kind_of_table_of_postgres_is_listed_in_its_own_spelling() {
    let database = postgres().database(&[ALL_KINDS]).await;
    database.run(&format!("REVOKE ALL ON SCHEMA hidden FROM {}", database.name)).await;
    let mut session = postgres_session(database.server()).await;

    assert_eq!(session.schemas().await.unwrap(), ["Sales Dept", "public"]);
    let public = ["V", "lines", "mv", "nothing", "parts"].map(|name| table("public", name));
    assert_eq!(session.tables(&[]).await.unwrap(), public);
    let both = ["public", "Sales Dept", "absent", "hidden"].map(str::to_owned);
    let all = [&[table("Sales Dept", "Or\"der; x")][..], &public].concat();
    assert_eq!(session.tables(&both).await.unwrap(), all);
    session.close().await;

    let named = Server { schemas: vec!["Sales Dept".to_owned()], ..database.server() };
    assert_eq!(postgres_session(named).await.tables(&[]).await.unwrap(), all[..1]);
}

#[tokio::test]
async fn columns_of_postgres_have_their_types_keys_and_comments() {
    let database = postgres().database(&[ALL_KINDS]).await;
    let mut session = postgres_session(database.server()).await;
    let (order, lines) = (table("Sales Dept", "Or\"der; x"), table("public", "lines"));
    let asked = [lines.clone(), table("public", "absent"), order.clone(), table("Sales Dept", "lines")];
    let found = session.describe(&asked).await.unwrap();
    let far = |field| reference("Sales Dept.Or\"der; x", field);
    let expected = [
        Table {
            name: order,
            comment: Some("What was ordered".to_owned()),
            columns: vec![
                key("Nr", "bigint"),
                key("part", "smallint"),
                Column {
                    nullable: false,
                    comment: Some("It's chosen".to_owned()),
                    ..column("select", "character varying(20)")
                },
                Column { nullable: false, ..column("state", "sure") },
                column("notes", "text[]"),
            ],
        },
        Table {
            name: lines,
            comment: None,
            columns: vec![
                key("id", "integer"),
                Column { foreign_key: far("part"), ..column("of_part", "smallint") },
                Column { foreign_key: far("Nr"), ..column("of_nr", "bigint") },
                Column { foreign_key: reference("lines", "id"), ..column("before", "integer") },
                column("price", "numeric(10,2)"),
            ],
        },
    ];
    assert_eq!(found, expected);
    let rest = ["V", "mv", "nothing", "parts"].map(|name| table("public", name));
    let columns: Vec<usize> = session.describe(&rest).await.unwrap().iter().map(|table| table.columns.len()).collect();
    assert_eq!(columns, [2, 1, 0, 2]);
    assert_eq!(session.describe(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn five_hundred_tables_of_postgres_cost_as_many_statements_as_five() {
    let mut counted = Vec::new();
    for count in [5, 500] {
        let tables = (0..count).map(|n| format!("CREATE TABLE t{n} (id int PRIMARY KEY, o int REFERENCES t{n});"));
        let database = postgres().database(&[&tables.collect::<String>()]).await;
        let mut session = postgres_session(database.server()).await;
        let tables = session.tables(&[]).await.unwrap();
        assert_eq!(session.describe(&tables).await.unwrap().len(), count);
        session.close().await;
        counted.push(database.statements());
    }
    assert_eq!(counted[0], counted[1]);
    assert!((4..=16).contains(&counted[0]), "{counted:?}");
}

#[tokio::test]
async fn a_sample_of_postgres_is_text_of_a_bounded_length_without_what_looks_like_a_secret() {
    let database = postgres()
        .database(&[
            "CREATE TABLE odd (n int, f float8, b bytea, j jsonb, t timestamptz, a int[], \"Api Token\" text, long text, no text)",
            "INSERT INTO odd VALUES (1, 0.5, '\\x00ff', '{\"a\": 1}', '2026-01-02 03:04:05+00', '{1,2}', 's3cr3t', \
             repeat('ä', 9000), NULL)",
            "INSERT INTO odd SELECT n FROM generate_series(2, 2000) n",
        ])
        .await;
    let mut session = postgres_session(database.server()).await;
    let odd = table("public", "odd");
    let long = "ä".repeat(4_000);
    let first = session.sample(&odd, 1).await.unwrap();
    let expected = [
        Some("1"),
        Some("0.5"),
        Some("00ff"),
        Some("{\"a\": 1}"),
        Some("2026-01-02 03:04:05+00"),
        Some("{1,2}"),
        None,
        Some(long.as_str()),
        None,
    ];
    assert_eq!(first, [row(&expected)]);
    assert_eq!(session.sample(&odd, usize::MAX).await.unwrap().len(), 1_000);
    assert_eq!(session.sample(&odd, 0).await.unwrap().len(), 0);
    assert_eq!(session.sample(&table("public", "none"), 1).await, Err(Refusal::NoSuchTable));
}

#[tokio::test]
async fn a_session_of_postgres_writes_nothing_whatever_a_view_calls() {
    let database = postgres()
        .database(&[
            "CREATE TABLE seen (id int)",
            "CREATE FUNCTION see() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO seen VALUES (1) RETURNING id'",
            "CREATE VIEW trap AS SELECT see()",
            "CREATE VIEW open_again AS SELECT set_config('transaction_read_only', 'off', true), see()",
        ])
        .await;
    let mut session = postgres_session(database.server()).await;
    for view in ["trap", "open_again"] {
        assert!(session.sample(&table("public", view), 1).await.is_err(), "{view}");
    }
    // A refusal is not the end of a session.
    assert_eq!(session.sample(&table("public", "seen"), 1).await.unwrap().len(), 0);
    assert_eq!(database.number("SELECT COUNT(*) FROM seen").await, 0);
}

#[tokio::test]
async fn a_table_that_may_not_be_read_is_a_refusal_of_its_own_and_the_session_goes_on() {
    let database = books().await;
    database.run(&format!("CREATE TABLE closed (id int); REVOKE ALL ON closed FROM {}", database.name)).await;
    let mut session = postgres_session(database.server()).await;
    assert_eq!(session.sample(&table("public", "closed"), 1).await, Err(Refusal::Permission));
    assert_eq!(session.sample(&table("public", "books"), 5).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_view_that_takes_too_long_is_ended_at_the_server() {
    let database = books().await;
    database.run("CREATE VIEW slow AS SELECT pg_sleep(3600)::text AS s").await;
    let target = Target::Postgres(database.server());
    let mut session = open(&target, &Reach::Direct, &dialer(), within(3)).await.unwrap();
    assert_eq!(session.sample(&table("public", "slow"), 1).await, Err(Refusal::Timeout));
    // The connection is open still, and nothing runs in it.
    let running =
        format!("SELECT COUNT(*) FROM pg_stat_activity WHERE usename = '{}' AND state = 'active'", database.name);
    assert_eq!((database.number(&running).await, database.connections().await), (0, 1));
    session.close().await;
}

#[tokio::test]
async fn a_table_that_is_locked_is_not_waited_for() {
    let database = books().await;
    database.run("BEGIN; LOCK TABLE books").await;
    let mut session = postgres_session(database.server()).await;
    assert_eq!(session.sample(&table("public", "books"), 1).await, Err(Refusal::Timeout));
    database.run("ROLLBACK").await;
    assert_eq!(session.sample(&table("public", "books"), 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn each_way_not_to_get_into_postgres_has_its_own_reason() {
    let database = books().await;
    let free = free_port().unwrap();
    let good = || database.server();
    for (server, expected, code) in [
        (Server { password: SecretString::from("wrong"), ..good() }, Refusal::Auth, "auth"),
        (Server { password: SecretString::from(""), ..good() }, Refusal::Auth, "auth"),
        (Server { database: Some("absent".to_owned()), ..good() }, Refusal::NoSuchDatabase, "no_such_database"),
        (Server { port: Port::try_from(u64::from(free)).unwrap(), ..good() }, Refusal::Refused, "refused"),
        (
            Server { port: Port::try_from(u64::from(crate::mysql().port())).unwrap(), ..good() },
            Refusal::Protocol,
            "refused",
        ),
    ] {
        let found = refusal(Target::Postgres(server), Reach::Direct).await;
        assert_eq!((found, found.code()), (expected, code));
        assert!(!found.to_string().contains("127.0.0.1"), "{found}");
    }
    database.run(&format!("REVOKE CONNECT ON DATABASE {0} FROM PUBLIC, {0}", database.name)).await;
    assert_eq!(refusal(Target::Postgres(good()), Reach::Direct).await, Refusal::Permission);
    database.rests().await;
}

#[tokio::test]
async fn no_address_is_dialled_for_postgres_that_may_not_be() {
    let database = books().await;
    let ssh = |host: &Host| Reach::Ssh {
        server: Ssh { host: host.clone(), port: Port::SSH, username: database.server().user, host_key: None },
        credentials: SshCredentials::Password(SecretString::from("x")),
    };
    for (answer, forbidden) in [
        (vec!["10.0.0.1"], true),
        (vec!["169.254.169.254"], true),
        (vec!["8.8.8.8", "127.0.0.1"], true),
        (vec![], false),
    ] {
        let answer: Vec<IpAddr> = answer.iter().map(|text| text.parse().unwrap()).collect();
        let dialled = Arc::new(Mutex::new(Vec::new()));
        let recorder = Arc::clone(&dialled);
        let network = Network::new(
            move |_| {
                let answer = answer.clone();
                Box::pin(async move { Ok(answer) })
            },
            move |addresses: &[SocketAddr]| {
                recorder.lock().unwrap().extend(addresses.iter().map(SocketAddr::ip));
                Err(std::io::ErrorKind::ConnectionRefused.into())
            },
        );
        let dialer = Dialer::new(Policy::default(), network);
        let host = Host::try_from("db.example.com".to_owned()).unwrap();
        let target = Target::Postgres(Server { host: host.clone(), ..database.server() });
        let straight = open(&target, &Reach::Direct, &dialer, within(5)).await.err().unwrap();
        let through = open(&target, &ssh(&host), &dialer, within(5)).await.err().unwrap();
        let expected = if forbidden {
            (Refusal::Forbidden, Refusal::SshForbidden)
        } else {
            (Refusal::Dns, Refusal::SshUnreachable)
        };
        assert_eq!((straight, through), expected);
        assert_eq!(*dialled.lock().unwrap(), Vec::<IpAddr>::new());
    }
}
