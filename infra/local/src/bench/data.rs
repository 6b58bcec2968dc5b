//! Five databases with the whole Debian catalogue each, and one with a million rows made of it.

use std::path::Path;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::catalogue;
use crate::demo::Failed;
use crate::server::Server;

/// Who may read all of it.
pub(super) const USERNAME: &str = "altus4_bench";

const MILLION: &str = "bench_million";

/// What the catalogue's tables have in common. Each row of the copy with this number has a word of its own.
const ROWS: &str = "SELECT CONCAT(name, ': ', title), CONCAT(description, ' copy', ?, name) FROM \
     (SELECT name, title, description FROM demo_packages.packages \
     UNION ALL SELECT name, title, description FROM demo_libraries.libraries \
     UNION ALL SELECT name, title, description FROM demo_libraries.documentation) AS rows_of_all";

/// What was loaded.
pub(super) struct Data {
    /// The five.
    pub(super) schemas: Vec<String>,
    /// The large one, where it was asked for.
    pub(super) million: Option<String>,
    /// The password of [`USERNAME`].
    pub(super) password: String,
}

/// Loads what is not loaded yet.
pub(super) async fn load(
    server: &Server,
    cache: &Path,
    million: bool,
    say: &mut dyn FnMut(&str),
) -> Result<Data, Failed> {
    catalogue::load(server, cache, say).await?;
    let mut root = server.connect().await?;
    let schemas: Vec<String> = (1..=5).map(|number| format!("bench_{number}")).collect();
    for schema in &schemas {
        fill(&mut root, schema, 1, say).await?;
    }
    let million = if million { Some(MILLION.to_owned()) } else { None };
    if let Some(schema) = &million {
        fill(&mut root, schema, 1_000_000, say).await?;
    }
    let password = server.secret("bench-password")?;
    for statement in [
        format!("CREATE USER IF NOT EXISTS '{USERNAME}'@'127.0.0.1'"),
        format!("ALTER USER '{USERNAME}'@'127.0.0.1' IDENTIFIED BY '{password}'"),
        format!("GRANT SELECT ON `bench\\_%`.* TO '{USERNAME}'@'127.0.0.1'"),
    ] {
        root.query_drop(statement).await?;
    }
    root.disconnect().await?;
    Ok(Data { schemas, million, password })
}

/// Fills a schema with copies of the catalogue until it has so many rows. Its table has its name only when it is
/// complete.
async fn fill(root: &mut Conn, schema: &str, rows_min: u64, say: &mut dyn FnMut(&str)) -> Result<(), Failed> {
    let known = "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'packages'";
    if root.exec_first::<u8, _, _>(known, (schema,)).await?.is_some() {
        return Ok(());
    }
    root.query_drop(format!("DROP DATABASE IF EXISTS {schema}")).await?;
    root.query_drop(format!("CREATE DATABASE {schema} CHARACTER SET utf8mb4")).await?;
    let columns = "id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, title VARCHAR(500) NOT NULL, body MEDIUMTEXT NOT NULL";
    root.query_drop(format!("CREATE TABLE {schema}.loading ({columns})")).await?;
    let (mut rows, mut copy) = (0, 0);
    while rows < rows_min {
        root.exec_drop(format!("INSERT INTO {schema}.loading (title, body) {ROWS}"), (copy,)).await?;
        rows += root.affected_rows();
        copy += 1;
        say(&format!("{schema}: {rows} rows"));
    }
    say(&format!("{schema}: indexing"));
    root.query_drop(format!("ALTER TABLE {schema}.loading ADD FULLTEXT title_body (title, body)")).await?;
    root.query_drop(format!("ANALYZE TABLE {schema}.loading")).await?;
    root.query_drop(format!("RENAME TABLE {schema}.loading TO {schema}.packages")).await?;
    Ok(())
}
