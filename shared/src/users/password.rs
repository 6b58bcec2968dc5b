//! Passwords: as a person types them, and as we keep them.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::{Error, InvalidKind, Refusal, Result};

/// A password that somebody presents: never stored, shown or logged. At most [`Password::BYTES_MAX`] long, so that
/// nobody makes us hash a book.
#[derive(Deserialize)]
#[serde(try_from = "SecretString")]
pub struct Password(SecretString);

/// A password that somebody chooses: at least eight characters. The seeds ask for no more when one registers.
#[derive(Deserialize)]
#[serde(try_from = "SecretString")]
pub struct NewPassword(Password);

/// What is kept of a password: argon2id in the PHC string format.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

impl Password {
    /// The longest password that is looked at.
    pub const BYTES_MAX: usize = 1_024;
}

impl TryFrom<SecretString> for Password {
    type Error = Refusal;

    fn try_from(text: SecretString) -> Result<Self, Refusal> {
        match text.expose_secret().len() {
            0 => Err(Refusal(InvalidKind::TooSmall, "must not be empty")),
            1..=Self::BYTES_MAX => Ok(Self(text)),
            _ => Err(Refusal(InvalidKind::TooBig, "must have at most 1024 bytes")),
        }
    }
}

impl TryFrom<SecretString> for NewPassword {
    type Error = Refusal;

    fn try_from(text: SecretString) -> Result<Self, Refusal> {
        if text.expose_secret().chars().count() < 8 {
            return Err(Refusal(InvalidKind::TooSmall, "must have at least 8 characters"));
        }
        Password::try_from(text).map(Self)
    }
}

/// Why a password was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// The current password is another one.
    #[error("The current password is wrong")]
    WrongCurrent,
    /// The new one is too easy to guess.
    #[error(
        "The new password needs an upper-case letter, a lower-case letter, a digit and one of !@#$%^&*(),.?\":{{}}|<>"
    )]
    Weak,
}

impl From<PasswordRefused> for Error {
    fn from(refused: PasswordRefused) -> Self {
        Self::PasswordRefused(refused)
    }
}

impl NewPassword {
    /// The same, to be held against what is kept.
    pub fn again(&self) -> Password {
        Password(self.0.0.clone())
    }

    /// The same, if it has a letter of either case, a digit and a special character: what a change asks for.
    pub fn strong(self) -> Result<Self, PasswordRefused> {
        let has = |is_such: fn(char) -> bool| self.0.0.expose_secret().chars().any(is_such);
        let is_strong = has(char::is_uppercase)
            && has(char::is_lowercase)
            && has(|c| c.is_ascii_digit())
            && has(|c| r#"!@#$%^&*(),.?":{}|<>"#.contains(c));
        if is_strong { Ok(self) } else { Err(PasswordRefused::Weak) }
    }

    /// Hashes it, on a thread where that work holds up nobody.
    pub async fn hash(self) -> Result<PasswordHash> {
        blocking(move || {
            let hash = hasher()?.hash_password(self.0.0.expose_secret().as_bytes()).map_err(broken)?;
            Ok(PasswordHash(hash.to_string()))
        })
        .await
    }
}

impl PasswordHash {
    /// Whether the password is the one that was hashed. Without a hash, for an account that does not exist, the same
    /// work is done and the answer is no.
    pub async fn verify(hash: Option<Self>, password: Password) -> Result<bool> {
        blocking(move || {
            let known = hash.is_some();
            let stand_in = LazyLock::force(&STAND_IN);
            let hash = hash.map_or_else(|| stand_in.clone(), |hash| hash.0);
            let hash = phc::PasswordHash::new(&hash).map_err(broken)?;
            let matches = hasher()?.verify_password(password.0.expose_secret().as_bytes(), &hash).is_ok();
            Ok(known && matches)
        })
        .await
    }
}

/// A hash that is compared with when there is no account, so that its absence does not show in the time.
static STAND_IN: LazyLock<String> = LazyLock::new(|| {
    hasher()
        .and_then(|hasher| hasher.hash_password(b"nobody has this password").map_err(broken))
        .map_or_else(|_| String::new(), |hash| hash.to_string())
});

/// Argon2id with 19 MiB, two passes and one lane: the first line of OWASP's Password Storage Cheat Sheet.
fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("password hashing: {error}"))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
