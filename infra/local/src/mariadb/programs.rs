//! Where the server's programs are.

use std::process::Stdio;

use tokio::process::Command;

use super::StartError;

/// Prints where both programs are, or fails. Servers lie in folders that are not on everybody's `PATH`.
const FIND: &str =
    "PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec; command -v mariadbd && command -v mariadb-install-db";

pub(super) struct Programs {
    server: String,
    installer: String,
}

impl Programs {
    pub(super) async fn find() -> Result<Self, StartError> {
        let found =
            Command::new("sh").args(["-c", FIND]).stdin(Stdio::null()).output().await.map_err(StartError::Run)?;
        let paths = String::from_utf8_lossy(&found.stdout);
        match paths.lines().collect::<Vec<&str>>().as_slice() {
            [server, installer] if found.status.success() => {
                Ok(Self { server: (*server).to_owned(), installer: (*installer).to_owned() })
            }
            _ => Err(StartError::NotInstalled),
        }
    }

    pub(super) fn server(&self) -> &str {
        &self.server
    }

    pub(super) fn installer(&self) -> Command {
        Command::new(&self.installer)
    }
}
