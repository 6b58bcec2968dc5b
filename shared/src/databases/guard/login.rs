//! The login, packet by packet: TLS where it is wanted, and no way to log in that would give the password away (MySQL
//! manual, "Connection Phase" of the client/server protocol).

use tokio::io::{AsyncRead, AsyncWrite};

use super::exchange::Dialect;
use super::greeting::{Greeting, Response};
use super::packet::Packet;
use crate::databases::dial::Wire;
use crate::databases::encryption::Encryption;
use crate::databases::fault::{Fault, Reason};

/// The ways to log in that the driver knows and that give nothing away but a digest: all others send the password as it is,
/// or more than we have.
const PLUGINS: [&[u8]; 2] = [b"mysql_native_password", b"caching_sha2_password"];

const OK: u8 = 0x00;
const MORE: u8 = 0x01;
const SWITCH: u8 = 0xfe;
const ERR: u8 = 0xff;

/// What `caching_sha2_password` says more: that the digest is one it knows, or that it wants the password itself.
const IS_KNOWN: u8 = 3;
const SEND_PASSWORD: u8 = 4;

/// What comes of a login.
pub(super) enum Outcome {
    /// Somebody is in, and speaks like this on this wire.
    In(Box<dyn Wire>, Dialect),
    /// The server has said no.
    Out,
}

/// What follows a packet of the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The driver answers.
    Driver,
    /// The server goes on.
    Server,
    /// It is in.
    In,
    /// It is not.
    Out,
}

/// How far a login is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Somebody has said who they are.
    Begun,
    /// The server has asked for another way to log in, which it may do once.
    Switched,
    /// It has all that it gets.
    Told,
}

/// A login that has begun.
struct Login {
    wire: Box<dyn Wire>,
    dialect: Dialect,
    is_encrypted: bool,
}

/// Carries a login between a driver, which knows nothing of TLS, and a server.
pub(super) async fn log_in(
    driver: &mut (impl AsyncRead + AsyncWrite + Unpin),
    mut wire: Box<dyn Wire>,
    encryption: Option<&Encryption>,
) -> Result<Outcome, Fault> {
    let greeting = Greeting::read(&mut wire).await?;
    if greeting.is_error() {
        greeting.without_tls().write(driver).await?;
        return Ok(Outcome::Out);
    }
    if encryption.is_some() && !greeting.offers_tls() {
        return Err(Reason::Tls.alone());
    }
    greeting.without_tls().write(driver).await?;
    Login::begin(driver, wire, encryption).await?.follow(driver).await
}

impl Login {
    /// Says who logs in, and asks for TLS before that.
    async fn begin(
        driver: &mut (impl AsyncRead + AsyncWrite + Unpin),
        mut wire: Box<dyn Wire>,
        encryption: Option<&Encryption>,
    ) -> Result<Self, Fault> {
        let mut response = Response::of(Packet::read(driver).await?)?;
        if let Some(encryption) = encryption {
            response.request().write(&mut wire).await?;
            wire = encryption.over(wire).await?;
        }
        let login = Self { wire, dialect: response.dialect(), is_encrypted: encryption.is_some() };
        login.send(response.into_packet()).await
    }

