//! A few rows of a table.

use shared::databases::is_secret;

use super::Postgres;
use super::catalogue::{describe, get};
use crate::engine::bounds::{SAMPLE_ROWS_MAX, value_chars};
use crate::engine::{Column, Refusal, Rows, TableName, quoted};

/// The first rows that the server has at hand, as text. The names in the statement are those that the catalogue has.
pub(super) async fn read(session: &mut Postgres, table: &TableName, rows: usize) -> Result<Rows, Refusal> {
    let table = describe(session, std::slice::from_ref(table)).await?.into_iter().next().ok_or(Refusal::NoSuchTable)?;
    let rows = rows.min(SAMPLE_ROWS_MAX);
    let chars = value_chars(rows, table.columns.len());
    let values = table.columns.iter().map(|column| value(column, chars)).collect::<Vec<_>>().join(", ");
    let (schema, name) = (quoted(&table.name.schema, '"'), quoted(&table.name.name, '"'));
    let sql = format!("SELECT {values} FROM {schema}.{name} LIMIT {rows}");
    let found = session.rows(&sql, &[]).await?;
    let places = 0..table.columns.len();
    found.iter().map(|row| places.clone().map(|place| get(row, place)).collect()).collect()
}

/// The text of a column, cut at the server. Bytes are cut before they are spelled out, because they may be many.
fn value(column: &Column, chars: usize) -> String {
    let name = quoted(&column.name, '"');
    match column.data_type.as_str() {
        _ if is_secret(&column.name) => "NULL::text".to_owned(),
        "bytea" => format!("pg_catalog.encode(pg_catalog.substring({name}, 1, {}), 'hex')", chars.div_ceil(2)),
        _ => format!("pg_catalog.left({name}::text, {chars})"),
    }
}
