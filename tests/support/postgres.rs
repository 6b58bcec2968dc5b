//! One PostgreSQL for all tests of a run, and a database of its own for each. `./dev postgresql` fetches it.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use local::ports::free_port;
use secrecy::SecretString;
use shared::databases::{Host, Port, Username};
use shared::id::RequestId;
use tokio::net::TcpStream;
use tokio_postgres::{Client, Config, NoTls};
use warehouses::engine::{Server, TlsWish};

use crate::certificates::Certificates;
use crate::fetched::fetched;
use crate::nobody;
use crate::patience::{DEPARTURE_MAX, comes_true};

/// The password of everybody.
const PASSWORD: &str = "read only";

/// Who may come, and how: what stands first holds.
const LOGINS: &str = "\
    hostnossl all +tls_logins 127.0.0.1/32 reject\n\
    host all +clear_logins 127.0.0.1/32 password\n\
    host all +md5_logins 127.0.0.1/32 md5\n\
    host all all 127.0.0.1/32 scram-sha-256\n";

/// How long it may take to start.
const START_MAX: Duration = Duration::from_mins(1);

/// The server.
pub struct TestPostgres {
    port: u16,
    log: PathBuf,
    /// What it proves itself with to those that come by TLS, and what goes with it.
    pub certificates: Certificates,
}

/// What a user has to bring, or how the server asks for the password.
#[derive(Debug, Clone, Copy)]
pub enum Demanded {
    /// TLS.
    Tls,
    /// The password in clear.
    ClearPassword,
    /// The password as PostgreSQL had it hashed before its version 10.
    Md5,
}

/// A database of one test, and a user who may read what is in it and nothing else.
pub struct PostgresDatabase {
    server: &'static TestPostgres,
    /// Its name, and that of its user.
    pub name: String,
    admin: Client,
}

impl TestPostgres {
    /// The server of this run, started by the first test that asks. It ends with the process.
    pub fn shared(folder: &'static str) -> &'static Self {
        static SHARED: OnceLock<TestPostgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Path::new(folder)))
    }

    /// Starts it on a thread that outlives every test, because it ends with the thread that has started it.
    fn start(folder: &Path) -> Self {
        let certificates = Certificates::fresh();
        let home = folder.join("postgresql");
        let lock = File::create(folder.join("postgresql.lock")).expect("a lock");
        let (identity, of_thread) = (certificates.identity(), home.clone());
        let (started, waiting) = mpsc::channel();
        std::thread::spawn(move || {
            // Another process of tests may have the folder.
            lock.lock().expect("the folder");
            make(&of_thread, &identity.certificate, &identity.key);
            let port = free_port().expect("a free port");
            let mut process = spawn(&of_thread, port);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(prepare(port, &of_thread));
            started.send(port).expect("somebody waits");
            drop(runtime);
            // It lives for as long as this thread does, and has the folder for as long.
            process.wait().expect("it ends");
            drop(lock);
        });
        Self { port: waiting.recv().expect("the server starts"), log: home.join("log"), certificates }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A new database, after these statements.
    pub async fn database(&'static self, statements: &[&str]) -> PostgresDatabase {
        let name = format!("t_{:.30}", RequestId::fresh().to_string().replace('-', ""));
        let server = connect(self.port, "postgres").await.expect("the server answers");
        for statement in [
            format!("CREATE DATABASE {name}"),
            format!("CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'"),
            format!("ALTER ROLE {name} SET log_statement = 'all'"),
        ] {
            server.batch_execute(&statement).await.expect("the database is made");
        }
        let admin = connect(self.port, &name).await.expect("the database answers");
        let database = PostgresDatabase { server: self, name, admin };
        for what in ["SELECT ON TABLES", "USAGE ON SCHEMAS"] {
            database.run(&format!("ALTER DEFAULT PRIVILEGES GRANT {what} TO {}", database.name)).await;
        }
        for statement in statements {
            database.run(statement).await;
        }
        database
    }
}

impl PostgresDatabase {
    /// The password of its user.
    pub const PASSWORD: &'static str = PASSWORD;

    /// Runs statements in it that may do everything.
    pub async fn run(&self, statements: &str) {
        self.admin.batch_execute(statements).await.unwrap_or_else(|e| panic!("{e:?} in {statements}"));
    }

    /// The number that a statement which may do everything finds.
    pub async fn number(&self, statement: &str) -> i64 {
        self.admin.query_one(statement, &[]).await.unwrap_or_else(|e| panic!("{e:?} in {statement}")).get(0)
    }

    /// Lets its user in only so.
    pub async fn demand(&self, demanded: Demanded) {
        let name = &self.name;
        let group = match demanded {
            Demanded::Tls => "tls_logins",
            Demanded::ClearPassword => "clear_logins",
            Demanded::Md5 => {
                self.run(&format!("SET password_encryption = md5; ALTER ROLE {name} PASSWORD '{PASSWORD}'")).await;
                "md5_logins"
            }
        };
        self.run(&format!("GRANT {group} TO {name}")).await;
    }

