//! Answers of the right shape with the wrong things in them.

use tests::TestApi;
use tests::rogue::{Asked, Manners, Rogue, Say, honest, rows, wire};

use super::meet;

/// Answers the first question, of the server's version and settings, with these names and values.
fn settings(values: &'static [[Option<&'static [u8]>; 2]]) -> Manners {
    Manners::honest().decides(move |asked| match asked {
        Asked::Run(sql) if sql.starts_with("SHOW VARIABLES") => {
            rows(2, &values.iter().map(<[_; 2]>::as_slice).collect::<Vec<_>>(), 0)
        }
        _ => honest(asked),
    })
}

/// Answers questions about this table of the information schema with one row of these values, and others honestly.
fn schema(table: &'static str, values: Vec<Option<Vec<u8>>>) -> Manners {
    Manners::honest().decides(move |asked| match asked {
        Asked::Run(sql) if sql.contains(table) => {
            let values: Vec<Option<&[u8]>> = values.iter().map(|value| value.as_deref()).collect();
            rows(values.len(), &[&values], 0)
        }
        _ => honest(asked),
    })
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// A row about a table of this name with so many rows.
fn table(name: Option<Vec<u8>>, rows: &str) -> Vec<Option<Vec<u8>>> {
    let others = ["BASE TABLE", "InnoDB", "utf8mb4_bin", "", rows].map(|text| Some(bytes(text)));
    std::iter::once(name).chain(others).collect()
}

fn fails(errno: u16, text: &'static str) -> Manners {
    Manners::honest().answers(vec![Say::Packet(wire::error(errno, "HY000", text))])
}

#[tokio::test]
async fn values_that_no_server_has_are_refused() {
    let of_three = [Some(&b"version"[..]), Some(&b"8.0.36"[..]), None];
    meet(vec![
        ("no version", settings(&[[Some(b"ngram_token_size"), Some(b"2")]]), &["protocol"]),
        ("an empty version", settings(&[[Some(b"version"), Some(b"")]]), &["protocol"]),
        ("a version that is not UTF-8", settings(&[[Some(b"version"), Some(b"\xff\xfe")]]), &["protocol"]),
        ("a value that is none", settings(&[[Some(b"version"), None]]), &["protocol"]),
        ("a name that is none", settings(&[[None, Some(b"8.0.36")]]), &["protocol"]),
        ("more columns", Manners::honest().answers(rows(3, &[&of_three], 0)), &["protocol"]),
        ("no row", Manners::honest().answers(rows(2, &[], 0)), &["protocol"]),
    ])
    .await;
}

#[tokio::test]
async fn types_that_no_column_has_are_refused() {
    let row = Say::Packet(wire::row(&[Some(b"8.0.36")]));
    let mut cases = Vec::new();
    // The numbers between are those of no type; the last of them stand for all.
    for kind in (0..=32).chain(238..=255) {
        let column = wire::column(b"c", kind);
        let mut script: Vec<Say> = [wire::column_count(1), column, wire::eof(0)].into_iter().map(Say::Packet).collect();
        script.extend([row.clone(), Say::Packet(wire::eof(0))]);
        cases.push(("a column of a strange type", Manners::honest().answers(script), &["protocol"][..]));
    }
    meet(cases).await;
}

#[tokio::test]
async fn names_and_numbers_of_a_schema_that_no_server_has_are_refused() {
    meet(vec![
        ("no name", schema("information_schema.TABLES", table(None, "1")), &["protocol"]),
        ("fewer than no rows", schema("information_schema.TABLES", table(Some(bytes("t")), "-1")), &["protocol"]),
        ("a name of bytes", schema("information_schema.TABLES", table(Some(vec![0xff]), "1")), &["protocol"]),
    ])
    .await;
}

#[tokio::test]
async fn names_that_mysql_does_not_allow_are_refused() {
    let long = Some(vec![b'x'; 1_000_000]);
    meet(vec![
        ("a name with NUL", schema("information_schema.TABLES", table(Some(bytes("a\0b")), "1")), &["protocol"]),
        ("a name of a megabyte", schema("information_schema.TABLES", table(long, "1")), &["protocol"]),
        ("an empty name", schema("information_schema.TABLES", table(Some(bytes("")), "1")), &["protocol"]),
    ])
    .await;
}

#[tokio::test]
async fn the_text_of_an_error_stays_with_us() {
    meet(vec![
        ("denied", fails(1142, "SELECT denied to 'root'@'10.11.12.13' s3cr3t"), &["permission"]),
        ("gone", fails(1146, "Table s3cr3t does not exist"), &["schema_changed"]),
        ("interrupted", fails(3024, "s3cr3t"), &["timeout"]),
        ("something else", fails(1105, "s3cr3t at 10.11.12.13"), &["protocol"]),
    ])
    .await;
}

#[tokio::test]
async fn a_server_that_never_answers_has_its_statements_recorded_by_connection() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let rogue = Rogue::start(Manners::honest().answers(vec![Say::Wait])).await;
    super::refuse(&user, "for ever", &rogue, &rogue.connection(), &["timeout"]).await;
    let statements = rogue.statements();
    assert!(
        statements.iter().any(|(connection, sql)| *connection == 1 && sql.starts_with("SHOW VARIABLES")),
        "{statements:?}"
    );
}
