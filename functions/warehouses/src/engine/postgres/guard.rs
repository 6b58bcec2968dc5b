//! What stands between the driver and a server, and lets through only what the driver can cope with.
//!
//! The driver does as it is told: it sends a password in clear when a server asks for it, computes as many rounds of a hash
//! as the server wants, and keeps a message of any length. So the messages are read along (PostgreSQL manual, "Message
//! Formats").

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use shared::databases::Wire;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::state;
use crate::engine::Refusal;

/// The most bytes that are taken between one statement and the next.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The longest message before the login is over: an error, whose texts are short.
const GREETING_BYTES_MAX: u64 = 32 * 1024;

/// The most rounds of a hash in a login: whoever asks for them does not compute them. A server takes 4,096 where nothing
/// else is said (`scram_iterations`).
const ROUNDS_MAX: u32 = 500_000;

/// The kind of a message, and its length with that of the length itself.
const HEADER_BYTES: usize = 5;

/// The kinds of requests for a login (PostgreSQL manual, "Authentication…" in "Message Formats").
const OK: u32 = 0;
const CLEAR_PASSWORD: u32 = 3;
const SASL_CONTINUE: u32 = 11;

/// A wire whose incoming messages are looked at.
pub(super) struct Guard {
    wire: Box<dyn Wire>,
    reader: Reader,
}

/// What the guard has seen.
#[derive(Default)]
pub(super) struct Watch {
    left: AtomicU64,
    was_asked: AtomicBool,
    why: OnceLock<Refusal>,
}

/// Reads along.
struct Reader {
    watch: Arc<Watch>,
    takes_password: bool,
    is_in: bool,
    header: [u8; HEADER_BYTES],
    /// How much of the header is there, and how much of the body is not.
    have: usize,
    left: usize,
    /// The body of a request for a login.
    request: Vec<u8>,
}

impl Guard {
    /// Guards a wire on which a password may go in clear, or may not.
    pub(super) fn new(wire: Box<dyn Wire>, takes_password: bool) -> Self {
        let watch = Arc::new(Watch::default());
        watch.refill();
        Self { wire, reader: Reader::new(watch, takes_password) }
    }

    /// What it sees.
    pub(super) fn watch(&self) -> Arc<Watch> {
        Arc::clone(&self.reader.watch)
    }
}

impl Watch {
    /// Lets the server say as much again.
    pub(super) fn refill(&self) {
        self.left.store(ANSWER_BYTES_MAX, Ordering::Relaxed);
    }

    /// What an error of the driver means.
    pub(super) fn refusal(&self, error: &tokio_postgres::Error) -> Refusal {
        match (self.why.get(), error.code()) {
            (Some(why), _) => *why,
            (None, Some(code)) => state::refusal(code.code()),
            // A way to log in that the driver does not know, or a server that does not know the password itself.
            (None, None) if self.was_asked.load(Ordering::Relaxed) => Refusal::Auth,
            (None, None) => Refusal::Protocol,
        }
    }
}

impl Reader {
    fn new(watch: Arc<Watch>, takes_password: bool) -> Self {
        let header = [0; HEADER_BYTES];
        Self { watch, takes_password, is_in: false, header, have: 0, left: 0, request: Vec::new() }
    }

    fn see(&mut self, mut bytes: &[u8]) -> Result<(), Refusal> {
        let spent = self
            .watch
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes.len() as u64));
        spent.map_err(|_| Refusal::Protocol)?;
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.have < HEADER_BYTES {
                self.header[self.have] = byte;
                self.have += 1;
                bytes = rest;
                if self.have == HEADER_BYTES {
                    self.begin()?;
                }
            } else {
                let (body, rest) = bytes.split_at(self.left.min(bytes.len()));
                self.left -= body.len();
                if self.is_request() {
                    self.request.extend_from_slice(body);
                }
                bytes = rest;
            }
            if self.have == HEADER_BYTES && self.left == 0 {
                self.end()?;
            }
        }
        Ok(())
    }

    /// A message begins.
    fn begin(&mut self) -> Result<(), Refusal> {
        let [kind, length @ ..] = self.header;
        let length = u32::from_be_bytes(length) as usize;
        let most = if self.is_in { self.watch.left.load(Ordering::Relaxed) } else { GREETING_BYTES_MAX };
        // Requests, errors and notices: nothing else comes before somebody is in.
        let is_known = self.is_in || matches!(kind, b'R' | b'E' | b'N');
        self.left = length.checked_sub(4).filter(|left| is_known && *left as u64 <= most).ok_or(Refusal::Protocol)?;
        Ok(())
    }

    /// A message is there.
    fn end(&mut self) -> Result<(), Refusal> {
        self.have = 0;
        if !self.is_request() {
            return Ok(());
        }
        let request = std::mem::take(&mut self.request);
        let (code, data) = request.split_first_chunk().ok_or(Refusal::Protocol)?;
        self.watch.was_asked.store(true, Ordering::Relaxed);
        match u32::from_be_bytes(*code) {
            OK => {
                self.is_in = true;
                self.watch.was_asked.store(false, Ordering::Relaxed);
                Ok(())
            }
            CLEAR_PASSWORD if !self.takes_password => Err(Refusal::ClearPassword),
            SASL_CONTINUE if rounds(data).is_none_or(|rounds| rounds > ROUNDS_MAX) => Err(Refusal::Auth),
            _ => Ok(()),
        }
    }

    fn is_request(&self) -> bool {
        !self.is_in && self.header[0] == b'R'
    }
}

