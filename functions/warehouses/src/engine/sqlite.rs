//! Files of SQLite, in one folder that the operator names for all accounts.
//!
//! Whoever may connect may read every file there. A file is only read, nothing beside it is made, and what is hostile in it
//! reaches nothing outside it: no other file can be attached, and what its schema calls runs without trust ("Defense Against
//! The Dark Arts" in SQLite's documentation).

mod catalogue;
mod file;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use shared::databases::is_secret;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use super::bounds::{Deadlines, SAMPLE_ROWS_MAX, SAMPLE_TIME_MAX, value_chars};
use super::{Column, Refusal, Rows, SqliteFile, Table, TableName, quoted};

/// The one schema that there is where nothing can be attached.
pub(super) const SCHEMA: &str = "main";

/// After how many steps of its machine a statement looks at the clock.
const STEPS: i32 = 1_000;

/// The longest value or row, in bytes.
const VALUE_BYTES_MAX: i32 = 64 * 1024 * 1024;

/// An open file. It is away while a statement runs, and stays away when that can not be ended.
pub(super) struct Sqlite {
    connection: Option<Connection>,
    deadlines: Deadlines,
}

/// Opens the file.
pub(super) async fn open(file: &SqliteFile, deadline: Instant) -> Result<Sqlite, Refusal> {
    let deadlines = Deadlines::before(deadline);
    let (folder, path) = (file.folder.clone().ok_or(Refusal::NoFiles)?, file.path.clone());
    let opening = spawn_blocking(move || {
        let connection = connect(&file::find(&folder, &path)?)?;
        // A file is not looked at before it is asked something.
        catalogue::tables(&connection).map(|_| connection).map_err(|error| refusal(&error))
    });
    let opened = timeout_at(deadlines.statement, opening).await.map_err(|_late| Refusal::Timeout)?;
    Ok(Sqlite { connection: Some(opened.map_err(|_panic| Refusal::Protocol)??), deadlines })
}

fn connect(path: &PathBuf) -> Result<Connection, Refusal> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let harden = |connection: &Connection| {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)?;
        connection.busy_timeout(Duration::ZERO)
    };
    let connection = Connection::open_with_flags(path, flags).map_err(|error| refusal(&error))?;
    harden(&connection).map_err(|error| refusal(&error))?;
    Ok(connection)
}

impl Sqlite {
    pub(super) async fn tables(&mut self, schemas: &[String]) -> Result<Vec<TableName>, Refusal> {
        if !schemas.is_empty() && !schemas.iter().any(|schema| schema == SCHEMA) {
            return Ok(Vec::new());
        }
        self.run(Duration::MAX, catalogue::tables).await
    }

    pub(super) async fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Table>, Refusal> {
        let wanted: HashSet<&TableName> = tables.iter().collect();
        let described = self.run(Duration::MAX, catalogue::describe).await?;
        Ok(described.into_iter().filter(|table| wanted.contains(&table.name)).collect())
    }

    pub(super) async fn sample(&mut self, table: &TableName, rows: usize) -> Result<Rows, Refusal> {
        let described = self.describe(std::slice::from_ref(table)).await?;
        let table = described.into_iter().next().ok_or(Refusal::NoSuchTable)?;
        self.run(SAMPLE_TIME_MAX, move |connection| sample(connection, &table, rows.min(SAMPLE_ROWS_MAX))).await
    }

    /// Does this with the file where it holds up nobody, and ends it when its time is over, whether or not somebody still
    /// waits for it.
    async fn run<T: Send + 'static>(
        &mut self,
        most: Duration,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let connection = self.connection.take().ok_or(Refusal::Timeout)?;
        let end = Instant::now() + self.deadlines.left(most);
        let working = spawn_blocking(move || {
            connection.progress_handler(STEPS, Some(move || Instant::now() >= end));
            let done = work(&connection);
            (connection, done)
        });
        let worked = timeout_at(self.deadlines.statement, working).await.map_err(|_late| Refusal::Timeout)?;
        let (connection, done) = worked.map_err(|_panic| Refusal::Protocol)?;
        self.connection = Some(connection);
        done.map_err(|error| refusal(&error))
    }
}

fn sample(connection: &Connection, table: &Table, rows: usize) -> rusqlite::Result<Rows> {
    let chars = value_chars(rows, table.columns.len());
    let values = table.columns.iter().map(|column| value(column, chars)).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {values} FROM {} LIMIT {rows}", quoted(&table.name.name, '"'));
    let mut statement = connection.prepare(&sql)?;
    let mut found = statement.query(())?;
    let mut sample = Rows::new();
    while let Some(row) = found.next()? {
        let texts = (0..table.columns.len()).map(|place| Ok(text(row.get_ref(place)?)));
        sample.push(texts.collect::<rusqlite::Result<_>>()?);
    }
    Ok(sample)
}

/// The text of a column. Any value can be of any type, whatever its column says.
fn value(column: &Column, chars: usize) -> String {
    let name = quoted(&column.name, '"');
    if is_secret(&column.name) {
        return "NULL".to_owned();
    }
    let bytes = chars.div_ceil(2);
    format!("CASE typeof({name}) WHEN 'blob' THEN hex(substr({name}, 1, {bytes})) ELSE substr({name}, 1, {chars}) END")
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

fn refusal(error: &rusqlite::Error) -> Refusal {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Refusal::Timeout,
        // It can not be opened, is none, is broken, or wants to be written to before it can be read.
        Some(ErrorCode::CannotOpen | ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::ReadOnly) => {
            Refusal::NoSuchFile
        }
        Some(ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied) => Refusal::Permission,
        _ => Refusal::Protocol,
    }
}
