//! Work that goes on behind an answer: looking into tables. It is put into the table of the service as an item, whose
//! stream calls the function that does it, at least once.
//!
//! What is being looked into has a lease. Only who holds it writes what was found, and where it has run out somebody else
//! may begin: so nothing is being looked into for ever, whatever becomes of who does it.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::store::{Warehouses, table_key};
use super::tables::{Scanned, Status, Table, part, status};
use crate::clock::Timestamp;
use crate::dynamo::{Change, Written, item, key, number, read, text};
use crate::error::{Error, Result};
use crate::id::{ScanId, TableId, UserId};

/// How long a table may be looked into, from the request on: a scan waits for those of the same account before it.
const LEASE: Duration = Duration::from_mins(15);

/// How long the item of a scan stays in the table, for whoever wonders.
const KEPT: Duration = Duration::from_hours(24);

/// The most tables of one scan: what a session looks into within the time that a function has.
const TABLES_A_SCAN: usize = 20;

/// How many items are written at once.
const WRITES: usize = 16;

/// Some tables of one connection that are to be looked into.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scan {
    /// Its id.
    pub id: ScanId,
    /// The account.
    pub owner: UserId,
    /// The tables, all of one connection.
    pub tables: Vec<TableId>,
}

/// What became of looking into a table.
pub enum Ended {
    /// This was found.
    Scanned(Scanned),
    /// It is not there any more.
    Gone,
    /// It could not be looked into, and why.
    Failed(String),
}

/// Who is looking into a table, and until when nobody else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The scan.
    pub scan: ScanId,
    /// When it has run out.
    pub until: Timestamp,
}

impl Warehouses {
    /// Begins to look into these tables of one connection; those that somebody is looking into already are left to them.
    /// How they are from now on.
    pub async fn begin_scans(&self, owner: UserId, tables: &[Table], now: Timestamp) -> Result<Vec<Table>> {
        let mut begun = Vec::new();
        for some in tables.chunks(TABLES_A_SCAN) {
            let scan = ScanId::fresh();
            let ids: Vec<TableId> = some.iter().map(|table| table.id).collect();
            let leasing = stream::iter(ids).map(|id| self.lease(owner, id, scan, now)).buffered(WRITES);
            let leased: Vec<Option<Table>> = leasing.try_collect().await?;
            let ids: Vec<TableId> =
                leased.iter().flatten().filter(|table| table.is_leased_by(scan)).map(|table| table.id).collect();
            if !ids.is_empty() {
                self.put_scan(&Scan { id: scan, owner, tables: ids }, now).await?;
            }
            begun.extend(leased.into_iter().flatten());
        }
        Ok(begun)
    }

    /// The table as it is then; none where it is gone.
    async fn lease(&self, owner: UserId, id: TableId, scan: ScanId, now: Timestamp) -> Result<Option<Table>> {
        let change = Change::default()
            .set("status", status(Status::Synchronizing)?)
            .set("lease_scan", text(scan.to_string()))
            .set("lease_until", number(now.plus(LEASE).epoch_s()))
            .remove("error_message")
            .only_if("attribute_exists(pk)", [])
            .only_if("attribute_not_exists(lease_until) OR lease_until < :now", [(":now", number(now.epoch_s()))]);
        match self.table.update(table_key(owner, id), change).await? {
            Written::Done(found) => read(found).map(Some),
            Written::Refused(found) => found.map(read).transpose(),
        }
    }

    async fn put_scan(&self, scan: &Scan, now: Timestamp) -> Result<()> {
        let mut record = item(key(scans_pk(scan.owner), format!("SCAN#{}", scan.id)), scan)?;
        record.insert("ttl".to_owned(), number(now.plus(KEPT).epoch_s()));
        let put = self.table.client.put_item().table_name(&self.table.name).set_item(Some(record));
        put.send().await.map(drop).map_err(Error::internal)
    }

    /// A scan, by what the stream says of its item; none where that is no scan, or is gone.
    pub async fn scan(&self, pk: &str, sk: &str) -> Result<Option<Scan>> {
        if !(pk.starts_with("USER#") && pk.ends_with("#J") && sk.starts_with("SCAN#")) {
            return Ok(None);
        }
        self.table.get(pk.to_owned(), sk.to_owned()).await
    }

    /// Keeps what was found in a table, or why nothing was. Who does not hold the lease any more keeps nothing.
    pub async fn end_scan(&self, owner: UserId, id: TableId, scan: ScanId, ended: Ended, now: Timestamp) -> Result<()> {
        let failed = |why: &str| {
            Ok::<_, Error>(Change::default().set("status", status(Status::Failed)?).set("error_message", text(why)))
        };
        let change = match ended {
            Ended::Scanned(scanned) => match part(&scanned)? {
                Some(scanned) => Change::default()
                    .set("status", status(Status::Scanned)?)
                    .set("scanned", scanned)
                    .set("last_schema_sync", text(now.to_string())),
                None => failed("it has more columns than are kept of a table")?,
            },
            Ended::Gone => Change::default().set("status", status(Status::Deprecated)?),
            Ended::Failed(why) => failed(&why)?,
        };
        let held = [(":scan", text(scan.to_string())), (":now", number(now.epoch_s()))];
        let change = change
            .remove("lease_scan")
            .remove("lease_until")
            .only_if("lease_scan = :scan AND lease_until >= :now", held);
        self.table.update(table_key(owner, id), change).await.map(drop)
    }
}

/// The lease of a table, as its item has it.
pub(super) fn lease_of(scan: Option<ScanId>, until_s: Option<i64>) -> Option<Lease> {
    Some(Lease { scan: scan?, until: Timestamp::from_epoch_ms(until_s?.saturating_mul(1_000)) })
}

/// The keys of the items of an account's scans.
pub(super) fn scans_pk(owner: UserId) -> String {
    format!("USER#{owner}#J")
}
