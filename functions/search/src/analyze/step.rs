//! One step of a server's plan.

use mysql_async::{Row, Value as Sql};
use serde::Serialize;
use shared::databases::Ident;

/// A step of the server's plan, as its EXPLAIN tells it in the traditional format.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    table: Option<String>,
    /// How rows are found: `fulltext`, `eq_ref`, `ALL` and others (MySQL manual, "EXPLAIN Output Format").
    access: Option<String>,
    index: Option<String>,
    /// How many rows the server expects to read in it.
    pub rows: Option<u64>,
    extra: Option<String>,
}

impl Step {
    /// A row of the plan.
    pub fn of(row: &Row) -> Self {
        Self {
            table: text_of(Some(row), "table"),
            access: text_of(Some(row), "type"),
            index: text_of(Some(row), "key"),
            rows: text_of(Some(row), "rows").and_then(|rows| rows.parse().ok()),
            extra: text_of(Some(row), "Extra"),
        }
    }

    /// Whether rows are found by this index.
    pub fn is_by(&self, index: &Ident) -> bool {
        self.access.as_deref() == Some("fulltext") && self.index.as_deref() == Some(index.as_str())
    }
}

/// A value of a row by the name of its column, whatever the case; numbers as text.
pub fn text_of(row: Option<&Row>, name: &str) -> Option<String> {
    let row = row?;
    let place = row.columns_ref().iter().position(|column| column.name_str().eq_ignore_ascii_case(name))?;
    match row.as_ref(place)? {
        Sql::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Sql::Int(number) => Some(number.to_string()),
        Sql::UInt(number) => Some(number.to_string()),
        Sql::Double(number) => Some(number.to_string()),
        _ => None,
    }
}
