//! What stands between the driver of MySQL and a server, and lets through only what the driver can cope with.
//!
//! The driver does as it is told: it encrypts the password under any key that is sent to it, computes with keys of any size,
//! and takes memory for as many columns as a server claims (`docs/adr/0008-a-guard-before-the-driver.md`). So it gets no
//! connection to the server but a socket of this process, and every packet is read along on the way.

mod exchange;
mod frames;
mod greeting;
mod login;
mod packet;
mod relay;
mod socket;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::io::{AsyncWriteExt, copy, sink};

use super::dial::Wire;
use super::encryption::Encryption;
use super::fault::{Fault, Reason};
use exchange::Exchange;
pub(super) use exchange::PACKET_BYTES_MAX;
use login::{Outcome, log_in};
use relay::relay;
use socket::Socket;

/// A guard, which works only while something is done with the driver ([`Guard::during`]): it is no task of its own, and when
/// it is dropped the connection to the server is closed.
pub(super) struct Guard {
    work: Work,
    /// Where the driver comes in.
    socket: String,
}

enum Work {
    /// Packets are carried. Nobody locks the mutex, which lets a connection be lent to others though this can not be.
    Goes(Mutex<BoxFuture<'static, Result<(), Fault>>>),
    /// No more, and why if that is nobody's wish.
    Ended(Result<(), Fault>),
}

/// What a guard needs to know of a connection.
pub(super) struct Guarded {
    /// The connection, on which nothing was said.
    pub(super) wire: Box<dyn Wire>,
    /// The TLS that is wanted on it, if any.
    pub(super) encryption: Option<Encryption>,
    /// Whether a farewell has to have arrived before the way may be closed behind it.
    pub(super) lingers: bool,
}

impl Guard {
    /// Guards this connection.
    pub(super) fn of(guarded: Guarded) -> Result<Self, Fault> {
        // This machine has no socket left.
        let socket = Socket::open().map_err(|_| Reason::Protocol.alone())?;
        let name = socket.name().to_owned();
        Ok(Self { work: Work::Goes(Mutex::new(Box::pin(carry(socket, guarded)))), socket: name })
    }

    /// The name of the socket that the driver has to connect to, once.
    pub(super) fn socket(&self) -> &str {
        &self.socket
    }

    /// Carries packets while this is done with the driver. What the guard refuses ends it with the guard's own reason.
    pub(super) async fn during<T>(&mut self, done: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let mut done = pin!(done);
        poll_fn(|cx| {
            if let Work::Ended(Err(fault)) = &self.work {
                return Poll::Ready(Err(fault.clone()));
            }
            if let Poll::Ready(result) = done.as_mut().poll(cx) {
                return Poll::Ready(result);
            }
            match self.poll(cx) {
                Poll::Ready(Err(fault)) => Poll::Ready(Err(fault)),
                // Where the server has closed the connection the driver sees that.
                Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// Carries what the driver has said before it closed, and closes the connection.
    pub(super) async fn finish(&mut self) {
        // Whether a farewell arrives changes nothing.
        let _ = poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        if let Work::Goes(work) = &mut self.work {
            let work = work.get_mut().unwrap_or_else(PoisonError::into_inner);
            let Poll::Ready(result) = work.as_mut().poll(cx) else { return Poll::Pending };
            self.work = Work::Ended(result);
        }
        match &self.work {
            Work::Goes(_) => Poll::Pending,
            Work::Ended(result) => Poll::Ready(result.clone()),
        }
    }
}

/// Carries all that is said on one connection.
async fn carry(socket: Socket, Guarded { wire, encryption, lingers }: Guarded) -> Result<(), Fault> {
    let mut driver = socket.accept().await.map_err(|_| Reason::Protocol.alone())?;
    let (mut wire, dialect) = match log_in(&mut driver, wire, encryption.as_ref()).await? {
        Outcome::In(wire, dialect) => (wire, dialect),
        Outcome::Out => return Ok(()),
    };
    relay(&mut driver, &mut wire, Exchange::new(dialect)).await?;
    let closing = wire.shutdown().await;
    if lingers && closing.is_ok() {
        // The server closes when it has heard it all.
        let _ = copy(&mut wire, &mut sink()).await;
    }
    Ok(())
}
