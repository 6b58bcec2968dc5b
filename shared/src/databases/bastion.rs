//! A server of an owner's that accepts SSH and reaches the database: what is opened there, and closed again.

mod handshake;
mod key;
mod login;

use std::net::{Ipv4Addr, SocketAddr};

use russh::client::Msg;
use russh::{Channel, Error, client};
use tokio::task::JoinSet;

use super::credentials::SshCredentials;
use super::fault::{Fault, Reason};
use super::ssh::{HostKey, Ssh};
use handshake::Verifier;
use login::Secret;

/// An open session, and where it leads. It closes when this is dropped: its socket is in a task of `tasks`.
pub struct Bastion {
    /// The key that the server has shown.
    pub(super) host_key: HostKey,
    session: client::Handle<Verifier>,
    tasks: JoinSet<()>,
    /// The database, as the server sees it.
    host: String,
    port: u16,
}

impl Bastion {
    /// Logs in to the server at one of `addresses`, all of which have been checked, on the way to the host and port `to`.
    ///
    /// How long it may take is the caller's affair: what is dropped on the way leaves nothing behind.
    pub(super) async fn open(
        ssh: &Ssh,
        credentials: &SshCredentials,
        addresses: &[SocketAddr],
        to: (&str, u16),
    ) -> Result<Self, Fault> {
        let secret = Secret::read(credentials).await?;
        let mut tasks = JoinSet::new();
        let (mut session, host_key) = handshake::shake(ssh, addresses, &mut tasks).await?;
        login::log_in(&mut session, ssh.username.as_str(), secret).await?;
        Ok(Self { host_key, session, tasks, host: to.0.to_owned(), port: to.1 })
    }

    /// One more connection to the database.
    pub(super) async fn channel(&self) -> Result<Channel<Msg>, Fault> {
        let from = Ipv4Addr::LOCALHOST.to_string();
        let opened = self.session.channel_open_direct_tcpip(self.host.clone(), u32::from(self.port), from, 0).await;
        opened.map_err(|error| match error {
            Error::ChannelOpenFailure(_) => Reason::SshForward.alone(),
            _ => Reason::SshProtocol.alone(),
        })
    }

    /// Returns when the socket is closed.
    pub(super) async fn close(mut self) {
        self.tasks.shutdown().await;
    }
}
