//! Files of SQLite.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use shared::id::RequestId;
use warehouses::engine::{Column, Reach, Refusal, SqliteFile, Table, Target, open};

use super::{column, dialer, enter, key, reference, refusal, row, table, within};

/// A folder of a test's own with one database in it.
struct Files(PathBuf);

impl Files {
    fn with(statements: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("files_{}", RequestId::fresh()));
        fs::create_dir_all(&folder).unwrap();
        Connection::open(folder.join("own.db")).unwrap().execute_batch(statements).unwrap();
        Self(folder)
    }

    fn target(&self, path: &str) -> Target {
        Target::Sqlite(SqliteFile { folder: Some(self.0.clone()), path: path.into() })
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[tokio::test]
async fn a_file_of_sqlite_is_described_with_its_keys_and_sampled_as_text() {
    let files = Files::with(
        "CREATE TABLE \"Or\"\"der\" (a INTEGER, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
         CREATE TABLE parts (id INTEGER PRIMARY KEY, y TEXT, x INTEGER, name VARCHAR(20) NOT NULL, twice INT AS (id * 2), \
             api_token, data BLOB, FOREIGN KEY (x, y) REFERENCES \"or\"\"der\", FOREIGN KEY (id) REFERENCES parts (id));
         CREATE VIEW v AS SELECT id FROM parts;
         INSERT INTO parts (id, name, api_token, data) VALUES (1, 'Zebra', 's3cr3t', X'00ff'), (2, 0.5, NULL, 'text')",
    );
    let mut session = enter(files.target("own.db")).await;
    assert_eq!(session.schemas().await.unwrap(), ["main"]);
    let names = ["Or\"der", "parts", "v"].map(|name| table("main", name));
    assert_eq!(session.tables(&[]).await.unwrap(), names);
    assert_eq!(session.tables(&["other".to_owned()]).await.unwrap(), []);

    let found = session.describe(&names[..2]).await.unwrap();
    let expected = [
        Table { name: names[0].clone(), comment: None, columns: vec![key("a", "INTEGER"), key("b", "TEXT")] },
        Table {
            name: names[1].clone(),
            comment: None,
            columns: vec![
                Column { nullable: true, foreign_key: reference("parts", "id"), ..key("id", "INTEGER") },
                Column { foreign_key: reference("Or\"der", "b"), ..column("y", "TEXT") },
                Column { foreign_key: reference("Or\"der", "a"), ..column("x", "INTEGER") },
                Column { nullable: false, ..column("name", "VARCHAR(20)") },
                column("twice", "INT"),
                column("api_token", ""),
                column("data", "BLOB"),
            ],
        },
    ];
    assert_eq!(found, expected);
    let sample = [
        row(&[Some("1"), None, None, Some("Zebra"), Some("2"), None, Some("00FF")]),
        row(&[Some("2"), None, None, Some("0.5"), Some("4"), None, Some("text")]),
    ];
    assert_eq!(session.sample(&names[1], 5).await.unwrap(), sample);
    assert_eq!(session.sample(&table("main", "none"), 1).await, Err(Refusal::NoSuchTable));
    session.close().await;
}

#[tokio::test]
async fn a_file_is_read_from_the_folder_of_the_operator_and_nothing_is_made() {
    let (files, other) = (Files::with("CREATE TABLE t (id)"), Files::with("CREATE TABLE t (id)"));
    fs::write(
        files.0.join("text"),
        "no database, however long this text is made to be, and it is made so: ".repeat(50),
    )
    .unwrap();
    std::os::unix::fs::symlink(other.0.join("own.db"), files.0.join("link.db")).unwrap();
    let outside = other.0.join("own.db").display().to_string();
    for path in ["absent.db", "link.db", "text", "", "file:own.db?mode=rw", outside.as_str()] {
        assert_eq!(refusal(files.target(path), Reach::Direct).await, Refusal::NoSuchFile, "{path}");
    }
    let nowhere = Target::Sqlite(SqliteFile { folder: None, path: files.0.join("own.db") });
    assert_eq!(refusal(nowhere, Reach::Direct).await, Refusal::NoFiles);
    let mut left: Vec<_> = fs::read_dir(&files.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["link.db", "own.db", "text"]);
}

#[tokio::test]
async fn a_view_of_a_file_that_has_no_end_is_ended_in_time() {
    let files = Files::with(
        "CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1);
         CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS i FROM n",
    );
    let mut session = open(&files.target("own.db"), &Reach::Direct, &dialer(), within(2)).await.unwrap();
    assert_eq!(session.sample(&table("main", "endless"), 1).await, Err(Refusal::Timeout));
    session.close().await;
}
