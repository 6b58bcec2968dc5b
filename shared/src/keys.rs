//! API keys: what a client presents, what we keep, and how much each may be used.

mod quota;
mod store;

use std::fmt;

use aws_lc_rs::{digest, rand};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::{Error, Invalid, InvalidKind, Refusal, Result};
use crate::id::{KeyId, UserId};

pub use quota::Quota;
pub use store::{Holding, Keys, Used};

/// A key as the client sends it: never stored or logged, and shown once, when it is made. Its hash is what we keep.
pub struct ApiKey(SecretString);

/// SHA-256 of a whole key, in lower-case hexadecimal. A key has 256 random bits, so that no slow hash is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyHash(String);

/// A text that can not be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl ApiKey {
    /// How many characters of a key are kept in the clear, to tell keys apart.
    const PREFIX_CHARS: usize = 30;

    /// A new one, from 32 random bytes.
    pub fn generate(environment: Environment) -> Result<Self> {
        let mut secret = [0; 32];
        rand::fill(&mut secret).map_err(Error::internal)?;
        Ok(Self(format!("{}{}", environment.key_prefix(), BASE64URL_NOPAD.encode(&secret)).into()))
    }

    /// Takes a text of one of the two forms that were ever issued: 43 characters of base64url after the prefix, or, by
    /// the reference server, 48 of hexadecimal. Everything else is refused without a look into the table.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let secret = Environment::ALL.iter().find_map(|e| text.strip_prefix(e.key_prefix())).ok_or(Malformed)?;
        let is_ours = secret.len() == 43 && BASE64URL_NOPAD.decode(secret.as_bytes()).is_ok();
        let is_imported = secret.len() == 48 && HEXLOWER.decode(secret.as_bytes()).is_ok();
        if is_ours || is_imported { Ok(Self(text.into())) } else { Err(Malformed) }
    }

    /// What is kept of it.
    pub fn hash(&self) -> KeyHash {
        KeyHash(HEXLOWER.encode(digest::digest(&digest::SHA256, self.0.expose_secret().as_bytes()).as_ref()))
    }

    /// Its beginning, which is no secret.
    pub fn prefix(&self) -> String {
        self.0.expose_secret().chars().take(Self::PREFIX_CHARS).collect()
    }

    /// The whole key, for the one answer that shows it.
    pub fn reveal(&self) -> String {
        self.0.expose_secret().to_owned()
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Key {
    /// What it is found by.
    pub hash: KeyHash,
    /// Its id.
    pub id: KeyId,
    /// The account that it speaks for.
    pub owner: UserId,
    /// What its owner calls it.
    pub name: KeyName,
    /// Its first thirty characters.
    pub prefix: String,
    /// A label that the key carries in its text.
    pub environment: Environment,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// How much it may do in an hour.
    pub tier: Tier,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// The end of its use, whatever ends it: what the check at every call compares with.
    pub usable_until: Timestamp,
    /// When it was used last.
    pub last_used: Option<Timestamp>,
    /// How often it was used.
    pub usage_count: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl Key {
    /// Whether it has not been revoked. An expired key is still listed, so that its owner can see why it fails.
    pub fn is_active(&self) -> bool {
        self.revoked_at.is_none()
    }

    /// Whether it may do this; `admin` implies the rest.
    pub fn allows(&self, permission: Permission) -> bool {
        self.permissions.iter().any(|held| *held == permission || *held == Permission::Admin)
    }
}

/// What an owner asks for when making a key.
pub struct NewKey {
    /// What to call it.
    pub name: KeyName,
    /// The label in its text.
    pub environment: Environment,
    /// What it may do.
    pub permissions: Permissions,
    /// How much it may do in an hour.
    pub tier: Tier,
    /// When it ends, where it does.
    pub expires_at: Option<Timestamp>,
}

impl NewKey {
    /// Makes the key and its record.
    pub fn make(self, owner: UserId, now: Timestamp) -> Result<(ApiKey, Key)> {
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(Invalid::new("expiresAt", InvalidKind::TooSmall, "must be in the future").into());
        }
        let secret = ApiKey::generate(self.environment)?;
        let key = Key {
            hash: secret.hash(),
            id: KeyId::fresh(),
            owner,
            name: self.name,
            prefix: secret.prefix(),
            environment: self.environment,
            permissions: self.permissions.0,
            tier: self.tier,
            expires_at: self.expires_at,
            revoked_at: None,
            usable_until: self.expires_at.unwrap_or_else(Timestamp::never),
            last_used: None,
            usage_count: 0,
            created_at: now,
            updated_at: now,
        };
        Ok((secret, key))
    }
}

/// Why no key stands behind a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    /// There is none.
    #[error("An API key is required: send it as «Authorization: Bearer altus4_sk_…»")]
    Missing,
    /// What was sent has not the form of a key.
    #[error("The API key is malformed")]
    Malformed,
    /// There is no such key.
    #[error("The API key is not known")]
    Unknown,
    /// Its owner has revoked it.
    #[error("The API key has been revoked")]
    Revoked,
    /// Its time is over.
    #[error("The API key has expired")]
    Expired,
}