/// How many rounds a server wants: the `i` of `r=…,s=…,i=4096` (RFC 5802, 5.1).
fn rounds(data: &[u8]) -> Option<u32> {
    let attributes = str::from_utf8(data).ok()?.split(',');
    attributes.filter_map(|attribute| attribute.strip_prefix("i=")?.parse().ok().or(Some(u32::MAX))).max()
}

impl AsyncRead for Guard {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Self { wire, reader } = &mut *self;
        ready!(Pin::new(wire).poll_read(cx, buffer))?;
        let seen = reader.see(&buffer.filled()[before..]);
        Poll::Ready(seen.map_err(|why| {
            buffer.set_filled(before);
            io::Error::other(*reader.watch.why.get_or_init(|| why))
        }))
    }
}

impl AsyncWrite for Guard {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind][..], &length, body].concat()
    }

    fn request(code: u32, data: &[u8]) -> Vec<u8> {
        message(b'R', &[&code.to_be_bytes()[..], data].concat())
    }

    /// What a guard says of these bytes, whole and byte by byte.
    fn see(takes_password: bool, bytes: &[u8]) -> Result<(), Refusal> {
        let reader = || {
            let watch = Arc::new(Watch::default());
            watch.refill();
            Reader::new(watch, takes_password)
        };
        let (mut whole, mut parts) = (reader(), reader());
        let seen = whole.see(bytes);
        assert_eq!(seen, bytes.iter().try_for_each(|byte| parts.see(&[*byte])), "however it is cut");
        seen
    }

    #[test]
    fn a_password_goes_in_clear_only_where_it_may() {
        assert_eq!(see(true, &request(CLEAR_PASSWORD, b"")), Ok(()));
        assert_eq!(see(false, &request(CLEAR_PASSWORD, b"")), Err(Refusal::ClearPassword));
        let late = [message(b'N', b"\0"), request(10, b"SCRAM-SHA-256\0\0"), request(CLEAR_PASSWORD, b"")].concat();
        assert_eq!(see(false, &late), Err(Refusal::ClearPassword));
    }

    #[test]
    fn a_login_that_would_take_too_long_to_compute_is_not_begun() {
        for (data, seen) in [
            ("r=abc,s=ZGVm,i=4096", Ok(())),
            ("r=abc,s=ZGVm,i=500000", Ok(())),
            ("r=abc,s=ZGVm,i=500001", Err(Refusal::Auth)),
            ("r=abc,s=ZGVm,i=1,i=4294967295", Err(Refusal::Auth)),
            ("r=abc,s=ZGVm,i=99999999999", Err(Refusal::Auth)),
            ("r=abc,s=ZGVm", Err(Refusal::Auth)),
        ] {
            assert_eq!(see(false, &request(SASL_CONTINUE, data.as_bytes())), seen, "{data}");
        }
    }

    #[test]
    fn what_is_no_message_of_a_login_is_refused_at_its_first_bytes() {
        for bytes in [
            &b"SSH-2.0-OpenSSH_9.2p1\r\n"[..],
            b"\x4a\x00\x00\x00\x0a8.4.0\x00",
            b"HTTP/1.1 400 Bad Request\r\n",
            b"R\x00\x00\x00\x03",
            b"R\x00\x00\x00\x06\x00\x00",
            b"E\x7f\xff\xff\xff",
            b"D\x00\x00\x00\x04",
        ] {
            assert_eq!(see(false, bytes), Err(Refusal::Protocol), "{bytes:?}");
        }
    }

    #[test]
    fn a_message_is_no_longer_than_what_may_come() {
        let inside = request(OK, b"");
        let claimed = |length: u32| [&inside[..], b"D", &length.to_be_bytes()].concat();
        assert_eq!(see(false, &claimed(60 * 1024 * 1024)), Ok(()));
        assert_eq!(see(false, &claimed(u32::MAX)), Err(Refusal::Protocol));
        // Inside, an R is a message like any other.
        assert_eq!(see(false, &[&inside[..], &request(CLEAR_PASSWORD, b"")].concat()), Ok(()));
    }
}
