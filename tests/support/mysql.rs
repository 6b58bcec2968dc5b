//! One MariaDB or MySQL for all tests of a run, and a schema of its own for each.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::mpsc;

use local::server::{Brand, Server};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use shared::config::Env;
use shared::databases::{Flavour, Settings};
use shared::error::chain;
use shared::id::RequestId;

use crate::certificates::Certificates;
use crate::patience::{DEPARTURE_MAX, comes_true};

/// The password of every user that the tests make on their own server.
const PASSWORD: &str = "read only";

/// The server: MariaDB, or MySQL where the environment variable `ALTUS4_TEST_SERVER` is `mysql`.
pub struct TestMySql {
    server: Server,
    brand: Brand,
    /// What it proves itself with to those that come by TLS, and what goes with it.
    pub certificates: Certificates,
}

/// What a user has to bring besides the password.
#[derive(Debug, Clone, Copy)]
pub enum Required {
    /// TLS.
    Tls,
    /// TLS with a certificate of the authority that the server knows.
    ClientCertificate,
}

impl TestMySql {
    /// The server of this run, started by the first test that asks. It ends with the process.
    pub fn shared(folder: &'static str) -> &'static Self {
        static SHARED: OnceLock<TestMySql> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Path::new(folder)))
    }

    /// Starts it on a thread that outlives every test, because a runtime takes its child processes along when it ends.
    fn start(folder: &Path) -> Self {
        let (brand, data) = match Env::of_process().optional("ALTUS4_TEST_SERVER") {
            None | Some("mariadb") => (Brand::MariaDb, folder.join("mariadb")),
            Some("mysql") => (Brand::MySql { programs: folder.join("mysql-programs") }, folder.join("mysql")),
            Some(other) => panic!("ALTUS4_TEST_SERVER is {other:?}, which is neither mariadb nor mysql"),
        };
        let certificates = Certificates::fresh();
        let (identity, of_thread) = (certificates.identity(), brand.clone());
        let (started, waiting) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let server = Server::start(&of_thread, &data, Some(&identity)).await;
                let server = server.unwrap_or_else(|e| panic!("the server does not start: {}", chain(&e)));
                prepare(&server, &of_thread).await.expect("the server is prepared");
                started.send(server).expect("somebody waits");
                std::future::pending::<()>().await;
            });
        });
        Self { server: waiting.recv().expect("the server starts"), brand, certificates }
    }

    /// The server's port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Whose server it is.
    pub fn flavour(&self) -> Flavour {
        match self.brand {
            Brand::MariaDb => Flavour::MariaDb,
            Brand::MySql { .. } => Flavour::MySql,
        }
    }

    /// A new schema, and a user who may read it and nothing else. `{}` in the statements is not needed: they run in it.
    pub async fn schema(&'static self, statements: &[&str]) -> Schema {
        // A user of MySQL has a name of at most 32 characters.
        let name = format!("t_{:.30}", RequestId::fresh().to_string().replace('-', ""));
        let mut root = self.server.connect().await.expect("root connects");
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

    /// Lets its user in only with this.
    pub async fn require(&mut self, required: Required) {
        let what = match required {
            Required::Tls => "SSL",
            Required::ClientCertificate => "X509",
        };
        self.run(&format!("ALTER USER '{0}'@'127.0.0.1' REQUIRE {what}", self.name)).await;
    }

    /// How many connections its user has opened so far.
    pub async fn opened(&mut self) -> u64 {
        let sql = match self.server.brand {
            Brand::MariaDb => {
                "SELECT TOTAL_CONNECTIONS FROM information_schema.USER_STATISTICS WHERE USER = DATABASE()"
            }
            Brand::MySql { .. } => "SELECT TOTAL_CONNECTIONS FROM performance_schema.users WHERE USER = DATABASE()",
        };
        self.root.query_first(sql).await.expect("the statistics").unwrap_or(0)
    }

    /// How many statements its user has run. A server may count those of a connection when it is closed.
    pub async fn statements(&mut self) -> u64 {
        self.rests().await;
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

    /// Waits until the server has seen that all connections of its user are closed.
    pub async fn rests(&mut self) {
        let is_left_alone = comes_true(DEPARTURE_MAX, async || self.connections().await == 0).await;
        assert!(is_left_alone, "a connection was left behind");
    }

    async fn connections(&mut self) -> u64 {
        let sql = match self.server.brand {
            Brand::MariaDb => "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = DATABASE()",
            Brand::MySql { .. } => "SELECT COUNT(*) FROM performance_schema.processlist WHERE USER = DATABASE()",
        };
        self.root.query_first(sql).await.expect("the list").unwrap_or(0)
    }

    /// How many statements of its user are running that hold this text.
    pub async fn running(&mut self, text: &str) -> u64 {
        let list = match self.server.brand {
            Brand::MariaDb => "information_schema.PROCESSLIST",
            Brand::MySql { .. } => "performance_schema.processlist",
        };
        let sql = format!("SELECT COUNT(*) FROM {list} WHERE USER = DATABASE() AND INFO LIKE ?");
        self.root.exec_first(sql, (format!("%{text}%"),)).await.expect("the list").unwrap_or(0)
    }

    /// Whose server it is on.
    pub fn flavour(&self) -> Flavour {
        self.server.flavour()
    }
}

/// Removes what earlier runs have left, and lets the server count who connects, which MySQL always does.
async fn prepare(server: &Server, brand: &Brand) -> mysql_async::Result<()> {
    let mut root = server.connect().await?;
    if *brand == Brand::MariaDb {
        root.query_drop("SET GLOBAL userstat = ON").await?;
    }
    for (kind, listed) in [
        ("DATABASE", "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 't\\_%'"),
        ("USER", "SELECT CONCAT(User, '@', Host) FROM mysql.user WHERE User LIKE 't\\_%'"),
    ] {
        let left: Vec<String> = root.query(listed).await?;
        for name in left {
            root.query_drop(format!("DROP {kind} {name}")).await?;
        }
    }
    root.disconnect().await
}

/// The settings that a body like those of [`Schema::connection`] makes, for what is tested without HTTP.
pub fn settings(connection: &Value) -> Settings {
    let fields = json!({
        "name": connection["name"], "host": connection["host"], "port": connection["port"],
        "schema": connection["database"], "username": connection["username"], "tls": "off",
        "connection_options": {}, "search_options": {},
    });
    serde_json::from_value(fields).expect("a connection")
}
