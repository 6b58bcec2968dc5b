//! The server as a process that cannot outlive us.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;

use tokio::process::{Child, ChildStdin, Command};

use super::StartError;
use super::folder::{Folder, Log};
use super::programs::Programs;

/// Runs the server and watches over it. The standard input of this script is a pipe whose other end we
/// hold and never write to: `read` returns when that end closes, and the kernel closes it however we end,
/// by SIGKILL as well. Then the server is told to shut down. When the server ends by itself, so does the
/// script, with the server's status.
const SUPERVISOR: &str = r#"
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{ read -r _ <&3; kill -TERM "$server"; } >/dev/null 2>&1 &
watcher=$!
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
"#;

pub(super) struct Process {
    supervisor: Child,
    /// Our end of the pipe: the server lives as long as it is open.
    leash: Option<ChildStdin>,
}

impl Process {
    pub(super) fn spawn(
        programs: &Programs,
        folder: &Folder,
        log: &Log,
        flags: &[OsString],
        port: u16,
    ) -> Result<Self, StartError> {
        let mut supervisor = Command::new("sh")
            .args(["-c", SUPERVISOR, "supervisor"])
            .args(&programs.server)
            .args(common_flags(&folder.data()))
            .args(SERVER_FLAGS)
            .args(flags)
            .arg(format!("--port={port}"))
            .env("TMPDIR", folder.temporary())
            // Ctrl-C goes to the whole group of the terminal. In a group of its own the server survives
            // it, and we can still write before we shut it down.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(log.output()?)
            .stderr(log.output()?)
            .spawn()
            .map_err(StartError::Run)?;
        let leash = supervisor.stdin.take();
        Ok(Self { supervisor, leash })
    }

    /// Returns when the server has ended by itself.
    pub(super) async fn exited(&mut self) {
        // Waiting fails only for a process that is gone.
        drop(self.supervisor.wait().await);
    }

    pub(super) async fn stop(mut self) {
        drop(self.leash.take());
        self.exited().await;
    }
}

/// What the installer and the server have to agree on, whatever the brand.
pub(super) fn common_flags(data: &Path) -> [OsString; 2] {
    [flag("--datadir=", data), "--skip-name-resolve".into()]
}

/// The command of these words, of which the first is a program.
pub(super) fn command(words: &[OsString]) -> Command {
    let mut words = words.iter();
    let mut command = Command::new(words.next().map_or_else(OsString::new, Clone::clone));
    command.args(words);
    command
}

/// A flag whose value is a path, which need not be UTF-8.
pub(super) fn flag(name: &str, path: &Path) -> OsString {
    let mut flag = OsString::from(name);
    flag.push(path);
    flag
}

const SERVER_FLAGS: &[&str] = &[
    "--bind-address=127.0.0.1",
    "--skip-networking=0",
    "--max-connections=500",
    // Relative to the data folder: the path of a socket has room for about a hundred bytes, a folder's path may be longer.
    "--socket=server.sock",
    "--pid-file=server.pid",
    "--character-set-server=utf8mb4",
    "--local-infile=0",
    "--skip-log-bin",
    "--innodb-buffer-pool-size=256M",
    // A second of writes may be lost when the machine loses power, none when only the server is killed.
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-buffer-pool-dump-at-shutdown=0",
    "--innodb-buffer-pool-load-at-startup=0",
];

/// Whether this process runs as root, told by the owner of its entry in `/proc`. Where there is no
/// `/proc` it counts as nobody special, and the server itself will say what it needs.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}
