//! API keys: what a client presents, what we keep, and how much each may be used.

mod account;
mod edit;
mod lifecycle;
mod meter;
mod permission;
mod secret;
mod store;
mod tier;
mod usage;

use serde::{Deserialize, Serialize};

use crate::bounded::bounded_text;
use crate::clock::Timestamp;
use crate::error::{Error, Invalid, InvalidKind, Result};
use crate::id::{KeyId, UserId};

pub use edit::{Expiry, KeyEdit};
pub use lifecycle::minted;
pub use meter::Used;
pub use permission::{Permission, Permissions};
pub use secret::{ApiKey, Environment, KeyHash, Malformed};
pub use store::{Holding, Keys};
pub use tier::Tier;
pub use usage::Usage;

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
    /// The key that took its place, with which it may share a time of grace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<KeyId>,
    /// The end of its use, whatever ends it: what the check at every call compares with.
    pub usable_until: Timestamp,
    /// When it was used last.
    pub last_used: Option<Timestamp>,
    /// How often it was used.
    pub usage_count: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last. No two changes have the same instant, so that it tells which was the last.
    pub updated_at: Timestamp,
}

impl Key {
    /// Whether its account holds it: it was neither revoked nor replaced. An expired key is still held, and listed, so
    /// that its owner can see why it fails.
    pub fn is_active(&self) -> bool {
        self.revoked_at.is_none() && self.replaced_by.is_none()
    }

    /// Why it can not be used now.
    pub fn check(&self, now: Timestamp) -> Result<(), KeyRefused> {
        let is_expired = self.expires_at.is_some_and(|end| end <= now);
        match (self.revoked_at, self.replaced_by) {
            (Some(_), _) => Err(KeyRefused::Revoked),
            (None, _) if self.usable_until > now => Ok(()),
            (None, Some(_)) if !is_expired => Err(KeyRefused::Revoked),
            (None, _) => Err(KeyRefused::Expired),
        }
    }

    /// A new key that may do the same.
    fn successor(&self, now: Timestamp) -> Result<(ApiKey, Self)> {
        let new = NewKey {
            name: self.name.clone(),
            environment: self.environment,
            permissions: Permissions::of(self),
            tier: self.tier,
            expires_at: self.expires_at,
        };
        new.make(self.owner, now)
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
        let usable_until = usable_until(self.expires_at, now)?;
        let secret = ApiKey::generate(self.environment)?;
        let key = Key {
            hash: secret.hash(),
            id: KeyId::fresh(),
            owner,
            name: self.name,
            prefix: secret.prefix(),
            environment: self.environment,
            permissions: self.permissions.into(),
            tier: self.tier,
            expires_at: self.expires_at,
            revoked_at: None,
            replaced_by: None,
            usable_until,
            last_used: None,
            usage_count: 0,
            created_at: now,
            updated_at: now,
        };
        Ok((secret, key))
    }
}

/// The end of a key with this expiry, which can not be over already.
fn usable_until(expires_at: Option<Timestamp>, now: Timestamp) -> Result<Timestamp> {
    match expires_at {
        Some(end) if end <= now => {
            Err(Invalid::new("expiresAt", InvalidKind::TooSmall, "must be in the future").into())
        }
        Some(end) => Ok(end),
        None => Ok(Timestamp::never()),
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

bounded_text!(
    /// What an owner calls a key.
    KeyName,
    3..=100
);

impl KeyName {
    /// The name of the key that the setup makes, unless another is asked for.
    pub fn initial() -> Self {
        Self("Initial API Key".to_owned())
    }
}
