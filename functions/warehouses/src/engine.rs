//! What speaks to the databases that connections name: the same few verbs for every dialect.
//!
//! A session lives for one invocation and ends by one deadline, whatever the server does. It only reads, under limits that
//! the server was told and has confirmed, and every name in a statement was read from the server's own catalogue.

mod athena;
mod bigquery;
mod bounds;
mod databricks;
mod mysql;
mod postgres;
mod refusal;
mod schema;
mod snowflake;
mod sqlite;
mod target;
mod web;

use shared::databases::{Dialer, HostKey};
use tokio::time::Instant;

use athena::Athena;
pub use athena::AthenaPlace;
use bigquery::BigQuery;
pub use bigquery::Project;
pub use bounds::shortened;
use databricks::Databricks;
pub use databricks::Workspace;
use mysql::MySql;
use postgres::Postgres;
pub use refusal::{Cloud, Refusal};
pub use schema::{Column, ForeignKey, Table, TableName, quoted};
pub use snowflake::Account;
use snowflake::Snowflake;
use sqlite::Sqlite;
pub use target::{Reach, Server, SqliteFile, Target, TlsWish};
pub use web::Place;

/// The rows of a sample: texts in the order of the columns.
pub type Rows = Vec<Vec<Option<String>>>;

/// An open session. What is dropped instead of closed is closed too, without a word to the server.
pub struct Session(Engine);

enum Engine {
    Postgres(Postgres),
    MySql(MySql),
    Sqlite(Sqlite),
    Athena(Athena),
    BigQuery(BigQuery),
    Databricks(Databricks),
    Snowflake(Snowflake),
}

// What speaks HTTP carries its requests and clients along: in boxes, so that nobody else has room for them.

/// Connects and logs in. By the deadline everything of the session is over, its last row included.
pub async fn open(target: &Target, reach: &Reach, dialer: &Dialer, deadline: Instant) -> Result<Session, Refusal> {
    Ok(Session(match target {
        Target::Postgres(server) => Engine::Postgres(postgres::open(server, reach, dialer, deadline).await?),
        Target::MySql(server) => Engine::MySql(mysql::open(server, reach, dialer, deadline).await?),
        Target::Sqlite(file) => Engine::Sqlite(sqlite::open(file, deadline).await?),
        Target::Athena(place) => Engine::Athena(Box::pin(athena::open(place, deadline)).await?),
        Target::BigQuery(project) => Engine::BigQuery(Box::pin(bigquery::open(project, dialer, deadline)).await?),
        Target::Databricks(workspace) => {
            Engine::Databricks(Box::pin(databricks::open(workspace, dialer, deadline)).await?)
        }
        Target::Snowflake(account) => Engine::Snowflake(Box::pin(snowflake::open(account, dialer, deadline)).await?),
    }))
}

impl Session {
    /// The key that the SSH server has shown, so that it can be pinned.
    pub fn host_key(&self) -> Option<&HostKey> {
        match &self.0 {
            Engine::Postgres(session) => session.host_key(),
            Engine::MySql(session) => session.host_key(),
            Engine::Sqlite(_)
            | Engine::Athena(_)
            | Engine::BigQuery(_)
            | Engine::Databricks(_)
            | Engine::Snowflake(_) => None,
        }
    }

    /// The names of the schemas, without the server's own.
    pub async fn schemas(&mut self) -> Result<Vec<String>, Refusal> {
        match &mut self.0 {
            Engine::Postgres(session) => session.schemas().await,
            Engine::MySql(session) => Ok(session.schemas()),
            Engine::Sqlite(_) => Ok(vec![sqlite::SCHEMA.to_owned()]),
            Engine::Athena(session) => Ok(session.schemas()),
            Engine::BigQuery(session) => Box::pin(session.schemas()).await,
            Engine::Databricks(session) => Box::pin(session.schemas()).await,
            Engine::Snowflake(session) => Box::pin(session.schemas()).await,
        }
    }

    /// The tables and views of these schemas, by name; of those that the target names, where none is given here. A schema
    /// that does not exist has none.
    pub async fn tables(&mut self, schemas: &[String]) -> Result<Vec<TableName>, Refusal> {
        match &mut self.0 {
            Engine::Postgres(session) => session.tables(schemas).await,
            Engine::MySql(session) => Ok(session.tables(schemas)),
            Engine::Sqlite(session) => session.tables(schemas).await,
            Engine::Athena(session) => Box::pin(session.tables(schemas)).await,
            Engine::BigQuery(session) => Box::pin(session.tables(schemas)).await,
            Engine::Databricks(session) => Box::pin(session.tables(schemas)).await,
            Engine::Snowflake(session) => Box::pin(session.tables(schemas)).await,
        }
    }

    /// What these tables hold, in the order of the names. One that does not exist any more is left out.
    pub async fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Table>, Refusal> {
        match &mut self.0 {
            Engine::Postgres(session) => session.describe(tables).await,
            Engine::MySql(session) => session.describe(tables).await,
            Engine::Sqlite(session) => session.describe(tables).await,
            Engine::Athena(session) => Box::pin(session.describe(tables)).await,
            Engine::BigQuery(session) => Box::pin(session.describe(tables)).await,
            Engine::Databricks(session) => Box::pin(session.describe(tables)).await,
            Engine::Snowflake(session) => Box::pin(session.describe(tables)).await,
        }
    }

    /// The first rows that the server has at hand, as text, with their values in the order of the columns: at most so
    /// many rows, and 1,000 of them. A value is cut after 4,000 characters, and after fewer where 16 Mi characters in all
    /// would not hold them. A column whose name says that it holds a secret is not read: its values are as if they were
    /// null.
    pub async fn sample(&mut self, table: &TableName, rows: usize) -> Result<Rows, Refusal> {
        match &mut self.0 {
            Engine::Postgres(session) => session.sample(table, rows).await,
            Engine::MySql(session) => session.sample(table, rows).await,
            Engine::Sqlite(session) => session.sample(table, rows).await,
            Engine::Athena(session) => Box::pin(session.sample(table, rows)).await,
            Engine::BigQuery(session) => Box::pin(session.sample(table, rows)).await,
            Engine::Databricks(session) => Box::pin(session.sample(table, rows)).await,
            Engine::Snowflake(session) => Box::pin(session.sample(table, rows)).await,
        }
    }

    /// Says good-bye to the server, and closes the way to it.
    pub async fn close(self) {
        match self.0 {
            Engine::Postgres(session) => session.close().await,
            Engine::MySql(session) => session.close().await,
            Engine::Snowflake(session) => Box::pin(session.close()).await,
            Engine::Sqlite(_) | Engine::Athena(_) | Engine::BigQuery(_) | Engine::Databricks(_) => {}
        }
    }
}
