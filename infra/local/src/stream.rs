//! The stream of the table, given to the function `rollup` as Lambda does it.

use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::errors::DynoxideError;
use shared::analytics::Analytics;
use shared::background::Background;
use shared::error::chain;
use tokio::sync::Mutex;

use crate::dynamodb::Records;
use crate::provision::Refused;

/// How often it is read.
const FOLLOW: Duration = Duration::from_secs(1);

/// The most records of one call.
const RECORDS_MAX: usize = 500;

/// Reads the stream where it stopped the last time. Clones are the same.
#[derive(Clone)]
pub struct Stream {
    database: Database,
    table: String,
    /// What is trimmed when it was read; nothing of a database in memory, which does not live long enough.
    records: Option<Records>,
    /// Those of the function's own, so that nobody takes its calls for those of the service.
    analytics: Analytics,
    background: Background,
    place: Arc<Mutex<String>>,
}

impl Stream {
    /// The stream of a table. Begins with its first record: what was rolled up before is not counted again.
    pub fn of(
        (database, records): (Database, Option<Records>),
        table: &str,
        analytics: Analytics,
        background: Background,
    ) -> Result<Self, Refused> {
        let request = GetShardIteratorRequest {
            stream_arn: dynoxide::streams::stream_arn(table, ""),
            shard_id: dynoxide::streams::shard_id(table),
            shard_iterator_type: "TRIM_HORIZON".to_owned(),
            sequence_number: None,
        };
        let place = database.get_shard_iterator(request)?.shard_iterator.ok_or("the table has no stream")?;
        let (table, place) = (table.to_owned(), Arc::new(Mutex::new(place)));
        Ok(Self { database, table, records, analytics, background, place })
    }

    /// Keeps the figures up to date, for as long as the service runs.
    pub async fn follow(self) {
        loop {
            tokio::time::sleep(FOLLOW).await;
            if let Err(error) = self.settle().await {
                tracing::warn!(error, "the stream of the table was not read to its end");
            }
        }
    }

    /// Waits until all that was answered before is recorded and in the figures.
    pub async fn settle(&self) -> Result<(), Refused> {
        self.background.settled().await;
        let mut place = self.place.lock().await;
        loop {
            let request = GetRecordsRequest { shard_iterator: place.clone(), limit: Some(RECORDS_MAX) };
            let GetRecordsResponse { records, next_shard_iterator } = match self.database.get_records(request) {
                // Somebody has taken the table away, and the stream with it.
                Err(DynoxideError::ResourceNotFoundException(_)) => return Ok(()),
                read => read?,
            };
            let Some(last) = records.last().map(|record| record.dynamodb.sequence_number.clone()) else {
                return Ok(());
            };
            let records: rollup::Records = serde_json::from_value(serde_json::json!({ "Records": records }))?;
            let mut cause = None;
            let failures = rollup::roll_up(&self.analytics, &records, |error| cause = Some(chain(error))).await;
            if let (false, Some(cause)) = (failures.batch_item_failures.is_empty(), cause) {
                return Err(cause.into());
            }
            *place = next_shard_iterator.unwrap_or_default();
            if let Some(kept) = &self.records {
                kept.trim(&self.table, &last)?;
            }
        }
    }
}