impl From<KeyRefused> for Error {
    fn from(refused: KeyRefused) -> Self {
        Self::KeyRefused(refused)
    }
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Search, suggestions and history.
    Search,
    /// Analyses and figures.
    Analytics,
    /// Both, and the connections. Never by itself anybody else's data.
    Admin,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Search => "search",
            Self::Analytics => "analytics",
            Self::Admin => "admin",
        })
    }
}

/// What somebody asks that a key may do: at least one thing, each once. Searching, unless another is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Permission>")]
pub struct Permissions(Vec<Permission>);

impl Default for Permissions {
    fn default() -> Self {
        Self(vec![Permission::Search])
    }
}

impl TryFrom<Vec<Permission>> for Permissions {
    type Error = Refusal;

    fn try_from(asked: Vec<Permission>) -> Result<Self, Refusal> {
        let all = [Permission::Search, Permission::Analytics, Permission::Admin];
        let asked: Vec<Permission> = all.into_iter().filter(|permission| asked.contains(permission)).collect();
        if asked.is_empty() { Err(Refusal(InvalidKind::TooSmall, "must name at least one")) } else { Ok(Self(asked)) }
    }
}

/// The label in a key's text. It changes nothing about what the key does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// For trying things.
    #[default]
    Test,
    /// For production.
    Live,
}

impl Environment {
    const ALL: [Self; 2] = [Self::Test, Self::Live];

    fn key_prefix(self) -> &'static str {
        match self {
            Self::Test => "altus4_sk_test_",
            Self::Live => "altus4_sk_live_",
        }
    }
}

/// How much a key may do in an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// For everyone.
    #[default]
    Free,
    /// Given by an administrator.
    Pro,
    /// Given by an administrator.
    Enterprise,
}

/// What an owner calls a key: three to a hundred characters, without blanks at its ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyName(String);

impl KeyName {
    /// The name of the key that the setup makes, unless another is asked for.
    pub fn initial() -> Self {
        Self("Initial API Key".to_owned())
    }
}

impl TryFrom<String> for KeyName {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let text = text.trim();
        match text.chars().count() {
            0..3 => Err(Refusal(InvalidKind::TooSmall, "must have at least 3 characters")),
            3..=100 => Ok(Self(text.to_owned())),
            _ => Err(Refusal(InvalidKind::TooBig, "must have at most 100 characters")),
        }
    }
}

impl From<KeyName> for String {
    fn from(name: KeyName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_form_of_the_seed() {
        for environment in Environment::ALL {
            let key = ApiKey::generate(environment).unwrap();
            let text = key.reveal();
            assert_eq!(text.len(), 58);
            assert_eq!(key.prefix(), text[..30]);
            assert_eq!(ApiKey::parse(&text).unwrap_or_else(|_| panic!("{text}")).hash(), key.hash());
        }
    }

    #[test]
    fn the_example_of_the_seed_is_a_key() {
        assert!(ApiKey::parse("altus4_sk_test_8wEp0HQVYpT6POUumHNuFdvK9gMw3y2Wa9a_BjVoOJw").is_ok());
    }

    #[test]
    fn a_key_of_the_reference_is_a_key() {
        assert!(ApiKey::parse(&format!("altus4_sk_live_{}", "0123456789abcdef".repeat(3))).is_ok());
    }

    #[test]
    fn what_was_never_issued_is_malformed() {
        let key = ApiKey::generate(Environment::Live).unwrap().reveal();
        let twice = key.repeat(2);
        let with_a_space = format!(" {key}");
        for text in ["", "altus4_sk_live_", &key[..57], &twice, &with_a_space, &key.replace("live", "prod")] {
            assert!(ApiKey::parse(text).is_err(), "{text}");
        }
    }
}
