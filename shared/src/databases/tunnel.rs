//! A way to a database through a server of its owner's, by SSH.
//!
//! The driver of MySQL takes an address and no stream. So a tunnel begins at a port of loopback, which takes as many
//! connections as one of ours makes and closes with it.

mod handshake;
mod key;
mod login;

use std::net::{Ipv4Addr, SocketAddr};

use russh::client::Msg;
use russh::{Channel, Error, client};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::credentials::SshCredentials;
use super::fault::{Fault, Reason};
use super::ssh::{HostKey, Ssh};
use handshake::Verifier;
use login::Secret;

/// The most connections that one tunnel carries: that of the statements, and that which ends them (`KILL QUERY`).
const LINKS_MAX: usize = 2;

/// An open tunnel. It closes when this is dropped: every task of it is in `tasks`, and every socket in a task.
pub(super) struct Tunnel {
    /// Where it begins: on loopback, at a port of its own.
    pub(super) local: SocketAddr,
    /// The key that the server has shown.
    pub(super) host_key: HostKey,
    tasks: JoinSet<()>,
    /// Takes no more connections once this is gone.
    open: oneshot::Sender<()>,
}

/// Where a tunnel ends: the database, as the server sees it.
struct End {
    host: String,
    port: u16,
}

/// Opens a tunnel to `to` through the server at one of `addresses`, all of which have been checked.
///
/// The channel for the first connection is there when this returns, so that a server that does not reach the database is
/// told from a database that does not answer. How long all of it may take is the caller's affair: what is dropped on the
/// way leaves nothing behind.
pub(super) async fn open(
    ssh: &Ssh,
    credentials: &SshCredentials,
    addresses: &[SocketAddr],
    to: (&str, u16),
) -> Result<Tunnel, Fault> {
    let secret = Secret::read(credentials).await?;
    let mut tasks = JoinSet::new();
    let (mut session, host_key) = handshake::shake(ssh, addresses, &mut tasks).await?;
    login::log_in(&mut session, ssh.username.as_str(), secret).await?;
    let end = End { host: to.0.to_owned(), port: to.1 };
    let first = end.channel(&session).await.map_err(|error| of_forward(&error))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(unexpected)?;
    let local = listener.local_addr().map_err(unexpected)?;
    let (open, closing) = oneshot::channel();
    tasks.spawn(carry(listener, first, session, end, closing));
    Ok(Tunnel { local, host_key, tasks, open })
}

impl Tunnel {
    /// Lets its connections come to their end, and returns when every socket is closed.
    pub(super) async fn close(self) {
        let Self { mut tasks, open, .. } = self;
        drop(open);
        // The first task to end is that of the connections, unless the server has gone already.
        tasks.join_next().await;
        tasks.shutdown().await;
    }
}

impl End {
    async fn channel(&self, session: &client::Handle<Verifier>) -> Result<Channel<Msg>, Error> {
        let from = Ipv4Addr::LOCALHOST.to_string();
        session.channel_open_direct_tcpip(self.host.clone(), u32::from(self.port), from, 0).await
    }
}

/// Carries connections until no more may come and all of them are over.
async fn carry(
    listener: TcpListener,
    first: Channel<Msg>,
    session: client::Handle<Verifier>,
    end: End,
    mut closing: oneshot::Receiver<()>,
) {
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
            None => end.channel(&session).await,
        };
        // Without a channel the connection is closed, and the driver sees that.
        if let Ok(channel) = channel {
            links.spawn(link(stream, channel));
        }
    }
    drop((listener, first));
    while links.join_next().await.is_some() {}
}

async fn link(mut stream: TcpStream, channel: Channel<Msg>) {
    // Small packets go back and forth; an error ends the connection, and the driver sees that.
    let _ = stream.set_nodelay(true);
    let _ = copy_bidirectional(&mut stream, &mut channel.into_stream()).await;
}

fn of_forward(error: &Error) -> Fault {
    match error {
        Error::ChannelOpenFailure(_) => Reason::SshForward.alone(),
        _ => Reason::SshProtocol.alone(),
    }
}

/// This machine has no port left on loopback.
fn unexpected(_: std::io::Error) -> Fault {
    Reason::SshForward.alone()
}
