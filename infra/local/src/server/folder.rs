//! The folder of one server: its data, its secrets, and its log, which is the lock as well.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use aws_lc_rs::rand;
use data_encoding::HEXLOWER;
use tokio::time::sleep;

use super::StartError;

/// A server whose parent was killed needs a moment to shut down; whoever starts anew at once gets that moment.
const LOCK_TRIES: u32 = 50;
const LOCK_INTERVAL: Duration = Duration::from_millis(100);

/// As much of the log as an error shows.
const LAST_WORDS_LINES: usize = 15;

pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, StartError> {
        // The data holds what the tables hold, so nobody else may look inside.
        let make = |path: &Path| DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(StartError::Folder);
        make(path)?;
        let folder = Self { path: path.canonicalize().map_err(StartError::Folder)? };
        make(&folder.temporary())?;
        Ok(folder)
    }

    /// Takes the folder for this server, or says that another one has it.
    pub(super) async fn lock(&self) -> Result<Log, StartError> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(self.file("server.log"))
            .map_err(StartError::Folder)?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Log { file }),
                Err(TryLockError::WouldBlock) => sleep(LOCK_INTERVAL).await,
                Err(TryLockError::Error(error)) => return Err(StartError::Folder(error)),
            }
        }
        Err(StartError::InUse(self.path.clone()))
    }

    pub(super) fn data(&self) -> PathBuf {
        self.file("data")
    }

    /// A starting server sweeps its `TMPDIR` of temporary tables, those of all other servers included.
    /// So each has its own. (Its flag for that would be torn apart by the installer at a blank.)
    pub(super) fn temporary(&self) -> PathBuf {
        self.file("tmp")
    }

    pub(super) fn is_initialised(&self) -> bool {
        self.data().exists()
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The secret of that name. It appears whole or not at all, so an interrupted start leaves no half of one.
    pub(super) fn secret(&self, name: &str) -> io::Result<String> {
        let path = self.file(name);
        match fs::read_to_string(&path) {
            Ok(secret) => Ok(secret),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secret = random_secret()?;
                let new = self.file(&format!("{name}.new"));
                write_private(&new, &secret)?;
                fs::rename(new, path)?;
                Ok(secret)
            }
            Err(error) => Err(error),
        }
    }

    /// What the log says about a failure: its errors, or its end when it calls nothing an error.
    pub(super) fn last_words(&self) -> String {
        let log = fs::read(self.file("server.log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let mut lines: Vec<&str> = log.lines().filter(|line| line.contains("ERROR")).collect();
        if lines.is_empty() {
            lines = log.lines().collect();
        }
        lines[lines.len().saturating_sub(LAST_WORDS_LINES)..].join("\n")
    }
}

/// The log that a server and its installer write to. Its lock goes with the open file into these
/// processes, so the folder is taken for as long as one of them lives, and no longer: a server that
/// was killed leaves nothing behind that would need to be cleaned up.
pub(super) struct Log {
    file: File,
}

impl Log {
    /// Empties the log, so that it tells of one start only.
    pub(super) fn clear(&self) -> Result<(), StartError> {
        self.file.set_len(0).map_err(StartError::Folder)
    }

    /// The log as the output of a process.
    pub(super) fn output(&self) -> Result<Stdio, StartError> {
        self.file.try_clone().map(Stdio::from).map_err(StartError::Folder)
    }
}

/// Writes a file that only its owner reads.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}

/// Removes a folder with all that is in it, if it is there.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Hexadecimal, so that it may stand in a statement as it is.
pub(super) fn random_secret() -> io::Result<String> {
    let mut bytes = [0; 24];
    rand::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(HEXLOWER.encode(&bytes))
}