    /// Goes on until the server has decided.
    async fn follow(mut self, driver: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<Outcome, Fault> {
        let mut stage = Stage::Begun;
        loop {
            let mut packet = Packet::read(&mut self.wire).await?;
            let next = stage.after(&packet.payload, self.is_encrypted).map_err(Reason::alone)?;
            packet.number = packet.number.wrapping_sub(self.shift());
            packet.write(driver).await?;
            match next {
                Next::Driver => self = self.send(Packet::read(driver).await?).await?,
                Next::Server => {}
                Next::In => return Ok(Outcome::In(self.wire, self.dialect)),
                Next::Out => return Ok(Outcome::Out),
            }
        }
    }

    /// Sends a packet of the driver's.
    async fn send(mut self, mut packet: Packet) -> Result<Self, Fault> {
        packet.number = packet.number.wrapping_add(self.shift());
        packet.write(&mut self.wire).await?;
        Ok(self)
    }

    /// The driver has not seen the request for TLS, which has a number of its own.
    fn shift(&self) -> u8 {
        u8::from(self.is_encrypted)
    }
}

impl Stage {
    /// Goes on after what the server says. On a wire that others may read, nobody is asked for the password itself: the
    /// driver, which takes a socket of this machine for safe, would send it as it is.
    fn after(&mut self, said: &[u8], is_encrypted: bool) -> Result<Next, Reason> {
        let (stage, next) = match (*self, said) {
            (_, &[OK, ..]) => (Self::Told, Next::In),
            (_, &[ERR, ..]) => (Self::Told, Next::Out),
            (Self::Begun, [SWITCH, way @ ..]) => {
                let name = way.split(|byte| *byte == 0).next().unwrap_or_default();
                if !PLUGINS.contains(&name) {
                    // A user whom MySQL does not know is asked for a way that it draws from the name, so that nobody
                    // learns who is known.
                    return Err(Reason::Auth);
                }
                (Self::Switched, Next::Driver)
            }
            (Self::Begun | Self::Switched, &[MORE, IS_KNOWN, ..]) => (Self::Told, Next::Server),
            (Self::Begun | Self::Switched, &[MORE, SEND_PASSWORD, ..]) if is_encrypted => (Self::Told, Next::Driver),
            (Self::Begun | Self::Switched, &[MORE, SEND_PASSWORD, ..]) => return Err(Reason::NeedsTls),
            _ => return Err(Reason::Protocol),
        };
        *self = stage;
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    fn switch(plugin: &str) -> Vec<u8> {
        [&[SWITCH][..], plugin.as_bytes(), b"\0saltsaltsaltsaltsalt\0"].concat()
    }

    async fn say(stream: &mut DuplexStream, number: u8, payload: &[u8]) {
        Packet { number, payload: payload.to_vec() }.write(stream).await.unwrap();
    }

    async fn hear(stream: &mut DuplexStream) -> (u8, Vec<u8>) {
        let packet = Packet::read(stream).await.unwrap();
        (packet.number, packet.payload)
    }

    #[test]
    fn nothing_but_a_digest_is_given_without_tls() {
        for (said, plain, encrypted) in [
            (&[&[OK, 0, 0, 2][..]][..], Ok(Next::In), Ok(Next::In)),
            (&[b"\xff\x15\x04#28000no"], Ok(Next::Out), Ok(Next::Out)),
            (&[&switch("mysql_native_password")], Ok(Next::Driver), Ok(Next::Driver)),
            (&[&switch("caching_sha2_password")], Ok(Next::Driver), Ok(Next::Driver)),
            (&[&switch("caching_sha2_password"), &[MORE, IS_KNOWN]], Ok(Next::Server), Ok(Next::Server)),
            (&[&[MORE, IS_KNOWN], &[OK]], Ok(Next::In), Ok(Next::In)),
            (&[&[MORE, SEND_PASSWORD]], Err(Reason::NeedsTls), Ok(Next::Driver)),
            (&[&[MORE, SEND_PASSWORD, 0]], Err(Reason::NeedsTls), Ok(Next::Driver)),
            (&[&switch("caching_sha2_password"), &[MORE, SEND_PASSWORD]], Err(Reason::NeedsTls), Ok(Next::Driver)),
            (&[&switch("mysql_native_password"), &[MORE, SEND_PASSWORD]], Err(Reason::NeedsTls), Ok(Next::Driver)),
        ] {
            for (is_encrypted, expected) in [(false, plain), (true, encrypted)] {
                let mut stage = Stage::Begun;
                let nexts: Result<Vec<Next>, Reason> =
                    said.iter().map(|said| stage.after(said, is_encrypted)).collect();
                assert_eq!(nexts.map(|nexts| nexts[nexts.len() - 1]), expected, "{said:?} {is_encrypted}");
            }
        }
    }

    #[test]
    fn no_other_way_to_log_in_is_gone_and_none_without_an_end() {
        let others = [
            "mysql_clear_password",
            "sha256_password",
            "mysql_old_password",
            "dialog",
            "client_ed25519",
            "parsec",
            "",
            "x",
        ];
        for is_encrypted in [false, true] {
            for plugin in others {
                assert_eq!(Stage::Begun.after(&switch(plugin), is_encrypted), Err(Reason::Auth), "{plugin}");
            }
            assert_eq!(Stage::Begun.after(&[SWITCH], is_encrypted), Err(Reason::Auth));
            assert_eq!(Stage::Begun.after(&[], is_encrypted), Err(Reason::Protocol));
            let again = switch("mysql_native_password");
            for (stage, said) in [
                (Stage::Begun, &[MORE][..]),
                (Stage::Begun, &[MORE, 2]),
                (Stage::Begun, &[10, b'8']),
                (Stage::Switched, &again),
                (Stage::Told, &again),
                (Stage::Told, &[MORE, IS_KNOWN]),
                (Stage::Told, &[MORE, SEND_PASSWORD]),
            ] {
                assert_eq!({ stage }.after(said, is_encrypted), Err(Reason::Protocol), "{stage:?} {said:?}");
            }
        }
    }

    #[tokio::test]
    async fn packets_keep_their_order_on_both_sides_of_tls_however_they_are_cut() {
        for (is_encrypted, shift) in [(false, 0), (true, 1)] {
            for size in [1, 2, 3, 5, 64, 4_096] {
                let ((mut inner, mut driver), (outer, mut server)) = (duplex(size), duplex(size));
                let login = Login { wire: Box::new(outer), dialect: Dialect::default(), is_encrypted };
                let carried = async {
                    let response = Packet::read(&mut inner).await?;
                    login.send(response).await?.follow(&mut inner).await
                };
                let of_driver = async {
                    say(&mut driver, 1, b"reader").await;
                    assert_eq!(hear(&mut driver).await, (2, switch("caching_sha2_password")));
                    say(&mut driver, 3, &[7; 32]).await;
                    assert_eq!(hear(&mut driver).await, (4, vec![MORE, IS_KNOWN]));
                    assert_eq!(hear(&mut driver).await, (5, vec![OK, 0, 0]));
                };
                let of_server = async {
                    assert_eq!(hear(&mut server).await, (1 + shift, b"reader".to_vec()));
                    say(&mut server, 2 + shift, &switch("caching_sha2_password")).await;
                    assert_eq!(hear(&mut server).await, (3 + shift, vec![7; 32]));
                    say(&mut server, 4 + shift, &[MORE, IS_KNOWN]).await;
                    say(&mut server, 5 + shift, &[OK, 0, 0]).await;
                };
                let (outcome, (), ()) = tokio::join!(carried, of_driver, of_server);
                assert!(matches!(outcome, Ok(Outcome::In(..))), "{is_encrypted} {size}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_no_greeting_is_refused_at_its_first_bytes() {
        for said in [
            &b"SSH-2.0-OpenSSH_9.2p1\r\n"[..],
            b"220 mail.example.com ESMTP\r\n",
            b"HTTP/1.1 400 Bad Request\r\n",
            b"\x4a\x00\x00\x00\x09",
            b"\x4a\x00\x00\x01",
            b"\x00\x00\x00\x00",
            b"\x01\x80\x00\x00\x0a",
        ] {
            let ((mut inner, _driver), (outer, mut server)) = (duplex(4_096), duplex(4_096));
            server.write_all(said).await.unwrap();
            let outcome = log_in(&mut inner, Box::new(outer), None).await;
            assert_eq!(outcome.err(), Some(Reason::Protocol.alone()), "{said:?}");
        }
    }

    #[tokio::test]
    async fn an_error_in_place_of_a_greeting_is_handed_on() {
        let ((mut inner, mut driver), (outer, mut server)) = (duplex(4_096), duplex(4_096));
        say(&mut server, 0, b"\xff\x10\x04full").await;
        assert!(matches!(log_in(&mut inner, Box::new(outer), None).await, Ok(Outcome::Out)));
        assert_eq!(hear(&mut driver).await, (0, b"\xff\x10\x04full".to_vec()));
        drop(inner);
        assert_eq!(driver.read(&mut [0]).await.unwrap(), 0);
    }
}
