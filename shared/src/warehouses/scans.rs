//! Work that goes on behind an answer: looking into tables. It is put into the table of the service as an item, whose
//! stream calls the function that does it, at least once.
//!
//! What is being looked into has a lease. Only who holds it writes what was found, and where it has run out somebody else
//! may begin: so nothing is being looked into for ever, whatever becomes of who does it.

use std::time::Duration;

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};

use super::store::{Warehouses, table_key};
use super::tables::{Scanned, Status, Table, part, status};
use crate::clock::Timestamp;
use crate::dynamo::{Change, Transacted, item, key, number, text};
use crate::error::{Error, Result};
use crate::id::{ScanId, TableId, UserId};

/// How long a table may be looked into, from the request on: a scan waits for those of the same account before it.
const LEASE: Duration = Duration::from_mins(15);

/// How long the item of a scan stays in the table, for whoever wonders.
const KEPT: Duration = Duration::from_hours(24);

/// The most tables of one scan: what a session looks into within the time that a function has.
const TABLES_A_SCAN: usize = 20;

/// How often a scan is begun anew that meets another.
const TRIES: usize = 5;

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
    pub async fn begin_scans(&self, owner: UserId, tables: Vec<Table>, now: Timestamp) -> Result<Vec<Table>> {
        let (free, leased): (Vec<Table>, Vec<Table>) = tables.into_iter().partition(|table| table.is_free(now));
        let mut begun = leased;
        for some in free.chunks(TABLES_A_SCAN) {
            begun.extend(self.begin_scan(owner, some.to_vec(), now).await?);
        }
        begun.sort_by_key(|table| table.id);
        Ok(begun)
    }

    /// The same of so many as one scan has: all of them and the scan, or nothing.
    async fn begin_scan(&self, owner: UserId, mut tables: Vec<Table>, now: Timestamp) -> Result<Vec<Table>> {
        for _ in 0..TRIES {
            let lease = Lease { scan: ScanId::fresh(), until: now.plus(LEASE) };
            let free: Vec<TableId> = tables.iter().filter(|table| table.is_free(now)).map(|table| table.id).collect();
            if free.is_empty() {
                return Ok(tables);
            }
            let mut parts = vec![self.scan_part(&Scan { id: lease.scan, owner, tables: free.clone() }, now)?];
            for id in &free {
                parts.push(lease_change(lease, now)?.part(&self.table, table_key(owner, *id))?);
            }
            if self.table.transact(parts).await? == Transacted::Done {
                return Ok(tables.into_iter().map(|table| table.leased(lease, now)).collect());
            }
            // Somebody else has begun with one of them, or it is gone.
            let ids: Vec<TableId> = tables.iter().map(|table| table.id).collect();
            tables = self.tables_of(owner, &ids).await?;
        }
        Err(Error::ConnectionChanged)
    }

    fn scan_part(&self, scan: &Scan, now: Timestamp) -> Result<TransactWriteItem> {
        let mut record = item(key(scans_pk(scan.owner), format!("SCAN#{}", scan.id)), scan)?;
        record.insert("ttl".to_owned(), number(now.plus(KEPT).epoch_s()));
        self.table.insertion(record)
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

/// Gives a table into somebody's hands, unless somebody has it in theirs.
fn lease_change(lease: Lease, now: Timestamp) -> Result<Change> {
    Ok(Change::default()
        .set("status", status(Status::Synchronizing)?)
        .set("lease_scan", text(lease.scan.to_string()))
        .set("lease_until", number(lease.until.epoch_s()))
        .remove("error_message")
        .only_if("attribute_exists(pk)", [])
        .only_if("attribute_not_exists(lease_until) OR lease_until < :now", [(":now", number(now.epoch_s()))]))
}

/// The lease of a table, as its item has it.
pub(super) fn lease_of(scan: Option<ScanId>, until_s: Option<i64>) -> Option<Lease> {
    Some(Lease { scan: scan?, until: Timestamp::from_epoch_ms(until_s?.saturating_mul(1_000)) })
}

/// The keys of the items of an account's scans.
pub(super) fn scans_pk(owner: UserId) -> String {
    format!("USER#{owner}#J")
}
