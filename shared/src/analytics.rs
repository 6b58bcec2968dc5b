//! What was searched: one event a search, kept for its owner.

mod store;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{DatabaseId, KeyId, SearchId, UserId};

pub use store::Analytics;

/// One search, as its owner finds it in the history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SearchEvent {
    /// Its id.
    pub id: SearchId,
    /// Who searched.
    pub owner: UserId,
    /// With which key; none for a session.
    pub key: Option<KeyId>,
    /// What was asked.
    pub query: String,
    /// In which mode.
    pub mode: SearchMode,
    /// The databases that were asked.
    pub databases: Vec<DatabaseId>,
    /// Those that did not answer.
    pub failed: Vec<DatabaseId>,
    /// How many rows matched in all.
    pub matches: u64,
    /// How many were on the page.
    pub returned: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What came of it.
    #[serde(default)]
    pub outcome: Outcome,
    /// Whether the answer was one that had been kept.
    #[serde(default)]
    pub cached: bool,
    /// When.
    pub at: Timestamp,
}

/// What came of a search.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All databases have answered.
    #[default]
    Complete,
    /// Some have.
    Partial,
    /// None has, or too few for what the client wanted: it got an error.
    Failed,
}

/// How a query is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchMode {
    /// Words, any of which may match.
    #[default]
    Natural,
    /// An expression with operators.
    Boolean,
    /// Words, ordered by meaning.
    Semantic,
}
