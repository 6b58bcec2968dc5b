//! Answers to searches, kept for some minutes for whom they were made: `USER#id#C` / a hash of what was asked.
//!
//! An answer is used only while it is younger than [`KEPT`] and the databases that would be asked now are those that were
//! asked then, each at the same revision. Whoever looks has read them, so that a connection which was changed, switched
//! off or removed is never answered from here.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::analytics::Fingerprint;
use crate::aws::failed;
use crate::clock::Timestamp;
use crate::databases::Database;
use crate::dynamo::{Item, Table, item, key, number, read};
use crate::error::{Result, chain};
use crate::id::{DatabaseId, UserId};
use crate::packed::Packed;

/// How long an answer is used.
pub const KEPT: Duration = Duration::from_mins(5);

/// The most bytes of a packed answer: an item has room for 400 KB.
const BYTES_MAX: usize = 350_000;

/// The most keys that one process remembers.
const KNOWN_MAX: usize = 10_000;

/// Whose question it is, and which.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResultKey {
    owner: UserId,
    question: String,
}

/// An answer that was kept.
#[derive(Serialize, Deserialize)]
pub struct KeptResult {
    /// The databases that were asked, with their revisions then.
    databases: Vec<(DatabaseId, u64)>,
    until: Timestamp,
    /// How many rows matched in all.
    pub matches: u64,
    /// How many are in the answer.
    pub returned: u64,
    /// Which.
    pub results: Vec<Fingerprint>,
    /// How many rows stand on the pages before.
    pub passed: u64,
    answer: Packed,
}

/// The rows of an answer.
pub struct KeptRows {
    /// How many matched in all.
    pub matches: u64,
    /// Those on the page.
    pub results: Vec<Fingerprint>,
    /// How many stand on the pages before.
    pub passed: u64,
}

/// The answers.
#[derive(Clone)]
pub struct Results {
    table: Table,
    known: Arc<Mutex<HashMap<ResultKey, Timestamp>>>,
}

impl ResultKey {
    /// The key of a question: the same for the same text.
    pub fn new(owner: UserId, question: &str) -> Self {
        Self { owner, question: HEXLOWER.encode(digest(&SHA256, question.as_bytes()).as_ref()) }
    }

    /// Where its answer is, if there is one.
    pub fn item(&self) -> Item {
        key(pk(self.owner), self.question.clone())
    }
}

impl KeptResult {
    /// The answer to keep, unless it is too large: these rows.
    pub fn new(databases: &[Database], answer: &RawValue, rows: KeptRows, now: Timestamp) -> Result<Option<Self>> {
        let answer = Packed::of(&answer)?;
        let is_small = answer.bytes() <= BYTES_MAX;
        let KeptRows { matches, results, passed } = rows;
        let returned = results.len() as u64;
        let (databases, until) = (revisions(databases), now.plus(KEPT));
        let kept = Self { databases, until, matches, returned, results, passed, answer };
        Ok(is_small.then_some(kept))
    }

    /// The answer in an item, where it is one to the question as it is asked now, of these databases.
    pub fn read(found: Item, databases: &[Database], now: Timestamp) -> Option<Self> {
        let kept: Self = read(found).ok()?;
        // DynamoDB may take two days to remove what has ended.
        (now < kept.until && kept.databases == revisions(databases)).then_some(kept)
    }

    /// The fields of the answer.
    pub fn open(&self) -> Result<BTreeMap<String, Box<RawValue>>> {
        self.answer.open()
    }
}

impl Results {
    /// The answers of a table.
    pub fn new(table: Table) -> Self {
        Self { table, known: Arc::default() }
    }

    /// The item of a question, where this process knows that there may be one: otherwise nothing is asked of the table.
    pub async fn get_if_known(&self, key: &ResultKey, now: Timestamp) -> Option<Item> {
        if self.known().get(key).is_none_or(|until| *until <= now) {
            return None;
        }
        match self.table.item(pk(key.owner), key.question.clone()).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(error = chain(&error), "a kept answer was not read");
                None
            }
        }
    }

    /// Keeps an answer. A failure is logged and never answered: the next search asks the databases again.
    pub async fn keep(&self, key: &ResultKey, kept: &KeptResult, now: Timestamp) {
        match self.put(key, kept).await {
            Ok(()) => self.remember(key, kept.until, now),
            Err(error) => tracing::warn!(error = chain(&error), "an answer was not kept"),
        }
    }

    /// Destroys what was kept for an account: the rows of a connection that was changed or removed are in it. They are
    /// never answered again anyway, so that a failure is logged, and leaves them until they end by themselves.
    pub async fn forget(&self, owner: UserId) {
        self.known().retain(|key, _| key.owner != owner);
        if let Err(error) = self.table.remove_all(&pk(owner)).await {
            tracing::warn!(error = chain(&error), "kept answers were not removed");
        }
    }

    /// The newest answer is the best, so that it takes the place of any other without a condition.
    async fn put(&self, key: &ResultKey, kept: &KeptResult) -> Result<()> {
        let mut item = item(key.item(), kept)?;
        item.insert("ttl".to_owned(), number(kept.until.epoch_s()));
        let put = self.table.client.put_item().table_name(&self.table.name).set_item(Some(item));
        put.send().await.map(drop).map_err(failed)
    }

    fn remember(&self, key: &ResultKey, until: Timestamp, now: Timestamp) {
        let mut known = self.known();
        if known.len() >= KNOWN_MAX {
            known.retain(|_, until| *until > now);
        }
        if known.len() < KNOWN_MAX {
            known.insert(key.clone(), until);
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<ResultKey, Timestamp>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pk(owner: UserId) -> String {
    format!("USER#{owner}#C")
}

fn revisions(databases: &[Database]) -> Vec<(DatabaseId, u64)> {
    databases.iter().map(|database| (database.id, database.revision)).collect()
}
