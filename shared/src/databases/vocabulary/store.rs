//! Where vocabularies are kept: `USER#id#V` / `WORDS#id`. They end by TTL, and with their connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem};
use serde::{Deserialize, Serialize};

use super::Vocabulary;
use crate::clock::{Clock, Timestamp};
use crate::databases::Database;
use crate::databases::store::database_key;
use crate::dynamo::{Item, Table, item, key, number};
use crate::error::{Error, Result};
use crate::id::{DatabaseId, UserId};
use crate::packed::Packed;

/// How old one may be before whoever needs it next learns it anew.
const AGE_MAX: Duration = Duration::from_hours(24);

/// How long one is kept that nobody needs.
const RETENTION: Duration = Duration::from_hours(7 * 24);

/// How long one stays in memory.
const WARM: Duration = Duration::from_mins(5);

/// How long nobody else tries to learn one: somebody does at this moment, or has failed to.
const PAUSE: Duration = Duration::from_mins(1);

/// The most that one process keeps in memory.
const WARM_MAX: usize = 64;

/// The vocabularies.
#[derive(Clone)]
pub struct Vocabularies {
    table: Table,
    clock: Clock,
    warm: Arc<Mutex<HashMap<Subject, Warm>>>,
}

/// Whose words, of which connection, and as it was changed last: a connection that leads elsewhere has other words.
type Subject = (UserId, DatabaseId, u64);

struct Warm {
    known: Known,
    until: Timestamp,
}

/// What is known of a connection's words.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The words; none where they were never learnt.
    pub vocabulary: Option<Arc<Vocabulary>>,
    /// Whether it is time to learn them.
    pub is_due: bool,
}

#[derive(Serialize, Deserialize)]
struct Record {
    id: DatabaseId,
    revision: u64,
    read_at: Timestamp,
    packed: Packed,
    ttl: i64,
}

impl Vocabularies {
    /// The vocabularies of a table.
    pub fn new(table: Table, clock: Clock) -> Self {
        Self { table, clock, warm: Arc::default() }
    }

    /// What is known of these connections' words, in their order: one read of the table, or none where all are warm.
    pub async fn get_all(&self, databases: &[&Database]) -> Result<Vec<Known>> {
        let cold: Vec<&Database> = databases.iter().copied().filter(|database| self.warm(database).is_none()).collect();
        if !cold.is_empty() {
            let keys = cold.iter().map(|database| vocabulary_key(database.owner, database.id)).collect();
            let records: Vec<Record> = self.table.get_all(keys).await?;
            for database in cold {
                let is_of = |record: &&Record| record.id == database.id && record.revision == database.revision;
                let known = records.iter().find(is_of).map(|record| self.read(record)).transpose()?;
                self.keep(database, known.unwrap_or(Known { vocabulary: None, is_due: true }), WARM);
            }
        }
        Ok(databases.iter().map(|database| self.warm(database).unwrap_or_default()).collect())
    }

    /// Has whoever asks for it from now on do without, or with the old one: the caller learns it.
    pub fn claim(&self, database: &Database) {
        let known = self.warm(database).unwrap_or_default();
        self.keep(database, Known { is_due: false, ..known }, PAUSE);
    }

    /// Keeps what was learnt, unless the connection was changed or removed meanwhile.
    pub async fn put(&self, database: &Database, vocabulary: &Arc<Vocabulary>) -> Result<()> {
        let now = self.clock.now();
        let record = Record {
            id: database.id,
            revision: database.revision,
            read_at: now,
            packed: vocabulary.pack()?,
            ttl: now.plus(RETENTION).epoch_s(),
        };
        self.keep(database, Known { vocabulary: Some(Arc::clone(vocabulary)), is_due: false }, WARM);
        let unchanged = ConditionCheck::builder()
            .table_name(&self.table.name)
            .set_key(Some(database_key(database.owner, database.id)))
            .condition_expression("revision = :revision")
            .expression_attribute_values(":revision", number(database.revision))
            .build()
            .map_err(Error::internal)?;
        let put = Put::builder()
            .table_name(&self.table.name)
            .set_item(Some(item(vocabulary_key(database.owner, database.id), &record)?))
            .build()
            .map_err(Error::internal)?;
        let parts = vec![
            TransactWriteItem::builder().condition_check(unchanged).build(),
            TransactWriteItem::builder().put(put).build(),
        ];
        // Where it is refused, the words are those of a connection that is another one by now.
        self.table.transact(parts).await.map(drop)
    }

    fn read(&self, record: &Record) -> Result<Known> {
        let vocabulary: Vocabulary = record.packed.open()?;
        let is_due = self.clock.now().since(record.read_at) > AGE_MAX;
        Ok(Known { vocabulary: Some(Arc::new(vocabulary)), is_due })
    }

    fn warm(&self, database: &Database) -> Option<Known> {
        let now = self.clock.now();
        let mut entries = self.entries();
        entries.retain(|_, warm| warm.until > now);
        entries.get(&subject(database)).map(|warm| warm.known.clone())
    }

    fn keep(&self, database: &Database, known: Known, span: Duration) {
        let mut entries = self.entries();
        if entries.len() >= WARM_MAX {
            entries.clear();
        }
        entries.insert(subject(database), Warm { known, until: self.clock.now().plus(span) });
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Subject, Warm>> {
        // Every change of the map is one call, so that a panic elsewhere can not have left it half-changed.
        self.warm.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part of a transaction that removes the words of a connection, if there are any.
pub fn removal(table: &Table, owner: UserId, id: DatabaseId) -> Result<TransactWriteItem> {
    let delete = Delete::builder()
        .table_name(&table.name)
        .set_key(Some(vocabulary_key(owner, id)))
        .build()
        .map_err(Error::internal)?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

fn subject(database: &Database) -> Subject {
    (database.owner, database.id, database.revision)
}

fn vocabulary_key(owner: UserId, id: DatabaseId) -> Item {
    key(format!("USER#{owner}#V"), format!("WORDS#{id}"))
}
