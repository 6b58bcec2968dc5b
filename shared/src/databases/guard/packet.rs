//! Single packets, read and written whole: those of a login, which are few and short.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::databases::fault::{Fault, Reason};

/// The longest packet until somebody is in: an error or an OK, whose texts are short.
const LOGIN_BYTES_MAX: usize = 32 * 1024;

/// What comes before a packet.
pub(super) struct Header {
    /// How many bytes are in the packet.
    pub(super) length: usize,
    /// Which of the login's packets it is, from 0.
    pub(super) number: u8,
}

/// A packet of a login.
pub(super) struct Packet {
    /// Which of the login's packets it is, from 0.
    pub(super) number: u8,
    /// What is in it: of the driver perhaps nothing, where there is no password.
    pub(super) payload: Vec<u8>,
}

impl Header {
    /// The next four bytes.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> Result<Self, Fault> {
        let header = from.read_u32_le().await.map_err(|error| Fault::of_io(&error))?;
        let [low, middle, high, number] = header.to_le_bytes();
        let length = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
        Ok(Self { length, number })
    }

    /// The packet, once all of it is there.
    pub(super) async fn with_body(self, from: &mut (impl AsyncRead + Unpin)) -> Result<Packet, Fault> {
        if self.length > LOGIN_BYTES_MAX {
            return Err(Reason::Protocol.alone());
        }
        let mut payload = vec![0; self.length];
        from.read_exact(&mut payload).await.map_err(|error| Fault::of_io(&error))?;
        Ok(Packet { number: self.number, payload })
    }
}

impl Packet {
    /// The next packet, and not a byte more: what follows it may be for somebody else.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> Result<Self, Fault> {
        Header::read(from).await?.with_body(from).await
    }

    /// Sends it in one piece.
    pub(super) async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> Result<(), Fault> {
        let [low, middle, high, _] = u32::try_from(self.payload.len()).unwrap_or(u32::MAX).to_le_bytes();
        let bytes = [&[low, middle, high, self.number][..], &self.payload].concat();
        let written = async {
            to.write_all(&bytes).await?;
            to.flush().await
        };
        written.await.map_err(|error| Fault::of_io(&error))
    }
}
