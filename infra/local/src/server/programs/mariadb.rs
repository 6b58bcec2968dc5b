//! MariaDB, where distributions put it.

use std::process::Stdio;

use tokio::process::Command;

use super::Programs;
use crate::server::{StartError, is_root};

/// Prints where both programs are, or fails. Servers lie in folders that are not on everybody's `PATH`.
const FIND: &str =
    "PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec; command -v mariadbd && command -v mariadb-install-db";

/// The first must come first: the machine's own configuration is none of ours.
const FLAGS: [&str; 2] = ["--no-defaults", "--innodb-log-file-size=48M"];

pub(super) async fn find() -> Result<Programs, StartError> {
    let found = Command::new("sh").args(["-c", FIND]).stdin(Stdio::null()).output().await.map_err(StartError::Run)?;
    let paths = String::from_utf8_lossy(&found.stdout);
    let [server, installer] = paths.lines().collect::<Vec<&str>>()[..] else { return Err(StartError::NotInstalled) };
    // Only root needs leave to run as root. The installer must not have this flag: it would take it for an order to
    // change owners, and then a blank in the folder's path is too much for it.
    let as_root = is_root().then_some("--user=root");
    let words = |program, more: Option<&'static str>| [program].into_iter().chain(FLAGS).chain(more).map(Into::into);
    Ok(Programs {
        server: words(server, as_root).collect(),
        installer: words(installer, Some("--skip-test-db")).collect(),
        statements_flag: "--extra-file=",
    })
}
