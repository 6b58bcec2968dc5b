use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use shared::app::App;
use shared::csv::{line, value};
use shared::error::Misfit;
use shared::http::{FromBody, Lax, OwnedTable, Reply, State};
use shared::id::RequestId;
use shared::s3::File;
use shared::{Result, s3};

use crate::attempt::Attempt;
use crate::engine::{Rows, TableName};
use crate::lax::whole;
use crate::secrets::Secrets;
use crate::view::Instant;

/// The most rows of a file: as many as an engine gives of a table.
const ROWS_MAX: u64 = 1_000;

/// How long the storage may take, behind a database that may have taken 20 seconds.
const PATIENCE: Duration = Duration::from_secs(7);

/// How many rows are wanted.
pub struct Wanted {
    rows: u64,
}

impl FromBody for Wanted {
    fn read(body: Value) -> Result<Self, Vec<Misfit>> {
        whole(body, |fields| Self { rows: fields.number("rows", 1..=ROWS_MAX).unwrap_or(ROWS_MAX) })
    }
}

/// A file in the storage of its owner.
#[derive(Serialize)]
pub struct Exported {
    /// A link that anybody may follow.
    url: String,
    /// Until then.
    expires_at: Instant,
    /// How many rows are in it, without the line of the names.
    rows: usize,
    /// How large it is.
    bytes: usize,
}

/// `POST /api/v1/table-descriptions/{tableId}/export`: the first rows of a table as a file of CSV in the file storage of its
/// connection.
pub async fn export(
    State(app): State<App>,
    OwnedTable { table, warehouse, .. }: OwnedTable,
    Lax(wanted): Lax<Wanted>,
) -> Result<Reply<Exported>> {
    let bucket = warehouse.bucket(&app.vault).await?;
    let secrets = Secrets::stored(&warehouse.keyring(&app.vault).await?, &warehouse.tokens)?;
    let attempt = Attempt::of_stored(&warehouse, &secrets, &app)?;
    let name = TableName { schema: table.schema, name: table.name };
    let rows = usize::try_from(wanted.rows).unwrap_or_default();
    let (columns, rows) = attempt.sample(&name, rows, &app).await?;
    let file = File {
        key: format!("altus4/tables/{}/{}.csv", table.id, RequestId::fresh()),
        name: format!("table-{}.csv", table.id),
        content_type: "text/csv; charset=utf-8; header=present",
        text: text(&columns, &rows)?,
    };
    let link = app.s3.put(&bucket, file, PATIENCE).await?;
    let (expires_at, bytes) = (Instant(link.until), link.bytes);
    Ok(Reply::created(Exported { url: link.url, expires_at, rows: rows.len(), bytes }))
}

/// The lines, as long as they are not more than may be put.
fn text(columns: &[String], rows: &Rows) -> Result<String, s3::Failure> {
    let of = |cells: Vec<String>| line(cells.iter().map(String::as_str));
    let mut text = of(columns.iter().map(|name| value(name)).collect());
    for row in rows {
        text += &of(row.iter().map(|cell| value(cell.as_deref().unwrap_or_default())).collect());
        if text.len() > s3::BYTES_MAX {
            return Err(s3::Failure::TooLarge);
        }
    }
    Ok(text)
}
