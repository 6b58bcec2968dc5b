//! The first words with a server: who it is.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use russh::client::{self, Handle, Handler};
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PublicKeyOrCertificate};
use russh::{AlgorithmKind, Preferred, SshId};
use tokio::io::{DuplexStream, copy_bidirectional, duplex};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::databases::dial::connect;
use crate::databases::fault::{Fault, Reason};
use crate::databases::ssh::{HostKey, Ssh};

/// The kinds of host keys, best first. RSA is signed with SHA-2 only.
const HOST_KEYS: [Algorithm; 6] = [
    Algorithm::Ed25519,
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
    Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
    Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
];

/// How much of what the server sends waits for us.
const PIPE_BYTES: usize = 64 * 1024;

/// Decides about the key that a server shows.
pub(super) struct Verifier {
    pinned: Option<HostKey>,
    seen: Arc<OnceLock<HostKey>>,
}

/// Why there is no session.
#[derive(Debug)]
pub(super) enum Broken {
    /// The server has shown a key of this kind that is not the pinned one.
    OtherKey(Algorithm),
    /// It has no key of a kind that was asked for.
    NoSuchKey,
    /// Anything else.
    Ssh,
}

/// Dials and agrees on keys; a session in which nobody has logged in yet, and the key that the server has shown. What
/// moves the bytes goes to `tasks`.
///
/// A server has a key of each kind and shows the one that it is asked for. A pinned fingerprint does not tell its kind:
/// so a server with another key than the pinned one is dialled again and asked for the remaining kinds, until it shows
/// the pinned key or has no other. OpenSSH, which keeps whole keys, asks for the known kinds first, to the same end: a
/// server that got a key of a better kind is still known by its old one.
pub(super) async fn shake(
    ssh: &Ssh,
    addresses: &[SocketAddr],
    tasks: &mut JoinSet<()>,
) -> Result<(Handle<Verifier>, HostKey), Fault> {
    let mut kinds = HOST_KEYS.to_vec();
    loop {
        let dialled = connect(addresses).await.map_err(|_| Reason::SshUnreachable.alone())?;
        let stream = keep(dialled, tasks);
        let seen = Arc::new(OnceLock::new());
        let verifier = Verifier { pinned: ssh.host_key.clone(), seen: Arc::clone(&seen) };
        match client::connect_stream(config(&kinds), stream, verifier).await {
            Ok(session) => {
                let host_key = seen.get().cloned().ok_or(Reason::SshProtocol.alone())?;
                return Ok((session, host_key));
            }
            Err(Broken::OtherKey(seen)) => kinds.retain(|kind| !is_same_kind(kind, &seen)),
            Err(Broken::NoSuchKey) if kinds.len() < HOST_KEYS.len() => return Err(Reason::SshHostKey.alone()),
            Err(Broken::NoSuchKey | Broken::Ssh) => return Err(Reason::SshProtocol.alone()),
        }
        // Closes the socket before there is another.
        tasks.shutdown().await;
        if kinds.is_empty() {
            return Err(Reason::SshHostKey.alone());
        }
    }
}

/// Keeps the socket and hands out a pipe to it.
///
/// The library runs a session in a task of its own, which goes on for as long as the server likes when a handshake is
/// given up. This way the session ends with our task: its end of the pipe is closed then, and so is the socket.
fn keep(mut stream: TcpStream, tasks: &mut JoinSet<()>) -> DuplexStream {
    let (ours, mut theirs) = duplex(PIPE_BYTES);
    tasks.spawn(async move {
        let _ = copy_bidirectional(&mut stream, &mut theirs).await;
    });
    ours
}

/// What bounds a server: the library takes 20 lines of 255 bytes before its name, packets of 256 KiB and, in each channel,
/// 2 MiB that nobody has asked for; how often, is bounded by the caller's time. Nothing is compressed.
fn config(kinds: &[Algorithm]) -> Arc<client::Config> {
    Arc::new(client::Config {
        // The name of the library and its version are nobody's business.
        client_id: SshId::Standard("SSH-2.0-altus4".into()),
        preferred: Preferred { key: kinds.to_vec().into(), ..Preferred::DEFAULT },
        ..client::Config::default()
    })
}

fn is_same_kind(one: &Algorithm, other: &Algorithm) -> bool {
    one == other || matches!((one, other), (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }))
}

impl Handler for Verifier {
    type Error = Broken;

    /// The library has checked that the server has the private half of this key.
    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Broken> {
        // No certificate was asked for: nobody has told us an authority.
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else { return Ok(false) };
        let fingerprint = HostKey::try_from(key.fingerprint(HashAlg::Sha256).to_string()).map_err(|_| Broken::Ssh)?;
        if self.pinned.as_ref().is_some_and(|pinned| *pinned != fingerprint) {
            return Err(Broken::OtherKey(key.algorithm()));
        }
        Ok(self.seen.get_or_init(|| fingerprint.clone()) == &fingerprint)
    }
}

impl From<russh::Error> for Broken {
    fn from(error: russh::Error) -> Self {
        match error {
            russh::Error::NoCommonAlgo { kind: AlgorithmKind::Key, .. } => Self::NoSuchKey,
            _ => Self::Ssh,
        }
    }
}
