//! Answers of the right shape with the wrong things in them.

use tests::TestApi;
use tests::rogue::{Asked, Manners, Rogue, Say, honest, rows, wire};

use super::meet;

/// Answers the first question, of the server's version and settings, with these values.
fn settings(values: [Option<&'static [u8]>; 5]) -> Manners {
    Manners::honest().answers(rows(5, &[&values], 0))
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

fn fails(errno: u16, text: &'static str) -> Manners {
    Manners::honest().answers(vec![Say::Packet(wire::error(errno, "HY000", text))])
}

#[tokio::test]
async fn values_that_no_server_has_are_refused() {
    let (version, one) = (Some(&b"8.0.36"[..]), Some(&b"1"[..]));
    meet(vec![
        ("no version", settings([None, one, one, one, None]), &["protocol"]),
        ("a version that is not UTF-8", settings([Some(b"\xff\xfe"), one, one, one, None]), &["protocol"]),
        ("no size", settings([version, None, one, one, None]), &["protocol"]),
        ("a negative size", settings([version, Some(b"-1"), one, one, None]), &["protocol"]),
        ("a huge size", settings([version, one, Some(b"99999999999999999999999"), one, None]), &["protocol"]),
        ("a word for a number", settings([version, one, one, Some(b"on"), None]), &["protocol"]),
        ("fewer columns", Manners::honest().answers(rows(4, &[&[version, one, one, one]], 0)), &["protocol"]),
        ("no row", Manners::honest().answers(rows(5, &[], 0)), &["protocol"]),
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
    let text = |text: &str| Some(text.as_bytes().to_vec());
    meet(vec![
        ("no name", schema("information_schema.TABLES", vec![None, text("1")]), &["protocol"]),
        ("fewer than no rows", schema("information_schema.TABLES", vec![text("t"), text("-1")]), &["protocol"]),
        ("a name of bytes", schema("information_schema.TABLES", vec![Some(vec![0xff]), text("1")]), &["protocol"]),
    ])
    .await;
}

#[tokio::test]
#[ignore = "names are taken as they come: Ident::from_server has to refuse what is empty, too long or has a NUL"]
async fn names_that_mysql_does_not_allow_are_refused() {
    let text = |text: &str| Some(text.as_bytes().to_vec());
    let long = Some(vec![b'x'; 10_000_000]);
    meet(vec![
        ("a name with NUL", schema("information_schema.TABLES", vec![text("a\0b"), text("1")]), &["protocol"]),
        ("a name of 10 MB", schema("information_schema.TABLES", vec![long, text("1")]), &["protocol"]),
        ("an empty name", schema("information_schema.TABLES", vec![text(""), text("1")]), &["protocol"]),
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
    assert!(statements.iter().any(|(connection, sql)| *connection == 1 && sql.starts_with("SELECT")), "{statements:?}");
}
