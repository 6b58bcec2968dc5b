//! One MariaDB for all tests of a run, and a schema of its own for each.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::mpsc;

use local::mariadb::MariaDb;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use shared::id::RequestId;

/// The password of every user that the tests make on their own server.
const PASSWORD: &str = "read only";

/// The server.
pub struct TestMySql {
    mariadb: MariaDb,
}

impl TestMySql {
    /// The server of this run, started by the first test that asks. It ends with the process.
    pub fn shared(folder: &'static str) -> &'static Self {
        static SHARED: OnceLock<TestMySql> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Path::new(folder)))
    }

    /// Starts it on a thread that outlives every test, because a runtime takes its child processes along when it ends.
    fn start(folder: &Path) -> Self {
        let folder = folder.join("mariadb");
        let (started, waiting) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let mariadb = MariaDb::start(&folder).await.expect("MariaDB starts");
                prepare(&mariadb).await.expect("the server is prepared");
                started.send(mariadb).expect("somebody waits");
                std::future::pending::<()>().await;
            });
        });
        Self { mariadb: waiting.recv().expect("MariaDB starts") }
    }

    /// The server's port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.mariadb.port()
    }

    /// A new schema, and a user who may read it and nothing else. `{}` in the statements is not needed: they run in it.
    pub async fn schema(&'static self, statements: &[&str]) -> Schema {
        let name = format!("t_{}", RequestId::fresh()).replace('-', "_");
        let mut root = self.mariadb.connect().await.expect("root connects");
        let setup = [
            format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"),
            format!("CREATE USER '{name}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"),
            format!("GRANT SELECT ON {name}.* TO '{name}'@'127.0.0.1'"),
            format!("USE {name}"),
        ];
        for statement in setup.iter().map(String::as_str).chain(statements.iter().copied()) {
            root.query_drop(statement).await.unwrap_or_else(|e| panic!("{e} in {statement}"));
        }
        Schema { server: self, name, root }
    }
}

/// A schema of one test.
pub struct Schema {
    server: &'static TestMySql,
    /// Its name, and the name of the user who may read it.
    pub name: String,
    /// A connection that may do everything, and is in it.
    pub root: Conn,
}

impl Schema {
    /// What a user sends to connect it.
    pub fn connection(&self) -> Value {
        json!({
            "name": self.name,
            "host": "127.0.0.1",
            "port": self.server.port(),
            "database": self.name,
            "username": self.name,
            "password": PASSWORD,
        })
    }

    /// Runs a statement in it.
    pub async fn run(&mut self, statement: &str) {
        self.root.query_drop(statement).await.unwrap_or_else(|e| panic!("{e} in {statement}"));
    }

    /// How many connections its user has opened so far.
    pub async fn opened(&mut self) -> u64 {
        let sql = "SELECT TOTAL_CONNECTIONS FROM information_schema.USER_STATISTICS WHERE USER = DATABASE()";
        self.root.query_first(sql).await.expect("the statistics").unwrap_or(0)
    }

    /// How many statements its user has run in connections that are closed.
    pub async fn statements(&mut self) -> u64 {
        let version: Option<String> = self.root.query_first("SELECT VERSION()").await.expect("a version");
        let sql = if version.is_some_and(|version| version.contains("MariaDB")) {
            "SELECT SELECT_COMMANDS + UPDATE_COMMANDS + OTHER_COMMANDS FROM information_schema.USER_STATISTICS \
             WHERE USER = DATABASE()"
        } else {
            "SELECT SUM(COUNT_STAR) FROM performance_schema.events_statements_summary_by_user_by_event_name \
             WHERE USER = DATABASE() AND EVENT_NAME LIKE 'statement/%'"
        };
        self.root.query_first(sql).await.expect("the statistics").unwrap_or(0)
    }

    /// How many connections its user has to the server at this moment.
    pub async fn connections(&mut self) -> u64 {
        let sql = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = DATABASE()";
        self.root.query_first(sql).await.expect("the list").unwrap_or(0)
    }
}

/// Removes what earlier runs have left, and lets the server count who connects.
async fn prepare(mariadb: &MariaDb) -> mysql_async::Result<()> {
    let mut root = mariadb.connect().await?;
    root.query_drop("SET GLOBAL userstat = ON").await?;
    let schemas: Vec<String> =
        root.query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 't\\_%'").await?;
    for schema in schemas {
        root.query_drop(format!("DROP DATABASE {schema}")).await?;
        root.query_drop(format!("DROP USER IF EXISTS '{schema}'@'127.0.0.1'")).await?;
    }
    root.disconnect().await
}
