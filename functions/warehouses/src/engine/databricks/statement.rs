//! Statements on a SQL warehouse (REST reference, "Statement Execution", `executestatement`): rows come as JSON within the
//! answer, or not at all.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Databricks;
use super::catalogue::Listed;
use crate::engine::refusal::Cloud;
use crate::engine::web::Sent;
use crate::engine::{Refusal, Rows, quoted};

/// How long a statement may take, in seconds, before the service ends it: 5 is the fewest that it takes for this.
const TIME_S: [u64; 2] = [5, 10];

#[derive(Deserialize)]
struct Answer {
    status: Status,
    #[serde(default)]
    result: Option<Rowset>,
}

#[derive(Deserialize)]
struct Status {
    state: String,
    #[serde(default)]
    error: Option<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Rowset {
    #[serde(default)]
    data_array: Vec<Vec<Value>>,
}

/// The rows of a statement, as texts.
pub(super) async fn rows(session: &mut Databricks, sql: &str, rows_max: usize) -> Result<Rows, Refusal> {
    let left = session.deadline.saturating_duration_since(tokio::time::Instant::now());
    let wait = format!("{}s", left.as_secs().clamp(TIME_S[0], TIME_S[1]));
    let body = json!({
        "warehouse_id": session.warehouse, "statement": sql, "row_limit": rows_max,
        "wait_timeout": wait, "on_wait_timeout": "CANCEL", "disposition": "INLINE", "format": "JSON_ARRAY",
    });
    let answer = session.web.post("/api/2.0/sql/statements", Sent::Json(body)).await?;
    if !answer.is_good() {
        return Err(super::refusal(&answer, Cloud::DatabricksWarehouse));
    }
    let Answer { status, result } = answer.read()?;
    match status.state.as_str() {
        "SUCCEEDED" => Ok(result.map(|result| texts(result, rows_max)).unwrap_or_default()),
        "FAILED" => Err(failed(&status.error.map(|error| error.message).unwrap_or_default())),
        "CANCELED" | "CLOSED" | "PENDING" | "RUNNING" => Err(Cloud::DatabricksAsleep.into()),
        _ => Err(Refusal::Protocol),
    }
}

/// The class of the error stands in brackets before its text ("Error classes in Databricks").
fn failed(message: &str) -> Refusal {
    let is = |class: &str| message.contains(&format!("[{class}"));
    if is("TABLE_OR_VIEW_NOT_FOUND") {
        Refusal::NoSuchTable
    } else if is("INSUFFICIENT_PERMISSIONS") || message.contains("PERMISSION_DENIED") {
        Cloud::DatabricksPermission.into()
    } else {
        Refusal::Protocol
    }
}

fn texts(result: Rowset, rows_max: usize) -> Rows {
    let text = |value| match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    let rows = result.data_array.into_iter().take(rows_max);
    rows.map(|row| row.into_iter().map(text).collect()).collect()
}

/// The text of a column, cut by the warehouse.
pub(super) fn value(column: &Listed, chars: usize) -> String {
    let name = quoted(&column.name, '`');
    let kind = column.type_text.to_ascii_lowercase();
    match kind.split(['<', '(', ' ']).next().unwrap_or_default() {
        _ if shared::databases::is_secret(&column.name) => "NULL".to_owned(),
        "binary" => format!("hex(substring({name}, 1, {}))", chars.div_ceil(2)),
        "array" | "map" | "struct" | "variant" => format!("left(to_json({name}), {chars})"),
        "geography" | "geometry" => format!("left(st_astext({name}), {chars})"),
        _ => format!("left(cast({name} AS STRING), {chars})"),
    }
}
