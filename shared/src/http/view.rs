//! Shapes that two functions answer with.

use serde::Serialize;

use crate::analytics::{Outcome, SearchEvent, SearchMode};
use crate::clock::Timestamp;
use crate::databases::Fault;
use crate::error::DatabaseFailure;
use crate::id::{DatabaseId, KeyId, SearchId, UserId};
use crate::keys::{ApiKey, Environment, Key, KeyName, Permission, Tier};

/// A key, as its owner sees it.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyView {
    id: KeyId,
    name: KeyName,
    key_prefix: String,
    environment: Environment,
    permissions: Vec<Permission>,
    rate_limit_tier: Tier,
    expires_at: Option<Timestamp>,
    last_used: Option<Timestamp>,
    usage_count: u64,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Key> for KeyView {
    fn from(key: Key) -> Self {
        Self {
            is_active: key.is_active(),
            id: key.id,
            name: key.name,
            key_prefix: key.prefix,
            environment: key.environment,
            permissions: key.permissions,
            rate_limit_tier: key.tier,
            expires_at: key.expires_at,
            last_used: key.last_used,
            usage_count: key.usage_count,
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

/// A key that was made just now, with its secret, which no later answer shows. Its fields stand at both levels, and the
/// secret under both names, because clients of three generations look in different places.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MintedKey {
    api_key: KeyView,
    secret_key: String,
    key: String,
    warning: &'static str,
    #[serde(flatten)]
    flat: KeyView,
}

impl MintedKey {
    /// The answer that shows the secret.
    pub fn new(secret: &ApiKey, key: Key) -> Self {
        let view = KeyView::from(key);
        Self {
            api_key: view.clone(),
            secret_key: secret.reveal(),
            key: secret.reveal(),
            warning: "This is the only time the full API key will be shown. Please store it securely.",
            flat: view,
        }
    }
}

/// One search of the history, as its owner sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryItem {
    id: SearchId,
    user_id: UserId,
    /// Nothing where its owner does not want queries kept.
    query: Option<String>,
    search_mode: SearchMode,
    /// The first of the databases, for clients that know one; all of them stand beside it.
    database: Option<DatabaseId>,
    databases: Vec<DatabaseId>,
    failed_databases: Vec<DatabaseId>,
    result_count: u64,
    /// Milliseconds.
    execution_time: u64,
    outcome: Outcome,
    cached: bool,
    timestamp: Timestamp,
}

impl From<SearchEvent> for HistoryItem {
    fn from(event: SearchEvent) -> Self {
        Self {
            id: event.id,
            user_id: event.owner,
            query: event.query,
            search_mode: event.mode,
            database: event.databases.first().copied(),
            databases: event.databases,
            failed_databases: event.failed,
            result_count: event.matches,
            execution_time: event.duration_ms,
            outcome: event.outcome,
            cached: event.cached,
            timestamp: event.at,
        }
    }
}

/// Why a customer's database did not do what was asked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultView {
    reason: &'static str,
    error: &'static str,
    errno: Option<u16>,
    sql_state: Option<String>,
    suggestion: &'static str,
}

impl From<&Fault> for FaultView {
    fn from(fault: &Fault) -> Self {
        Self {
            reason: fault.reason.code(),
            error: fault.reason.message(),
            errno: fault.errno,
            sql_state: fault.sql_state.clone(),
            suggestion: fault.reason.hint(),
        }
    }
}

/// A database that did not answer a search.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedDatabase {
    database: DatabaseId,
    database_name: String,
    code: &'static str,
    message: String,
    suggestion: &'static str,
}

impl FailedDatabase {
    /// Which.
    pub fn id(&self) -> DatabaseId {
        self.database
    }
}

impl From<&DatabaseFailure> for FailedDatabase {
    fn from(failed: &DatabaseFailure) -> Self {
        Self {
            database: failed.database,
            database_name: failed.name.clone(),
            code: failed.fault.reason.code(),
            message: failed.fault.to_string(),
            suggestion: failed.fault.reason.hint(),
        }
    }
}
