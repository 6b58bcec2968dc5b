//! Who changed what, when and from where: one entry for every change to an account, a key or a connection, written in
//! the same transaction as the change itself, so that there is neither without the other.

mod store;

use std::net::IpAddr;

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::dynamo::Table;
use crate::error::Result;
use crate::id::{KeyId, RequestId, UserId};
use crate::once::Stamp;

pub use store::{Audit, Position};

/// One change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// The account whose thing was changed.
    pub owner: UserId,
    /// The key that was used for it; none for a session, or for the operator.
    pub key: Option<KeyId>,
    /// What was done.
    pub action: Action,
    /// The id of what was changed.
    pub subject: String,
    /// When.
    pub at: Timestamp,
    /// From where, as the gateway saw it.
    pub address: Option<IpAddr>,
    /// In which request.
    pub request: RequestId,
    /// What else that request leaves in the transaction of the change, so that it may be sent again. It is no part of the entry.
    #[serde(skip)]
    pub stamp: Option<Stamp>,
}

/// The changes that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// An account was made.
    #[serde(rename = "account.registered")]
    AccountRegistered,
    /// Its name or address was changed.
    #[serde(rename = "account.updated")]
    AccountUpdated,
    /// Its password was changed.
    #[serde(rename = "account.password_changed")]
    PasswordChanged,
    /// Its sessions were ended.
    #[serde(rename = "account.logged_out")]
    LoggedOut,
    /// Its sessions were ended, because a refresh token was exchanged a second time.
    #[serde(rename = "account.refresh_token_reused")]
    RefreshTokenReused,
    /// An operator gave it another role.
    #[serde(rename = "account.role_changed")]
    RoleChanged,
    /// It was closed.
    #[serde(rename = "account.closed")]
    AccountClosed,
    /// A key was made.
    #[serde(rename = "key.created")]
    KeyCreated,
    /// A key was edited.
    #[serde(rename = "key.updated")]
    KeyUpdated,
    /// A key was replaced by a new one.
    #[serde(rename = "key.regenerated")]
    KeyRegenerated,
    /// A key was revoked.
    #[serde(rename = "key.revoked")]
    KeyRevoked,
    /// A database was connected.
    #[serde(rename = "connection.added")]
    ConnectionAdded,
    /// A connection was edited.
    #[serde(rename = "connection.updated")]
    ConnectionUpdated,
    /// An operator sealed its credentials anew.
    #[serde(rename = "connection.rewrapped")]
    ConnectionRewrapped,
    /// A connection was removed.
    #[serde(rename = "connection.removed")]
    ConnectionRemoved,
}

impl Entry {
    /// What an operator did, with nothing but credentials of AWS.
    pub fn by_operator(owner: UserId, action: Action, subject: impl Into<String>, at: Timestamp) -> Self {
        let request = RequestId::fresh();
        Self { owner, key: None, action, subject: subject.into(), at, address: None, request, stamp: None }
    }

    /// The same, of a request that may be sent again.
    #[must_use]
    pub fn stamped(self, stamp: Option<Stamp>) -> Self {
        Self { stamp, ..self }
    }

    /// The part of a transaction that writes it.
    pub(crate) fn part(&self, table: &Table) -> Result<TransactWriteItem> {
        table.insertion(store::item_of(self)?)
    }

    /// The part that keeps what came of the request, where it may be sent again. It stands before all other parts, so that it
    /// is the first to refuse: then the same request was answered in the same moment.
    pub(crate) fn stamp_part(&self, table: &Table) -> Result<Option<TransactWriteItem>> {
        self.stamp.as_ref().map(|stamp| stamp.part(table)).transpose()
    }
}
