//! Where the driver comes in: it takes a name and no stream.

use std::io;

use tokio::net::{UnixListener, UnixStream};

use crate::id::RequestId;

/// A socket of this machine with a name in no folder, which leaves nothing behind (Linux manual, `unix(7)`, "Abstract
/// sockets"). Others may read the name; who comes in is asked for.
pub(super) struct Socket {
    listener: UnixListener,
    name: String,
}

impl Socket {
    /// One of its own.
    pub(super) fn open() -> io::Result<Self> {
        let name = format!("\0altus4-{}", RequestId::fresh());
        Ok(Self { listener: UnixListener::bind(&name)?, name })
    }

    /// What the driver is told to connect to.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The driver's end, and nobody's after it: the first that comes from this process.
    pub(super) async fn accept(self) -> io::Result<UnixStream> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            if stream.peer_cred()?.pid().is_some_and(|pid| u32::try_from(pid) == Ok(std::process::id())) {
                return Ok(stream);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn one_connection_comes_in_and_the_name_is_gone() {
        let socket = Socket::open().unwrap();
        let name = socket.name().to_owned();
        let mut driver = UnixStream::connect(&name).await.unwrap();
        let mut accepted = socket.accept().await.unwrap();
        accepted.write_all(b"in").await.unwrap();
        let mut heard = [0; 2];
        driver.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"in");
        assert_eq!(UnixStream::connect(&name).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }

    #[tokio::test]
    async fn a_stranger_is_not_let_in_before_the_driver() {
        let socket = Socket::open().unwrap();
        let name = socket.name().to_owned();
        // Another process, of the same user and with the same name.
        let script = r#"socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, pack_sockaddr_un("\0$ARGV[0]")); print sysread(S, $_, 9)"#;
        let mut stranger = std::process::Command::new("perl");
        let stranger = stranger.args(["-MSocket", "-e", script, &name[1..]]).stdout(std::process::Stdio::piped());
        let stranger = stranger.spawn().unwrap();
        let told = tokio::task::spawn_blocking(move || stranger.wait_with_output().unwrap());
        let accepted = tokio::spawn(socket.accept());
        assert_eq!(told.await.unwrap().stdout, b"0", "it hears nothing, and is hung up on");
        let _driver = UnixStream::connect(&name).await.unwrap();
        accepted.await.unwrap().unwrap();
    }
}
