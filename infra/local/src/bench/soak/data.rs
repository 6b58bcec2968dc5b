//! What is searched: two schemas of a few thousand made-up articles.

use mysql_async::prelude::Queryable;

use super::Failed;
use crate::server::Server;

/// Who may read them.
pub(super) const USERNAME: &str = "altus4_soak";

/// The schemas.
pub(super) const SCHEMAS: [&str; 2] = ["soak_1", "soak_2"];

/// What the articles are made of, and searched for.
pub(super) const WORDS: [&str; 16] = [
    "zebra",
    "horse",
    "crossing",
    "street",
    "library",
    "password",
    "manager",
    "desktop",
    "astronomy",
    "telescope",
    "garden",
    "river",
    "mountain",
    "bridge",
    "kitchen",
    "window",
];

/// Articles of a schema.
const ARTICLES: usize = 3_000;

/// Makes them anew. The password of the one who may read them.
pub(super) async fn load(server: &Server) -> Result<String, Failed> {
    let mut root = server.connect().await?;
    let password = server.secret("soak-password")?;
    for statement in [
        format!("CREATE USER IF NOT EXISTS '{USERNAME}'@'127.0.0.1'"),
        format!("ALTER USER '{USERNAME}'@'127.0.0.1' IDENTIFIED BY '{password}'"),
        format!("GRANT SELECT ON `soak\\_%`.* TO '{USERNAME}'@'127.0.0.1'"),
    ] {
        root.query_drop(statement).await?;
    }
    for schema in SCHEMAS {
        root.query_drop(format!("DROP DATABASE IF EXISTS {schema}")).await?;
        root.query_drop(format!("CREATE DATABASE {schema} CHARACTER SET utf8mb4")).await?;
        let columns = "id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(200), body TEXT, FULLTEXT (title, body)";
        root.query_drop(format!("CREATE TABLE {schema}.articles ({columns})")).await?;
        let rows: Vec<String> = (0..ARTICLES).map(article).collect();
        root.query_drop(format!("INSERT INTO {schema}.articles (title, body) VALUES {}", rows.join(","))).await?;
    }
    root.disconnect().await?;
    Ok(password)
}

/// A row: its words come round at different paces, so that each has some in common with most others.
fn article(number: usize) -> String {
    let word = |pace: usize| WORDS[(number / pace + pace) % WORDS.len()];
    let body: Vec<&str> = (1..12).map(word).collect();
    format!("('{} and {} {number}','The {}.')", word(1), word(3), body.join(" "))
}
