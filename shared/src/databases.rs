//! Connections to customers' databases: what is stored of them, who may be dialled, and what their schemas hold.

mod address;
mod advice;
mod bastion;
mod catalogue;
mod connect;
mod connection;
mod credentials;
mod dial;
mod discover;
mod door;
mod encryption;
mod fault;
mod guard;
mod held;
mod language;
mod network;
mod options;
mod permits;
mod probe;
mod pulse;
mod sample;
mod secret;
mod settings;
mod ssh;
mod store;
mod tls;
mod vocabulary;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{DatabaseId, UserId};
use crate::packed;
use crate::vault::{Context, Sealed, Vault};

pub use address::{Policy, Refused};
pub use advice::{Impact, Kind, Recommendation, advise, unsearched};
pub use bastion::Bastion;
pub use catalogue::{
    Catalogue, Column, Flavour, ForeignKey, FullTextIndex, Generated, Ident, Parser, Stopwords, Table, TableKind,
    UniqueKey,
};
pub use connect::{Connector, Target};
pub use connection::{Connection, reserve};
pub use credentials::{Credentials, SshCredentials};
pub use dial::{Dialer, Road, Wire};
pub use discover::{discover, outline, survey};
pub use encryption::Encryption;
pub use fault::{Fault, Reason};
pub use language::{Language, LanguageChoice};
pub use network::{Network, Resolving};
pub use options::{ConnectionOptions, SearchOptions, Zone};
pub use probe::{Probe, probe};
pub use pulse::{Pulse, pulse};
pub use sample::Sample;
pub use secret::is_secret;
pub use settings::{ConnectionName, Host, Port, Schema, Settings, Username};
pub use ssh::{HostKey, Ssh};
pub use store::Databases;
pub use tls::{Certificates, Tls, TlsOptions, TlsVerification, is_private_key};
pub use vocabulary::{Entry, Known, Lexis, Vocabularies, Vocabulary, texts};

/// A connection, as it is stored under its owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Database {
    /// Its id.
    pub id: DatabaseId,
    /// The account that it belongs to.
    pub owner: UserId,
    /// What the owner described.
    pub settings: Settings,
    /// What opens it, sealed.
    pub credentials: Sealed,
    /// Counts the credentials that the record has held, from 1.
    pub credentials_version: u64,
    /// Counts the changes of its settings and credentials, from 1: a change is made to what was read, or not at all.
    pub revision: u64,
    /// Whether it is searched. Its owner can switch it off and on.
    pub active: bool,
    /// What the last test found.
    pub status: Status,
    /// When it was tested last.
    pub last_tested: Option<Timestamp>,
    /// When it answered last.
    pub last_connected: Option<Timestamp>,
    /// What its schema held when it was read last; absent where it would make the record too large.
    #[serde(with = "packed")]
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

/// A connection that somebody wants to have.
pub struct Wish {
    /// The account.
    pub owner: UserId,
    /// Everything but secrets.
    pub settings: Settings,
    /// The secrets.
    pub credentials: Credentials,
}

impl Database {
    /// A new connection that has just been tried, with its credentials sealed: one call of KMS.
    pub async fn new(wish: Wish, probe: Probe, vault: &Vault) -> Result<Self> {
        let id = DatabaseId::fresh();
        let sealed = vault.seal(&context(wish.owner, id, 1), &wish.credentials.spell()?).await?;
        let now = probe.catalogue.read_at;
        Ok(Self {
            id,
            owner: wish.owner,
            settings: probe.pinned(wish.settings),
            credentials: sealed,
            credentials_version: 1,
            revision: 1,
            active: true,
            status: Status::Connected,
            last_tested: Some(now),
            last_connected: Some(now),
            catalogue: probe.catalogue.storable(),
            created_at: now,
            updated_at: now,
        })
    }

    /// The credentials: one call of KMS, or none while they are warm.
    pub async fn open_credentials(&self, vault: &Vault) -> Result<Credentials> {
        Credentials::read(&vault.open(&self.context(), &self.credentials).await?)
    }

    /// Forgets the opened credentials.
    pub fn forget_credentials(&self, vault: &Vault) {
        vault.forget(&self.context());
    }

    /// The language of its texts: what its owner says, or else what its catalogue does.
    pub fn language(&self, catalogue: Option<&Catalogue>) -> Language {
        self.settings.search_options.language.or_found(catalogue.and_then(|catalogue| catalogue.language))
    }

    /// What the connector needs to open it.
    pub fn target<'a>(&'a self, credentials: &'a Credentials) -> Target<'a> {
        Target { id: Some(self.id), settings: &self.settings, credentials }
    }

    /// The same connection with other credentials, sealed anew: one call of KMS.
    pub async fn with_credentials(self, credentials: &Credentials, vault: &Vault) -> Result<Self> {
        let version = self.credentials_version + 1;
        let sealed = vault.seal(&context(self.owner, self.id, version), &credentials.spell()?).await?;
        Ok(Self { credentials: sealed, credentials_version: version, ..self })
    }

    /// The same connection as it was seen when it was tried just now.
    #[must_use]
    pub fn seen(self, probe: Probe) -> Self {
        let now = Some(probe.catalogue.read_at);
        Self {
            settings: probe.pinned(self.settings),
            status: Status::Connected,
            last_tested: now,
            last_connected: now,
            catalogue: probe.catalogue.storable(),
            ..self
        }
    }

    /// The same connection after a change, which is later than the one before even where the clock has not moved since.
    #[must_use]
    pub fn changed(self, now: Timestamp) -> Self {
        Self { revision: self.revision + 1, updated_at: now.after(self.updated_at), ..self }
    }

    fn context(&self) -> Context {
        context(self.owner, self.id, self.credentials_version)
    }
}

fn context(owner: UserId, record: DatabaseId, version: u64) -> Context {
    Context { owner, record: record.to_string(), purpose: "credentials", version }
}
