//! A way to a server that a test can hold up.

use std::net::Ipv4Addr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A proxy on a port of its own. While it is held, nothing passes and nobody is turned away.
pub struct Proxy {
    port: u16,
    held: watch::Sender<bool>,
    lost: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A proxy to this port of loopback.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let own = listener.local_addr().expect("an address").port();
        let (held, is_held) = watch::channel(false);
        let (lost, mut is_lost) = watch::channel(());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("the server");
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                // What was lost before is of no concern to a new connection.
                is_lost.mark_unchanged();
                let (from, to) = (is_lost.clone(), is_lost.clone());
                tokio::spawn(unless_lost(from, pass(from_client, to_server, is_held.clone())));
                tokio::spawn(unless_lost(to, pass(from_server, to_client, is_held.clone())));
            }
        });
        Self { port: own, held, lost, task }
    }

    /// The proxy's own port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets nothing through until `release`.
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    /// Loses every connection that is open, and tells nobody: what is sent on them goes nowhere. New ones pass.
    pub fn lose(&self) {
        self.lost.send_replace(());
    }

    /// Goes away: whoever comes now is refused.
    pub async fn close(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    /// Lets everything through again.
    pub fn release(&self) {
        self.held.send_replace(false);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One direction, until its connection is lost, and then nothing for as long as there is the proxy.
async fn unless_lost(mut lost: watch::Receiver<()>, pass: impl Future<Output = ()>) {
    tokio::pin!(pass);
    tokio::select! {
        () = &mut pass => {}
        Ok(()) = lost.changed() => drop(lost.wait_for(|()| false).await),
    }
}

/// One direction, until either side ends.
async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut held: watch::Receiver<bool>) {
    let mut buffer = [0; 16_384];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        if read == 0 || held.wait_for(|held| !held).await.is_err() || to.write_all(&buffer[..read]).await.is_err() {
            let _ = to.shutdown().await;
            return;
        }
    }
}
