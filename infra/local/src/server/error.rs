//! Why a server did not start, and what to do about it.

use std::io;
use std::path::PathBuf;

use super::folder::Folder;
use super::programs::mysql::FetchError;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Neither on `PATH` nor where distributions put servers.
    #[error(
        "MariaDB is not installed: `apt-get install mariadb-server-core mariadb-client-core` brings it, and nothing of it needs to run"
    )]
    NotInstalled,
    /// The programs of MySQL are not there and can not be had.
    #[error("MySQL could not be fetched")]
    NotFetched(#[from] FetchError),
    /// The folder has a server already.
    #[error("another server is running in {}: stop it, or choose another folder", .0.display())]
    InUse(PathBuf),
    /// The folder cannot be made, read or written.
    #[error("the server's folder cannot be used")]
    Folder(#[source] io::Error),
    /// A program that is there does not start.
    #[error("the server's programs cannot be run")]
    Run(#[source] io::Error),
    /// Loopback has no port left.
    #[error("there is no free port on 127.0.0.1")]
    Port(#[source] io::Error),
    /// Other programs were faster, at every port that was tried.
    #[error("every free port was taken by another program before the server had it: start again")]
    PortTaken,
    /// The system tables could not be made.
    #[error("the server could not set up its data folder; its log says:\n{log}")]
    Initialise {
        /// The lines of the log that matter.
        log: String,
    },
    /// The server ended before it answered.
    #[error("the server ended at its start; its log says:\n{log}")]
    Ended {
        /// The lines of the log that matter.
        log: String,
    },
    /// The server runs and does not let us in.
    #[error("the server did not answer within a minute; its log says:\n{log}")]
    Silent {
        /// The lines of the log that matter.
        log: String,
    },
}

impl StartError {
    /// What a server that has ended wrote about it.
    pub(super) fn from_log(folder: &Folder) -> Self {
        let log = folder.last_words();
        if log.contains("Bind on TCP/IP port") { Self::PortTaken } else { Self::Ended { log } }
    }
}
