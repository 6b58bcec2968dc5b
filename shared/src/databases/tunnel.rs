//! A way through a server of the owner's for a driver that takes an address and no stream, as MySQL's does: a port of
//! loopback, which takes as many connections as one of ours makes and closes with it.

use std::net::{Ipv4Addr, SocketAddr};

use russh::Channel;
use russh::client::Msg;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::bastion::Bastion;
use super::fault::{Fault, Reason};
use super::ssh::HostKey;

/// The most connections that one tunnel carries: that of the statements, and that which ends them (`KILL QUERY`).
const LINKS_MAX: usize = 2;

/// An open tunnel. It closes when this is dropped: the session is in a task of `tasks`, and every socket in another.
pub(super) struct Tunnel {
    /// Where it begins: on loopback, at a port of its own.
    pub(super) local: SocketAddr,
    /// The key that the server has shown.
    pub(super) host_key: HostKey,
    tasks: JoinSet<()>,
    /// Takes no more connections once this is gone.
    open: oneshot::Sender<()>,
}

impl Tunnel {
    /// Opens one through this server.
    ///
    /// The channel for the first connection is there when this returns, so that a server that does not reach the database
    /// is told from a database that does not answer.
    pub(super) async fn through(bastion: Bastion) -> Result<Self, Fault> {
        let first = bastion.channel().await?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(unexpected)?;
        let local = listener.local_addr().map_err(unexpected)?;
        let (open, closing) = oneshot::channel();
        let host_key = bastion.host_key.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(carry(listener, first, bastion, closing));
        Ok(Self { local, host_key, tasks, open })
    }

    /// Lets its connections come to their end, and returns when every socket is closed.
    pub(super) async fn close(self) {
        let Self { mut tasks, open, .. } = self;
        drop(open);
        tasks.join_next().await;
    }
}

/// Carries connections until no more may come and all of them are over.
async fn carry(listener: TcpListener, first: Channel<Msg>, bastion: Bastion, mut closing: oneshot::Receiver<()>) {
    let (mut links, mut first) = (JoinSet::new(), Some(first));
    for _ in 0..LINKS_MAX {
        let stream = tokio::select! {
            _ = &mut closing => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => break,
            },
        };
        let channel = match first.take() {
            Some(channel) => Ok(channel),
            None => bastion.channel().await,
        };
        // Without a channel the connection is closed, and the driver sees that.
        if let Ok(channel) = channel {
            links.spawn(link(stream, channel));
        }
    }
    drop((listener, first));
    while links.join_next().await.is_some() {}
    bastion.close().await;
}

async fn link(mut stream: TcpStream, channel: Channel<Msg>) {
    // Small packets go back and forth; an error ends the connection, and the driver sees that.
    let _ = stream.set_nodelay(true);
    let _ = copy_bidirectional(&mut stream, &mut channel.into_stream()).await;
}

/// This machine has no port left on loopback.
fn unexpected(_: std::io::Error) -> Fault {
    Reason::SshForward.alone()
}
