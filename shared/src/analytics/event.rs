use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{DatabaseId, KeyId, SearchId, UserId};

/// One search, as its owner finds it in the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchEvent {
    /// Its id, which says when it began.
    pub id: SearchId,
    /// Who searched.
    pub owner: UserId,
    /// With which key; none for a session.
    pub key: Option<KeyId>,
    /// What was asked; nothing where the account does not want its queries kept.
    pub query: Option<String>,
    /// In which mode.
    pub mode: SearchMode,
    /// The databases that the answer is of.
    pub databases: Vec<DatabaseId>,
    /// Those that did not answer.
    pub failed: Vec<DatabaseId>,
    /// How many rows matched in all.
    pub matches: u64,
    /// How many were on the page.
    pub returned: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Where that time went.
    pub times: Times,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether the answer was one that had been kept.
    pub cached: bool,
    /// When it began.
    pub at: Timestamp,
    /// The rows of the page, in their order; at most 100.
    pub results: Vec<Fingerprint>,
    /// How many rows stand on the pages before.
    pub passed: u64,
    /// Which of the rows were opened, each once.
    pub clicks: Vec<Click>,
    /// How good the answer was for who asked, 1 to 5.
    pub rating: Option<u8>,
    /// Until when it is kept.
    pub kept_until: Timestamp,
}

/// Where the time of a search went, in milliseconds. The parts do not add up to the whole, which has more in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Until the last database had said what matches.
    pub ask_ms: u64,
    /// Until the rows were in order.
    pub order_ms: u64,
    /// Until the rows of the page were there.
    pub fetch_ms: u64,
    /// How long each database took to say what matches; none of them where the answer had been kept.
    pub databases: BTreeMap<DatabaseId, u64>,
}

/// A row that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Click {
    /// Which.
    pub result: Fingerprint,
    /// At which place of the answer it stood, from 1.
    pub position: u64,
}

/// A row of an answer: 64 bits of the SHA-256 of its id. Enough to know it again, and the history tells nobody what the
/// keys of a customer's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// That of the row with this id.
    pub fn of(result_id: &str) -> Self {
        let hash = digest(&SHA256, result_id.as_bytes());
        let first = hash.as_ref().first_chunk().copied().unwrap_or_default();
        Self(u64::from_be_bytes(first))
    }
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

impl SearchEvent {
    /// Whether all databases have answered and nothing was found.
    pub fn is_empty(&self) -> bool {
        self.outcome == Outcome::Complete && self.matches == 0
    }

    /// At which place of the answer a row stood, from 1; nothing where it did not.
    pub fn position_of(&self, result: Fingerprint) -> Option<u64> {
        let place = self.results.iter().position(|shown| *shown == result)?;
        Some(self.passed + place as u64 + 1)
    }
}
