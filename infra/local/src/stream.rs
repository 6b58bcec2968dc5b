//! The stream of the table, given to the functions `rollup` and `scans` as Lambda does it.

use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::errors::DynoxideError;
use shared::app::App;
use shared::background::Background;
use shared::dynamo::events;
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
    /// What is trimmed when it was read; nothing of a database in memory, which does not live long enough.
    records: Option<Records>,
    /// That of the functions, so that nobody takes their calls for those of the service.
    app: App,
    background: Background,
    place: Arc<Mutex<String>>,
}

impl Stream {
    /// The stream of a table. Begins with its first record: what was rolled up before is not counted again.
    pub fn of(
        (database, records): (Database, Option<Records>),
        app: App,
        background: Background,
    ) -> Result<Self, Refused> {
        let table = app.config.table.as_str();
        let request = GetShardIteratorRequest {
            stream_arn: dynoxide::streams::stream_arn(table, ""),
            shard_id: dynoxide::streams::shard_id(table),
            shard_iterator_type: "TRIM_HORIZON".to_owned(),
            sequence_number: None,
        };
        let place = database.get_shard_iterator(request)?.shard_iterator.ok_or("the table has no stream")?;
        Ok(Self { database, records, app, background, place: Arc::new(Mutex::new(place)) })
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

    /// Waits until all that was answered before is recorded and in the figures, and all tables are looked into.
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
            let records: events::Records = serde_json::from_value(serde_json::json!({ "Records": records }))?;
            let mut causes = Vec::new();
            rollup::roll_up(&self.app.analytics, &records, |error| causes.push(chain(error))).await;
            warehouses::scans::scan(&self.app, &records, |error| causes.push(chain(error))).await;
            if let Some(cause) = causes.pop() {
                return Err(cause.into());
            }
            *place = next_shard_iterator.unwrap_or_default();
            if let Some(kept) = &self.records {
                kept.trim(&self.app.config.table, &last)?;
            }
        }
    }
}
