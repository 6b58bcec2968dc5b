use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use shared::config::Env;
use tokio::time::sleep;

use super::folder::random_secret;
use super::{Brand, Folder, Programs, Server, StartError, start_on};

/// A folder that goes away with the test; the space in its name must not matter to anybody.
pub(crate) struct TempFolder(pub(crate) PathBuf);

impl TempFolder {
    pub(crate) fn new() -> Self {
        Self(env::temp_dir().join(format!("altus4 server {}", random_secret().unwrap())))
    }

    /// The process id of the server in this folder.
    fn pid(&self) -> String {
        fs::read_to_string(self.0.join("data/server.pid")).unwrap().trim().to_owned()
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The server that the environment asks for, as in `tests/support/mysql.rs`, and with the same programs.
fn brand() -> Brand {
    if Env::of_process().optional("ALTUS4_TEST_SERVER") != Some("mysql") {
        return Brand::MariaDb;
    }
    let program = env::current_exe().unwrap();
    // The program is in `target/debug/deps`.
    Brand::MySql { programs: program.ancestors().nth(3).unwrap().join("tmp/mysql-programs") }
}

async fn start(folder: &Path) -> Result<Server, StartError> {
    Server::start(&brand(), folder, None).await
}

fn signal(name: &str, pid: &str) -> bool {
    Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\" 2>/dev/null", name, pid]).status().unwrap().success()
}

async fn ends(pid: &str) -> bool {
    for _ in 0..200 {
        if !signal("0", pid) {
            return true;
        }
        sleep(Duration::from_millis(50)).await;
    }
    false
}

async fn answer(server: &Server, statement: &str) -> Option<String> {
    let mut conn = server.connect().await.unwrap();
    let answer = conn.query_first(statement).await.unwrap();
    conn.disconnect().await.unwrap();
    answer
}

async fn refusal(folder: &Path) -> StartError {
    match start(folder).await {
        Ok(_) => panic!("the server started"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_server_starts_answers_and_is_gone_when_stop_returns() {
    let folder = TempFolder::new();
    let server = start(&folder.0).await.unwrap();
    let pid = folder.pid();
    assert_eq!(answer(&server, "SELECT @@character_set_server").await.unwrap(), "utf8mb4");
    assert_eq!(answer(&server, "SELECT CURRENT_USER()").await.unwrap(), "root@127.0.0.1");

    server.stop().await;

    assert!(!signal("0", &pid));
}

#[tokio::test]
async fn what_was_written_and_the_passwords_are_there_after_a_restart() {
    let folder = TempFolder::new();
    let first = start(&folder.0).await.unwrap();
    answer(&first, "CREATE DATABASE kept").await;
    let passwords = (first.root_password().to_owned(), first.secret("other").unwrap());
    first.stop().await;

    let second = start(&folder.0).await.unwrap();

    assert_eq!(answer(&second, "SHOW DATABASES LIKE 'kept'").await.unwrap(), "kept");
    assert_eq!((second.root_password().to_owned(), second.secret("other").unwrap()), passwords);
    second.stop().await;
}

#[tokio::test]
async fn a_server_that_is_dropped_leaves_no_process_and_the_folder_can_be_used_at_once() {
    let folder = TempFolder::new();
    let server = start(&folder.0).await.unwrap();
    let pid = folder.pid();

    drop(server);

    let next = start(&folder.0).await.unwrap();
    assert!(!signal("0", &pid));
    next.stop().await;
}

#[tokio::test]
async fn a_start_after_the_server_was_killed_recovers() {
    let folder = TempFolder::new();
    let server = start(&folder.0).await.unwrap();
    answer(&server, "CREATE DATABASE kept").await;
    let pid = folder.pid();
    assert!(signal("KILL", &pid));
    assert!(ends(&pid).await);

    let next = start(&folder.0).await.unwrap();

    assert_eq!(answer(&next, "SHOW DATABASES LIKE 'kept'").await.unwrap(), "kept");
    next.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_second_server_in_the_same_folder_is_refused_and_the_first_goes_on() {
    let folder = TempFolder::new();
    let server = start(&folder.0).await.unwrap();

    assert!(matches!(refusal(&folder.0).await, StartError::InUse(_)));

    assert_eq!(answer(&server, "SELECT 'alive'").await.unwrap(), "alive");
    server.stop().await;
}

#[tokio::test]
async fn an_interrupted_first_start_is_begun_anew() {
    let folder = TempFolder::new();
    fs::create_dir_all(folder.0.join("data.new/mysql")).unwrap();
    fs::write(folder.0.join("data.new/ibdata1"), "half of it").unwrap();
    fs::write(folder.0.join("account.sql"), "CREATE USER").unwrap();

    let server = start(&folder.0).await.unwrap();

    assert_eq!(answer(&server, "SELECT 'alive'").await.unwrap(), "alive");
    assert!(!folder.0.join("account.sql").exists());
    server.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_told_from_other_failures_and_those_carry_the_log() {
    let folder = TempFolder::new();
    start(&folder.0).await.unwrap().stop().await;
    let other = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = other.local_addr().unwrap().port();
    let programs = Programs::find(&brand()).await.unwrap();
    let opened = Folder::open(&folder.0).unwrap();
    let log = opened.lock().await.unwrap();

    let taken = start_on(port, &programs, &opened, &log, &[], "").await;
    drop(log);
    fs::remove_file(folder.0.join("data/ibdata1")).unwrap();
    let broken = refusal(&folder.0).await;

    assert!(matches!(taken, Err(StartError::PortTaken)));
    assert!(matches!(broken, StartError::Ended { log } if log.contains("InnoDB")));
}
