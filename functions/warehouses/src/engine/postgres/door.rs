//! The way in: a connection, and TLS on it as it was wished for.

use std::io;

use shared::databases::{HostKey, Road, Wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::engine::tls::{encrypted, unverified, verified};
use crate::engine::{Refusal, Server, TlsWish};

/// Asks whether there is TLS (PostgreSQL manual, `SSLRequest` in "Message Formats").
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Where a server is entered, as often as is needed: to ask it, and to stop it.
pub(super) struct Door {
    road: Road,
    name: String,
    tls: TlsWish,
}

/// A connection on which nobody has logged in yet.
pub(super) struct Entered {
    pub(super) wire: Box<dyn Wire>,
    /// Whether nobody in between can read it.
    pub(super) is_verified: bool,
}

impl Door {
    pub(super) fn new(road: Road, server: &Server) -> Self {
        Self { road, name: server.host.bare().to_owned(), tls: server.tls.clone() }
    }

    pub(super) fn host_key(&self) -> Option<&HostKey> {
        self.road.host_key()
    }

    pub(super) async fn close(self) {
        self.road.close().await;
    }

    /// Connects. TLS is spoken to the name that the database has, wherever the way leads through.
    pub(super) async fn enter(&self) -> Result<Entered, Refusal> {
        let mut wire = self.road.wire().await?;
        let (config, is_verified) = match &self.tls {
            TlsWish::Off => return Ok(Entered { wire, is_verified: false }),
            TlsWish::IfOffered => (unverified()?, false),
            TlsWish::Verified { ca } => (verified(ca.as_ref())?, true),
        };
        match offer(&mut wire).await.map_err(|_| Refusal::Protocol)? {
            b'S' => Ok(Entered { wire: encrypted(wire, &self.name, config).await?, is_verified }),
            b'N' if is_verified => Err(Refusal::Tls),
            b'N' => Ok(Entered { wire, is_verified }),
            _ => Err(Refusal::Protocol),
        }
    }
}

/// What the server says to TLS: one byte, and no more is read, because whatever comes after it is not encrypted yet.
async fn offer(wire: &mut Box<dyn Wire>) -> io::Result<u8> {
    wire.write_all(&SSL_REQUEST).await?;
    wire.flush().await?;
    wire.read_u8().await
}
