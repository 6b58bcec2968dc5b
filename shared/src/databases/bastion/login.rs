//! Logging in.

use std::sync::Arc;

use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse as Asked};
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg};
use russh::{Error, MethodKind, MethodSet};
use secrecy::{ExposeSecret, SecretString};

use super::handshake::Verifier;
use super::key;
use crate::databases::credentials::SshCredentials;
use crate::databases::fault::{Fault, Reason};

/// How often a server may ask, and how much at once, before it is refused.
const ROUNDS_MAX: usize = 4;
const PROMPTS_MAX: usize = 8;

/// What a login needs. A key has been read and opened.
pub(super) enum Secret<'a> {
    Password(&'a SecretString),
    Key(Arc<PrivateKey>),
}

impl<'a> Secret<'a> {
    pub(super) async fn read(credentials: &'a SshCredentials) -> Result<Self, Fault> {
        match credentials {
            SshCredentials::Password(password) => Ok(Self::Password(password)),
            SshCredentials::PrivateKey { key, passphrase } => {
                let key = key::read(key.clone(), passphrase.clone()).await.ok_or(Reason::SshKey.alone())?;
                Ok(Self::Key(Arc::new(key)))
            }
        }
    }
}

/// Logs in, or says why not.
pub(super) async fn log_in(session: &mut Handle<Verifier>, username: &str, secret: Secret<'_>) -> Result<(), Fault> {
    let done = match secret {
        Secret::Password(password) => with_password(session, username, password).await,
        Secret::Key(key) => with_key(session, username, key).await,
    };
    match done {
        Ok(true) => Ok(()),
        Ok(false) => Err(Reason::SshAuth.alone()),
        Err(_) => Err(Reason::SshProtocol.alone()),
    }
}

/// A server that takes no password as such may ask for it (RFC 4256), as one with PAM does. One that refused it is not
/// told it a second time: tries are counted.
async fn with_password(session: &mut Handle<Verifier>, username: &str, password: &SecretString) -> Result<bool, Error> {
    match session.authenticate_password(username, password.expose_secret()).await? {
        AuthResult::Success => Ok(true),
        AuthResult::Failure { remaining_methods, .. } if asks_instead(&remaining_methods) => {
            with_answers(session, username, password).await
        }
        AuthResult::Failure { .. } => Ok(false),
    }
}

fn asks_instead(methods: &MethodSet) -> bool {
    methods.contains(&MethodKind::KeyboardInteractive) && !methods.contains(&MethodKind::Password)
}

/// Answers every question with the password.
async fn with_answers(session: &mut Handle<Verifier>, username: &str, password: &SecretString) -> Result<bool, Error> {
    let mut asked = session.authenticate_keyboard_interactive_start(username, None).await?;
    for _ in 0..ROUNDS_MAX {
        asked = match asked {
            Asked::Success => return Ok(true),
            Asked::InfoRequest { prompts, .. } if prompts.len() <= PROMPTS_MAX => {
                let answers = prompts.iter().map(|_| password.expose_secret().to_owned()).collect();
                session.authenticate_keyboard_interactive_respond(answers).await?
            }
            Asked::InfoRequest { .. } | Asked::Failure { .. } => return Ok(false),
        };
    }
    Ok(matches!(asked, Asked::Success))
}

/// An RSA key signs with SHA-2. A server that knows only SHA-1 (OpenSSH before 7.2) refuses that.
async fn with_key(session: &mut Handle<Verifier>, username: &str, key: Arc<PrivateKey>) -> Result<bool, Error> {
    let hash = if key.algorithm().is_rsa() {
        session.best_supported_rsa_hash().await?.flatten().or(Some(HashAlg::Sha256))
    } else {
        None
    };
    Ok(session.authenticate_publickey(username, PrivateKeyWithHashAlg::new(key, hash)).await?.success())
}