    /// Where it is, with what opens it.
    pub fn server(&self) -> Server {
        Server {
            host: Host::try_from("127.0.0.1".to_owned()).expect("a host"),
            port: Port::try_from(u64::from(self.server.port)).expect("a port"),
            user: Username::try_from(self.name.clone()).expect("a name"),
            password: SecretString::from(PASSWORD),
            database: Some(self.name.clone()),
            schemas: Vec::new(),
            tls: TlsWish::Off,
        }
    }

    /// How many statements its user has run.
    pub fn statements(&self) -> usize {
        let log = fs::read_to_string(&self.server.log).expect("the log");
        let beginning = format!("user={} LOG:  ", self.name);
        let is_statement = |line: &&str| {
            line.strip_prefix(&beginning)
                .is_some_and(|said| said.starts_with("statement") || said.starts_with("execute"))
        };
        log.lines().filter(is_statement).count()
    }

    /// Waits until the server has seen that all connections of its user are closed.
    pub async fn rests(&self) {
        let is_left_alone = comes_true(DEPARTURE_MAX, async || self.connections().await == 0).await;
        assert!(is_left_alone, "a connection was left behind");
    }

    /// How many connections its user has to the server at this moment.
    pub async fn connections(&self) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM pg_stat_activity WHERE usename = '{}'", self.name)).await
    }
}

/// Makes a new folder of the server, with its data.
fn make(home: &Path, certificate: &str, key: &str) {
    if home.exists() {
        fs::remove_dir_all(home).expect("an old folder is removed");
    }
    fs::create_dir_all(home).expect("a folder");
    for (name, text) in
        [("certificate.pem", certificate), ("key.pem", key), ("logins", LOGINS), ("password", PASSWORD), ("log", "")]
    {
        fs::write(home.join(name), text).expect("a file");
        nobody::own(&home.join(name));
    }
    let of_owner = fs::Permissions::from_mode(0o600);
    fs::set_permissions(home.join("key.pem"), of_owner).expect("a key is its owner's");
    nobody::own(home);
    let mut command = program("initdb");
    command.arg("--pgdata").arg(home.join("data")).arg("--pwfile").arg(home.join("password"));
    command.args(["--username", "postgres", "--encoding", "UTF8", "--locale", "C", "--no-sync"]);
    let said = command.output().expect("initdb runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

fn spawn(home: &Path, port: u16) -> Child {
    let path = |name: &str| home.join(name).display().to_string();
    let mut command = program("postgres");
    command.arg("-D").arg(home.join("data"));
    for setting in [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        format!("hba_file={}", path("logins")),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", path("certificate.pem")),
        format!("ssl_key_file={}", path("key.pem")),
        "log_line_prefix=user=%u ".to_owned(),
        "fsync=off".to_owned(),
        // The compiler would be another 100 MB to fetch.
        "jit=off".to_owned(),
    ] {
        command.arg("-c").arg(setting);
    }
    let log = File::options().append(true).open(home.join("log")).expect("the log");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("postgres runs")
}

/// A program of the server's, which refuses to be root.
fn program(name: &str) -> Command {
    let fetched = PathBuf::from(fetched("postgresql").expect("./dev postgresql fetches it"));
    let versions = fs::read_dir(fetched.join("usr/lib/postgresql")).expect("the programs");
    let version = versions.map(|entry| entry.expect("an entry").path()).next().expect("a version");
    let libraries = fetched.join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH));
    let mut command = nobody::command("INT");
    command.arg(version.join("bin").join(name)).env("LD_LIBRARY_PATH", libraries);
    command
}

/// Waits until it answers, and makes the groups of those who come in special ways.
async fn prepare(port: u16, home: &Path) {
    let mut admin = None;
    let is_there = async || {
        admin = connect(port, "postgres").await;
        admin.is_some()
    };
    let has_started = comes_true(START_MAX, is_there).await;
    assert!(has_started, "postgres does not start: {}", fs::read_to_string(home.join("log")).expect("the log"));
    let groups = "CREATE ROLE tls_logins; CREATE ROLE clear_logins; CREATE ROLE md5_logins";
    admin.expect("it is there").batch_execute(groups).await.expect("the groups are made");
}

/// A connection that may do everything; none while there is no server.
async fn connect(port: u16, database: &str) -> Option<Client> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    let mut config = Config::new();
    config.user("postgres").password(PASSWORD).dbname(database);
    let (client, connection) = config.connect_raw(stream, NoTls).await.ok()?;
    tokio::spawn(connection);
    Some(client)
}
