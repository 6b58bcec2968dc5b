//! Ways out: resolve once, refuse what may not be dialled, dial exactly the address that was checked.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::address::Policy;
use super::bastion::Bastion;
use super::credentials::SshCredentials;
use super::fault::{Fault, Reason};
use super::network::Network;
use super::settings::{Host, Port};
use super::ssh::{HostKey, Ssh};

/// The most addresses of one name that are tried, one after the other.
const ADDRESSES_MAX: usize = 8;

/// Finds ways to hosts that strangers name, and goes no others.
#[derive(Clone)]
pub struct Dialer {
    policy: Policy,
    network: Network,
}

/// A way to a server. It closes when this is dropped, with every connection that leads through an SSH server.
pub enum Road {
    /// By dialling one of these, all of which have been checked.
    Straight(Vec<SocketAddr>),
    /// Through a server of its owner's.
    Through(Bastion),
}

/// A connection at the end of a road.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Dialer {
    /// One that dials whom the policy allows.
    pub fn new(policy: Policy, network: Network) -> Self {
        Self { policy, network }
    }

    /// The way to this host. The rules for addresses hold for whom we dial: where there is an SSH server that is the one,
    /// and where the host is, it decides itself.
    pub async fn road(&self, host: &Host, port: Port, through: Option<(&Ssh, &SshCredentials)>) -> Result<Road, Fault> {
        let Some((ssh, credentials)) = through else {
            return Ok(Road::Straight(self.addresses(host, port).await?));
        };
        let addresses = self.addresses(&ssh.host, ssh.port).await.map_err(Fault::of_bastion)?;
        Ok(Road::Through(Bastion::open(ssh, credentials, &addresses, (host.bare(), port.get())).await?))
    }

    /// The addresses of a host: what is dialled is what was checked, because nobody asks for them a second time.
    async fn addresses(&self, host: &Host, port: Port) -> Result<Vec<SocketAddr>, Fault> {
        let found = self.network.resolve(host.bare()).await.map_err(|_| Reason::Dns.alone())?;
        if found.is_empty() {
            return Err(Reason::Dns.alone());
        }
        self.policy.check(&found).map_err(|_| Reason::Forbidden.alone())?;
        let dialled = found.into_iter().take(ADDRESSES_MAX).map(|address| SocketAddr::new(address, port.get()));
        let dialled: Vec<SocketAddr> = dialled.collect();
        self.network.before_dialling(&dialled).map_err(|_| Reason::Refused.alone())?;
        Ok(dialled)
    }
}

impl Road {
    /// One more connection to its end.
    pub async fn wire(&self) -> Result<Box<dyn Wire>, Fault> {
        match self {
            Self::Straight(addresses) => Ok(Box::new(connect(addresses).await.map_err(|error| Fault::of_io(&error))?)),
            Self::Through(bastion) => Ok(Box::new(bastion.channel().await?.into_stream())),
        }
    }

    /// The key that the SSH server has shown.
    pub fn host_key(&self) -> Option<&HostKey> {
        match self {
            Self::Straight(_) => None,
            Self::Through(bastion) => Some(&bastion.host_key),
        }
    }

    /// Returns when every socket of it is closed.
    pub async fn close(self) {
        if let Self::Through(bastion) = self {
            bastion.close().await;
        }
    }
}

/// Dials the first of these that accepts.
pub(super) async fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addresses).await?;
    // Small packets go back and forth. Without this they only take longer.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}
