//! The rows of an answer as a file in the storage of their owner, beside the answer.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Number, Value};
use shared::app::App;
use shared::clock::Timestamp;
use shared::csv::{line, text, value};
use shared::error::{Invalid, InvalidKind, Resource};
use shared::id::{SearchId, UserId};
use shared::s3::{Bucket, File};
use shared::warehouses::Warehouse;
use shared::{Error, Result};
use tokio::time::Instant;

use crate::request::SearchRequest;

/// How long the storage may take.
const PATIENCE: Duration = Duration::from_secs(7);

/// When the answer goes out, whether the storage has answered or not: a search ends after 28 seconds.
const LIMIT: Duration = Duration::from_secs(26);

/// What every line begins with.
const COLUMNS: [&str; 6] = ["id", "database", "database_name", "table", "relevance_score", "snippet"];

/// The form of a file.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Lines of RFC 4180.
    Csv,
}

/// A file that is wanted, and where it goes.
pub struct Export {
    bucket: Bucket,
}

/// What an answer says of its file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exported {
    url: String,
    expires_at: Timestamp,
    rows: usize,
    bytes: usize,
}

/// What a file has of an answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    search_id: SearchId,
    results: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    database: String,
    database_name: String,
    table: String,
    relevance_score: Number,
    snippet: String,
    data: Map<String, Value>,
}

impl Export {
    /// Where the rows of a search go; nothing, and no call, where no file is wanted. What can not be put anywhere is refused
    /// before anybody is searched: that costs a read of the table and at most one call of KMS.
    pub async fn of(app: &App, owner: UserId, request: &SearchRequest) -> Result<Option<Self>> {
        let Some((Format::Csv, named)) = request.export() else { return Ok(None) };
        let warehouse = match named {
            Some(id) => {
                let missing = || Error::NotFound(Resource::Storage);
                let id = id.parse().map_err(|_| missing())?;
                app.warehouses.get(owner, id).await?.ok_or_else(missing)?
            }
            None => only(app.warehouses.list(owner).await?)?,
        };
        Ok(Some(Self { bucket: warehouse.bucket(&app.vault).await? }))
    }
}

/// The one that has a file storage.
fn only(mut warehouses: Vec<Warehouse>) -> Result<Warehouse> {
    warehouses.retain(Warehouse::has_storage);
    match (warehouses.len(), warehouses.pop()) {
        (1, Some(warehouse)) => Ok(warehouse),
        (0, _) => Err(Error::NoStorage),
        (number, _) => {
            let reason = format!("must be the id of one of the {number} database connections that have a file storage");
            Err(Invalid::new("exportTo", InvalidKind::Choice, reason).into())
        }
    }
}

/// The answer, with a link to a file of its rows where one is wanted.
pub async fn exported(app: &App, export: Option<Export>, raw: Box<RawValue>, began: Instant) -> Result<Box<RawValue>> {
    let Some(Export { bucket }) = export else { return Ok(raw) };
    let page: Page = serde_json::from_str(raw.get()).map_err(Error::internal)?;
    let name = format!("search-{}.csv", page.search_id);
    let content_type = "text/csv; charset=utf-8; header=present";
    let file = File { key: format!("altus4/searches/{name}"), name, content_type, text: page.text() };
    let patience = PATIENCE.min(LIMIT.saturating_sub(began.elapsed()));
    // In a box, so that searches without a file do not carry the room for it.
    let link = Box::pin(app.s3.put(&bucket, file, patience)).await?;
    let exported = Exported { url: link.url, expires_at: link.until, rows: page.results.len(), bytes: link.bytes };
    let mut fields: BTreeMap<&str, Box<RawValue>> = serde_json::from_str(raw.get()).map_err(Error::internal)?;
    fields.insert("export", to_raw_value(&exported).map_err(Error::internal)?);
    to_raw_value(&fields).map_err(Error::internal)
}

impl Page {
    /// A line for each row. Tables have different columns: each that some row has gets a place in all of them.
    fn text(&self) -> String {
        let mut columns: Vec<&str> = Vec::new();
        for column in self.results.iter().flat_map(|row| row.data.keys()) {
            if !columns.contains(&column.as_str()) {
                columns.push(column);
            }
        }
        let of_rows: Vec<String> = columns.iter().map(|column| format!("data.{column}")).collect();
        let header = line(COLUMNS.into_iter().chain(of_rows.iter().map(String::as_str)));
        self.results.iter().fold(header, |lines, row| lines + &row.line(&columns))
    }
}

impl Row {
    fn line(&self, columns: &[&str]) -> String {
        let score = self.relevance_score.to_string();
        let own = [&self.id, &self.database, &self.database_name, &self.table, &score, &self.snippet];
        let own = own.into_iter().map(|cell| value(cell));
        let of_row = columns.iter().map(|column| self.data.get(*column).map(cell).unwrap_or_default());
        let cells: Vec<String> = own.chain(of_row).collect();
        line(cells.iter().map(String::as_str))
    }
}

fn cell(found: &Value) -> String {
    match found {
        Value::Null => String::new(),
        Value::String(written) => value(written),
        Value::Bool(_) | Value::Number(_) => found.to_string(),
        Value::Array(_) | Value::Object(_) => text(&found.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_of_different_tables_have_their_values_in_the_same_columns() {
        let row = |table: &str, snippet: &str, data: Value| {
            json!({
                "id": format!("d:{table}:1"), "database": "d", "databaseName": "=shop", "table": table,
                "relevanceScore": 0.5, "snippet": snippet, "data": data,
            })
        };
        let page = json!({ "searchId": "01a203f6-39ae-77fb-b30e-b4a5ead58cc9", "results": [
            row("a", "-1", json!({ "id": 1, "note": "=1+1", "price": "-2.50" })),
            row("b", "x, y", json!({ "id": -2, "tags": ["a", "b"], "gone": null })),
        ] });
        let page: Page = serde_json::from_value(page).unwrap();
        let expected = [
            "id,database,database_name,table,relevance_score,snippet,data.id,data.note,data.price,data.gone,data.tags",
            "d:a:1,d,'=shop,a,0.5,-1,1,'=1+1,-2.50,,",
            "d:b:1,d,'=shop,b,0.5,\"x, y\",-2,,,,\"[\"\"a\"\",\"\"b\"\"]\"",
        ];
        assert_eq!(page.text().lines().collect::<Vec<_>>(), expected);
    }
}
