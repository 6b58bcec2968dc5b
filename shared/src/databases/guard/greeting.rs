//! What is said before a login: what the server offers, and what the driver takes of it (MySQL manual,
//! `Protocol::HandshakeV10` and `Protocol::HandshakeResponse41`).

use tokio::io::{AsyncRead, AsyncReadExt};

use super::exchange::Dialect;
use super::packet::{Header, Packet};
use crate::databases::fault::{Fault, Reason};

/// `CLIENT_*` flags (MySQL manual, "Capabilities Flags").
const LONG_PASSWORD: u32 = 0x0000_0001;
const SSL: u32 = 0x0000_0800;
const DEPRECATE_EOF: u32 = 0x0100_0000;

/// `MARIADB_CLIENT_CACHE_METADATA`, of the further flags that MariaDB has where it leaves out `CLIENT_LONG_PASSWORD` (MariaDB
/// manual, "Connecting" of the protocol).
const CACHE_METADATA: u32 = 0x0000_0010;

/// The version of the protocol, with which a greeting begins; or that there is none, and why.
const VERSION: u8 = 10;
const ERR: u8 = 0xff;

/// What is between the version of a server and the lower half of its flags: the number of the connection, salt, and a zero.
const BEFORE_FLAGS: usize = 4 + 8 + 1;

/// How much of what the driver says goes ahead of TLS: flags, the longest packet, a character set, and what is kept free.
const REQUEST_BYTES: usize = 4 + 4 + 1 + 23;

/// What a server says first.
pub(super) struct Greeting {
    packet: Packet,
    /// Where the lower half of its flags is. None where it is an error.
    flags: Option<usize>,
}

/// What the driver answers: who logs in.
pub(super) struct Response {
    packet: Packet,
}

impl Greeting {
    /// Reads it. What speaks another protocol is refused at its first bytes, which would otherwise be taken for the length of
    /// a packet that is never complete.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> Result<Self, Fault> {
        let header = Header::read(from).await?;
        if header.number != 0 || header.length == 0 {
            return Err(Reason::Protocol.alone());
        }
        let first = from.read_u8().await.map_err(|error| Fault::of_io(&error))?;
        if ![VERSION, ERR].contains(&first) {
            return Err(Reason::Protocol.alone());
        }
        let packet = header.with_body(&mut (&[first][..]).chain(from)).await?;
        let flags = match first {
            ERR => None,
            _ => Some(flags_of(&packet.payload).ok_or(Reason::Protocol.alone())?),
        };
        Ok(Self { packet, flags })
    }

    /// Whether it is an error in place of a greeting.
    pub(super) fn is_error(&self) -> bool {
        self.flags.is_none()
    }

    /// Whether the server offers TLS.
    pub(super) fn offers_tls(&self) -> bool {
        self.flags.is_some_and(|flags| self.packet.payload[flags + 1] & SSL.to_le_bytes()[1] != 0)
    }

    /// The same without a word of TLS, which is no affair of the driver's.
    pub(super) fn without_tls(mut self) -> Packet {
        if let Some(flags) = self.flags {
            self.packet.payload[flags + 1] &= !SSL.to_le_bytes()[1];
        }
        self.packet
    }
}

/// Where the flags of a greeting are.
fn flags_of(payload: &[u8]) -> Option<usize> {
    let version = payload.get(1..)?.iter().position(|byte| *byte == 0)?;
    let flags = 1 + version + 1 + BEFORE_FLAGS;
    (payload.len() >= flags + 2).then_some(flags)
}

impl Response {
    /// The driver's own, which is of the form of protocol 4.1.
    pub(super) fn of(packet: Packet) -> Result<Self, Fault> {
        if packet.payload.len() < REQUEST_BYTES { Err(Reason::Protocol.alone()) } else { Ok(Self { packet }) }
    }

    /// What driver and server agree on.
    pub(super) fn dialect(&self) -> Dialect {
        let (flags, further) = (self.number(0), self.number(REQUEST_BYTES - 4));
        Dialect {
            deprecates_eof: flags & DEPRECATE_EOF != 0,
            caches_metadata: flags & LONG_PASSWORD == 0 && further & CACHE_METADATA != 0,
        }
    }

    /// The request for TLS, which is the beginning of the response. A server takes the flags from here.
    pub(super) fn request(&mut self) -> Packet {
        self.packet.payload[1] |= SSL.to_le_bytes()[1];
        Packet { number: self.packet.number, payload: self.packet.payload[..REQUEST_BYTES].to_vec() }
    }

    /// All of it.
    pub(super) fn into_packet(self) -> Packet {
        self.packet
    }

    fn number(&self, at: usize) -> u32 {
        self.packet.payload[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }
}
