//! A private MariaDB or MySQL server for the demo and the tests.
//!
//! Its data, its password and its log lie in one folder, it listens on loopback alone, and it ends with
//! this process, however this process ends. It reads no configuration of the machine and leaves a
//! server that runs there alone.

mod error;
mod folder;
mod identity;
mod initialise;
mod process;
mod programs;
#[cfg(test)]
pub(crate) mod tests;

use std::ffi::OsString;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mysql_async::{Conn, OptsBuilder};
use tokio::time::sleep;

pub use error::StartError;
use folder::{Folder, Log};
pub use identity::Identity;
use process::Process;
pub(crate) use process::is_root;
use programs::Programs;
pub use programs::mysql;

use crate::ports::free_port;

/// Between the choice of a free port and its use another program may take it; so often we choose again.
const PORTS_TRIED: usize = 5;

/// Crash recovery of a loaded demo takes a few seconds on a slow disk; a minute is never reached in good order.
const START_MAX: Duration = Duration::from_mins(1);

const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Whose server it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brand {
    /// MariaDB, as the machine has it installed.
    MariaDb,
    /// Oracle's MySQL, which is fetched and not installed.
    MySql {
        /// The folder that its programs are in. They are fetched at the first start of all, and used ever after.
        programs: PathBuf,
    },
}

/// A running server. Dropping it stops the server too, only without waiting for the end.
pub struct Server {
    folder: Folder,
    process: Process,
    port: u16,
    root_password: String,
}

impl Server {
    /// Starts a server with its data under `folder`, which is made and filled at the first start. It offers TLS with this
    /// identity; without one MariaDB offers none, and MySQL signs its own.
    pub async fn start(brand: &Brand, folder: &Path, identity: Option<&Identity>) -> Result<Self, StartError> {
        let programs = Programs::find(brand).await?;
        let folder = Folder::open(folder)?;
        let log = folder.lock().await?;
        let flags = identity.map_or(Ok(Vec::new()), |identity| identity.write(&folder)).map_err(StartError::Folder)?;
        let root_password = folder.secret("root-password").map_err(StartError::Folder)?;
        if !folder.is_initialised() {
            initialise::run(&programs, &folder, &log, &root_password).await?;
        }

        let mut tries = PORTS_TRIED;
        loop {
            tries -= 1;
            let port = free_port().map_err(StartError::Port)?;
            match start_on(port, &programs, &folder, &log, &flags, &root_password).await {
                Err(StartError::PortTaken) if tries > 0 => {}
                Err(error) => return Err(error),
                Ok(process) => return Ok(Self { folder, process, port, root_password }),
            }
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The password of `root`, made at the first start and kept in a file that only its owner reads.
    pub fn root_password(&self) -> &str {
        &self.root_password
    }

    /// Opens a connection as `root`.
    pub async fn connect(&self) -> mysql_async::Result<Conn> {
        dial(self.port, &self.root_password).await
    }

    /// The password of that name, made at the first call and kept beside the data.
    pub fn secret(&self, name: &str) -> io::Result<String> {
        self.folder.secret(name)
    }

    /// Shuts the server down in good order and waits until it has ended.
    pub async fn stop(self) {
        self.process.stop().await;
    }
}

/// Starts the server on this port and waits until it answers.
async fn start_on(
    port: u16,
    programs: &Programs,
    folder: &Folder,
    log: &Log,
    flags: &[OsString],
    root_password: &str,
) -> Result<Process, StartError> {
    log.clear()?;
    let mut process = Process::spawn(programs, folder, log, flags, port)?;
    tokio::select! {
        () = answers(port, root_password) => Ok(process),
        () = process.exited() => Err(StartError::from_log(folder)),
        () = sleep(START_MAX) => Err(StartError::Silent { log: folder.last_words() }),
    }
}

/// Asks until the server answers. A refusal is no answer either: on a port that was snatched from us
/// some other server refuses our password, and our own will end and say so.
async fn answers(port: u16, root_password: &str) {
    loop {
        if let Ok(conn) = dial(port, root_password).await
            && conn.disconnect().await.is_ok()
        {
            return;
        }
        sleep(POLL_INTERVAL).await;
    }
}

async fn dial(port: u16, root_password: &str) -> mysql_async::Result<Conn> {
    let options = OptsBuilder::default()
        .ip_or_hostname(Ipv4Addr::LOCALHOST.to_string())
        .tcp_port(port)
        .user(Some("root"))
        .pass(Some(root_password))
        // The socket's path means something in the server's own folder only.
        .prefer_socket(false);
    #[expect(clippy::disallowed_methods, reason = "the connector is for databases of users, and refuses loopback")]
    Conn::new(options).await
}
