//! What an owner changes of a key.

use super::{Key, KeyName, Permissions, Tier, usable_until};
use crate::clock::Timestamp;
use crate::error::Result;

/// What is to be different; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct KeyEdit {
    /// Another name.
    pub name: Option<KeyName>,
    /// Other permissions.
    pub permissions: Option<Permissions>,
    /// Another tier.
    pub tier: Option<Tier>,
    /// Another end, or none any more.
    pub expires_at: Option<Expiry>,
}

/// When a key ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// Not at all.
    Never,
    /// Then.
    At(Timestamp),
}

impl From<Option<Timestamp>> for Expiry {
    fn from(end: Option<Timestamp>) -> Self {
        end.map_or(Self::Never, Self::At)
    }
}

impl From<Expiry> for Option<Timestamp> {
    fn from(expiry: Expiry) -> Self {
        match expiry {
            Expiry::Never => None,
            Expiry::At(end) => Some(end),
        }
    }
}

impl KeyEdit {
    /// The key as it will be.
    pub(super) fn apply(&self, key: &Key, now: Timestamp) -> Result<Key> {
        let mut edited = key.changed(now);
        if let Some(name) = &self.name {
            edited.name = name.clone();
        }
        if let Some(permissions) = &self.permissions {
            edited.permissions = permissions.clone().into();
        }
        if let Some(tier) = self.tier {
            edited.tier = tier;
        }
        if let Some(expiry) = self.expires_at {
            edited.expires_at = expiry.into();
            edited.usable_until = usable_until(edited.expires_at, now)?;
        }
        Ok(edited)
    }
}

impl Key {
    /// Whether an edit has left everything as it was, but for the time of it.
    pub(super) fn is_same_as(&self, edited: &Self) -> bool {
        (&self.name, &self.permissions, self.tier, self.expires_at)
            == (&edited.name, &edited.permissions, edited.tier, edited.expires_at)
    }

    /// The same key, changed now: later than ever before, even where the clock has not moved since.
    pub(super) fn changed(&self, now: Timestamp) -> Self {
        Self { updated_at: now.after(self.updated_at), ..self.clone() }
    }
}
