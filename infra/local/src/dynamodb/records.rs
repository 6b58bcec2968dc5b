//! The records of the table's stream, as dynoxide keeps them: in a table of its SQLite database, for ever and without an
//! index, so that every write to DynamoDB looks at all of them for the next number (`next_stream_sequence_number` in its
//! `storage.rs`). DynamoDB itself keeps them for 24 hours. Here they get an index, and those of a file go when they were read.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::{Database, storage_backend};
use rusqlite::Connection;

use crate::provision::Refused;

/// The order in which they are written and read.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS altus4_stream_records \
                     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// What a public number of a record is more than the stored one (`SEQUENCE_NUMBER_OFFSET` in dynoxide's `streams.rs`).
const OFFSET: u128 = 100_000_000_000_000_000_000;

/// A database in the memory of this process, with whatever name (<https://sqlite.org/src/file/src/memdb.c>).
const TEMPLATE: &str = "file:/altus4-stream-records?vfs=memdb";

/// The records of one database, beside dynoxide's own connection to it.
#[derive(Clone)]
pub struct Records(Arc<Mutex<Connection>>);

impl Records {
    /// Those of the database in this file, which dynoxide has open.
    pub fn of(file: &Path) -> Result<Self, Refused> {
        Self::open(&file.to_string_lossy())
    }

    /// Removes those of a table that come before the one with this public number. That one stays, so that the next number is
    /// more than it, whatever becomes of the clock.
    pub fn trim(&self, table: &str, number: &str) -> Result<(), Refused> {
        let stored = i64::try_from(number.parse::<u128>()?.saturating_sub(OFFSET))?;
        let trim = "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2";
        self.connection().execute(trim, (table, stored))?;
        Ok(())
    }

    fn open(path: &str) -> Result<Self, Refused> {
        let connection = Connection::open(path)?;
        connection.execute(INDEX, ())?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A database in memory, which nobody but dynoxide can look into: it begins as a copy of one that has the index.
pub fn in_memory(clock: Arc<dyn storage_backend::Clock>) -> Result<Database, Refused> {
    /// It is there as long as somebody has it open.
    static MADE: Mutex<Option<Records>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if made.is_none() {
        let _schema = Database::new(TEMPLATE)?;
        *made = Some(Records::open(TEMPLATE)?);
    }
    let database = Database::memory_with_clock(clock)?;
    database.restore_from(TEMPLATE)?;
    Ok(database)
}

#[cfg(test)]
mod tests {
    use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
    use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
    use serde_json::{Value, json};
    use shared::id::RequestId;

    use super::*;

    fn from_json<T: serde::de::DeserializeOwned>(request: Value) -> T {
        serde_json::from_value(request).unwrap()
    }

    fn with_stream(database: Database) -> Database {
        let table = json!({
            "TableName": "altus4", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "KEYS_ONLY" },
        });
        database.create_table(from_json(table)).unwrap();
        database
    }

    fn put(database: &Database, items: std::ops::Range<u32>) {
        for item in items {
            let item = json!({ "TableName": "altus4", "Item": { "pk": { "S": item.to_string() } } });
            database.put_item(from_json(item)).unwrap();
        }
    }

    fn begin(database: &Database) -> String {
        let request = GetShardIteratorRequest {
            stream_arn: dynoxide::streams::stream_arn("altus4", ""),
            shard_id: dynoxide::streams::shard_id("altus4"),
            shard_iterator_type: "TRIM_HORIZON".to_owned(),
            sequence_number: None,
        };
        database.get_shard_iterator(request).unwrap().shard_iterator.unwrap()
    }

    fn read(database: &Database, place: &mut String) -> Vec<(String, String)> {
        let request = GetRecordsRequest { shard_iterator: place.clone(), limit: None };
        let GetRecordsResponse { records, next_shard_iterator } = database.get_records(request).unwrap();
        *place = next_shard_iterator.unwrap();
        let key = |keys: &dynoxide::Item| json!(keys["pk"])["S"].as_str().unwrap().to_owned();
        records.iter().map(|record| (key(&record.dynamodb.keys), record.dynamodb.sequence_number.clone())).collect()
    }

    #[test]
    fn what_was_read_goes_and_what_comes_afterwards_is_read_once_also_after_a_restart() {
        let file = std::env::temp_dir().join(format!("altus4-records-{}.sqlite", RequestId::fresh()));
        let database = with_stream(Database::new(&file.to_string_lossy()).unwrap());
        let records = Records::of(&file).unwrap();
        let mut place = begin(&database);
        put(&database, 0..20);
        let first = read(&database, &mut place);
        assert_eq!(first.len(), 20);
        put(&database, 20..23);
        records.trim("altus4", &first[19].1).unwrap();
        let left =
            || records.connection().query_row("SELECT COUNT(*) FROM _stream_records", (), |row| row.get::<_, u32>(0));
        assert_eq!(left().unwrap(), 4, "the last that was read, and what nobody has read yet");
        let keys = |read: Vec<(String, String)>| read.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(keys(read(&database, &mut place)), ["20", "21", "22"]);
        drop(database);
        let database = Database::new(&file.to_string_lossy()).unwrap();
        put(&database, 23..24);
        assert_eq!(keys(read(&database, &mut begin(&database))), ["19", "20", "21", "22", "23"]);
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn the_next_number_and_the_next_records_come_by_the_index() {
        let file = std::env::temp_dir().join(format!("altus4-records-{}.sqlite", RequestId::fresh()));
        let _schema = Database::new(&file.to_string_lossy()).unwrap();
        let records = Records::of(&file).unwrap();
        for query in [
            "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 't'",
            "SELECT keys_json FROM _stream_records WHERE table_name = 't' AND shard_id = 's' \
             AND CAST(sequence_number AS INTEGER) > 7 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 500",
        ] {
            let plan: String =
                records.connection().query_row(&format!("EXPLAIN QUERY PLAN {query}"), (), |row| row.get(3)).unwrap();
            assert!(plan.contains("INDEX altus4_stream_records (table_name=?"), "{plan}");
        }
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn databases_in_memory_have_the_index_and_nothing_of_each_other() {
        struct Frozen;
        impl storage_backend::Clock for Frozen {
            fn now_unix_secs(&self) -> u64 {
                1_700_000_000
            }
            fn now_unix_secs_f64(&self) -> f64 {
                1_700_000_000.0
            }
        }
        let made = || with_stream(in_memory(Arc::new(Frozen)).unwrap());
        let (one, other) = (made(), made());
        put(&one, 0..3);
        assert_eq!((read(&one, &mut begin(&one)).len(), read(&other, &mut begin(&other)).len()), (3, 0));
        let copy = std::env::temp_dir().join(format!("altus4-records-{}.sqlite", RequestId::fresh()));
        one.vacuum_into(&copy.to_string_lossy()).unwrap();
        let index = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'altus4_stream_records'";
        let count = Connection::open(&copy).unwrap().query_row(index, (), |row| row.get::<_, u32>(0)).unwrap();
        assert_eq!(count, 1);
        std::fs::remove_file(&copy).unwrap();
    }
}
