//! Connections to customers' databases: what is stored of them, who may be dialled, and what their schemas hold.

mod address;
mod advice;
mod catalogue;
mod connect;
mod discover;
mod fault;
mod sample;
mod secret;
mod settings;
mod store;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{DatabaseId, UserId};
use crate::vault::{Context, Sealed, Vault};

pub use address::{Policy, Refused};
pub use advice::{Impact, Kind, Recommendation, advise, unsearched};
pub use catalogue::{
    Catalogue, Column, Flavour, ForeignKey, FullTextIndex, Generated, Ident, Parser, Stopwords, Table, TableKind,
    UniqueKey,
};
pub use connect::{Connection, Connector, Target};
pub use discover::{discover, survey};
pub use fault::{Fault, Reason};
pub use sample::Sample;
pub use secret::is_secret;
pub use settings::{
    ConnectionName, ConnectionOptions, Host, Port, Schema, SearchOptions, Settings, Tls, TlsVerification, Username,
};
pub use store::Databases;

/// A connection, as it is stored under its owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Database {
    /// Its id.
    pub id: DatabaseId,
    /// The account that it belongs to.
    pub owner: UserId,
    /// What the owner described.
    pub settings: Settings,
    /// The password, sealed.
    pub password: Sealed,
    /// Counts the passwords that the record has held, from 1.
    pub password_version: u64,
    /// What the last test found.
    pub status: Status,
    /// When it was tested last.
    pub last_tested: Option<Timestamp>,
    /// When it answered last.
    pub last_connected: Option<Timestamp>,
    /// What its schema held when it was read last; absent where it would make the record too large.
    pub catalogue: Option<Catalogue>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings were changed last.
    pub updated_at: Timestamp,
}

/// What the last test of a connection found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It answered.
    Connected,
    /// It did not.
    Error,
}

impl Database {
    /// A new connection that has just been tested, with its password sealed: one call of KMS.
    pub async fn new(
        owner: UserId,
        settings: Settings,
        password: &SecretString,
        catalogue: Catalogue,
        vault: &Vault,
        now: Timestamp,
    ) -> Result<Self> {
        let id = DatabaseId::fresh();
        let sealed = vault.seal(&password_context(owner, id, 1), password).await?;
        Ok(Self {
            id,
            owner,
            settings,
            password: sealed,
            password_version: 1,
            status: Status::Connected,
            last_tested: Some(now),
            last_connected: Some(now),
            catalogue: catalogue.storable(),
            created_at: now,
            updated_at: now,
        })
    }

    /// The password: one call of KMS, or none while it is warm.
    pub async fn open_password(&self, vault: &Vault) -> Result<SecretString> {
        vault.open(&password_context(self.owner, self.id, self.password_version), &self.password).await
    }

    /// Forgets the opened password.
    pub fn forget_password(&self, vault: &Vault) {
        vault.forget(&password_context(self.owner, self.id, self.password_version));
    }
}

fn password_context(owner: UserId, record: DatabaseId, version: u64) -> Context {
    Context { owner, record, purpose: "password", version }
}
