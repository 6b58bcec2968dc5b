//! The collection in a table, and MySQL's own natural mode over it.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Value};

use super::{Document, LIMIT};
use crate::demo::Failed;
use crate::server::Server;

/// Rows in one statement.
const ROWS_PER_STATEMENT: usize = 500;

/// The table, and a connection that asks MySQL itself.
pub struct Store {
    conn: Conn,
    /// Of the account that may read it.
    pub password: String,
}

impl Store {
    /// The database that the table is in.
    pub const DATABASE: &str = "altus4_eval";
    /// The account that may read it.
    pub const USERNAME: &str = "altus4_eval";

    /// Loads the documents in the place of those of the last run.
    pub async fn load(server: &Server, documents: &[Document], progress: &mut dyn FnMut(&str)) -> Result<Self, Failed> {
        let mut conn = server.connect().await?;
        for statement in [
            "DROP DATABASE IF EXISTS altus4_eval",
            "CREATE DATABASE altus4_eval CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
            "USE altus4_eval",
            "CREATE TABLE documents (id INT UNSIGNED PRIMARY KEY, title TEXT NOT NULL, body MEDIUMTEXT NOT NULL)",
        ] {
            conn.query_drop(statement).await?;
        }
        for chunk in documents.chunks(ROWS_PER_STATEMENT) {
            let rows = vec!["(?, ?, ?)"; chunk.len()].join(", ");
            conn.exec_drop(format!("INSERT INTO documents VALUES {rows}"), values(chunk)).await?;
        }
        progress("building the full-text index");
        conn.query_drop("ALTER TABLE documents ADD FULLTEXT (title, body)").await?;
        conn.query_drop("ANALYZE TABLE documents").await?;

        let password = server.secret("eval-password")?;
        for statement in [
            "CREATE USER IF NOT EXISTS 'altus4_eval'@'127.0.0.1'".to_owned(),
            // The password is our own, of hexadecimal digits.
            format!("ALTER USER 'altus4_eval'@'127.0.0.1' IDENTIFIED BY '{password}'"),
            "GRANT SELECT ON `altus4\\_eval`.* TO 'altus4_eval'@'127.0.0.1'".to_owned(),
        ] {
            conn.query_drop(statement).await?;
        }
        Ok(Self { conn, password })
    }

    /// The best rows as the server orders them by itself.
    pub async fn natural(&mut self, query: &str) -> mysql_async::Result<Vec<u32>> {
        self.conn.exec_drop("SET @query = ?", (query,)).await?;
        let matched = "MATCH (title, body) AGAINST (@query IN NATURAL LANGUAGE MODE)";
        let statement = format!("SELECT id FROM documents WHERE {matched} ORDER BY {matched} DESC, id LIMIT {LIMIT}");
        self.conn.query(statement).await
    }
}

fn values(documents: &[Document]) -> Params {
    let row = |document: &Document| -> [Value; 3] {
        [document.id.into(), document.title.as_str().into(), document.body.as_str().into()]
    };
    Params::Positional(documents.iter().flat_map(row).collect())
}
