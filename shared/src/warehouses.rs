//! Connections to warehouses, for the second API: what is stored of them and of their tables. What speaks to them is in
//! `functions/warehouses`.
//!
//! A secret is kept as the very token that its owner sees of it, under keys that only the vault can give back
//! ([`Keyring`]).

mod dialect;
mod keyring;
mod refused;
mod scans;
mod settings;
mod storage;
mod store;
mod tables;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{UserId, WarehouseId};
use crate::vault::{Sealed, Vault};

pub use dialect::Dialect;
pub use keyring::{Field, Keyring, Tokens};
pub use refused::Refused;
pub use scans::{Ended, Lease, Scan};
pub use settings::{FileStorage, Metadata, Settings, SshSettings};
pub use store::{WAREHOUSES_MAX, Warehouses};
pub use tables::{Column, ForeignKey, Found, Said, SaidOfColumn, Scanned, Status, TABLES_MAX, Table};

/// A connection, as it is stored under its owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Warehouse {
    /// Its id.
    pub id: WarehouseId,
    /// The account that it belongs to.
    pub owner: UserId,
    /// Everything but secrets.
    pub settings: Settings,
    /// The secret out of which the keys of its tokens are made, sealed.
    pub key: Sealed,
    /// Counts how often that was sealed, from 1.
    pub key_version: u64,
    /// Its secrets.
    pub tokens: Tokens,
    /// Counts its changes, from 1: a change is made to what was read, or not at all.
    pub revision: u64,
    /// The number that the last of its tables has got; 0 before there is one.
    pub numbered: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl Warehouse {
    /// A new one, with these tokens under this key.
    pub fn new(
        keyring: &Keyring,
        key: Sealed,
        settings: Settings,
        tokens: BTreeMap<Field, String>,
        now: Timestamp,
    ) -> Self {
        Self {
            id: keyring.id,
            owner: keyring.owner,
            settings,
            key,
            key_version: 1,
            tokens,
            revision: 1,
            numbered: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// What opens its tokens: one call of KMS, or none while it is warm.
    pub async fn keyring(&self, vault: &Vault) -> Result<Keyring> {
        let secret = vault.open(&keyring::context(self.owner, self.id, self.key_version), &self.key).await?;
        Ok(Keyring::of(self.owner, self.id, secret))
    }

    /// Forgets what opens its tokens.
    pub fn forget_keyring(&self, vault: &Vault) {
        vault.forget(&keyring::context(self.owner, self.id, self.key_version));
    }

    /// The same connection with its key sealed anew: one call of KMS. Its tokens stay good.
    pub async fn resealed(self, vault: &Vault, now: Timestamp) -> Result<Self> {
        let keyring = self.keyring(vault).await?;
        let version = self.key_version + 1;
        let key = keyring.seal_with(version, vault).await?;
        let (settings, tokens) = (self.settings.clone(), self.tokens.clone());
        Ok(Self { key, key_version: version, ..self.changed(settings, tokens, now) })
    }

    /// The same connection after a change, which is later than the one before even where the clock has not moved since.
    #[must_use]
    pub fn changed(self, settings: Settings, tokens: Tokens, now: Timestamp) -> Self {
        Self { settings, tokens, revision: self.revision + 1, updated_at: now.after(self.updated_at), ..self }
    }
}
