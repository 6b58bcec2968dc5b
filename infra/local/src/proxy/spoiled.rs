//! A connection whose answers suffer.

use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;

use crate::faults::Fault;

/// Bytes that are neither HTTP nor a packet of MySQL, and far too many for either where they say how long they are.
const GARBAGE: [u8; 512] = [0xf5; 512];

/// Where answers go, and what befalls them.
pub(super) struct Spoiled {
    to: OwnedWriteHalf,
    fault: Option<Fault>,
    /// Bytes that have passed since it is there.
    passed: usize,
}

impl Spoiled {
    pub(super) fn new(to: OwnedWriteHalf) -> Self {
        Self { to, fault: None, passed: 0 }
    }

    /// From now on answers suffer this.
    pub(super) fn suffer(&mut self, fault: Option<Fault>) {
        (self.fault, self.passed) = (fault, 0);
    }

    /// Passes bytes on. An error is the end of the connection.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (first, passed) = (self.passed == 0, self.passed);
        self.passed += bytes.len();
        let left = |most: usize| &bytes[..most.saturating_sub(passed).min(bytes.len())];
        let is_over = |most: usize| passed + bytes.len() > most;
        match self.fault {
            Some(Fault::Late(time)) if first => tokio::time::sleep(time).await,
            Some(Fault::Slow(pause)) => return self.write_slowly(bytes, pause).await,
            Some(Fault::Cut(most)) if is_over(most) => {
                self.to.write_all(left(most)).await?;
                self.to.shutdown().await?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Some(Fault::Reset(most)) if is_over(most) => {
                self.to.write_all(left(most)).await?;
                self.to.as_ref().set_zero_linger()?;
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            Some(Fault::Garbled(most)) if is_over(most) => {
                self.to.write_all(left(most)).await?;
                self.to.write_all(&GARBAGE).await?;
                self.to.shutdown().await?;
                return Err(io::ErrorKind::InvalidData.into());
            }
            _ => {}
        }
        self.to.write_all(bytes).await
    }

    async fn write_slowly(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        for byte in bytes {
            tokio::time::sleep(pause).await;
            self.to.write_all(&[*byte]).await?;
        }
        Ok(())
    }

    /// No more comes.
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        self.to.shutdown().await
    }
}
