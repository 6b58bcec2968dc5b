//! What is known of the tables of a connection: found by a scan, and said by their owner.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::scans::{Lease, lease_of};
use super::settings::Metadata;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::{ScanId, TableId};
use crate::packed;

/// The most tables that are kept of a connection.
pub const TABLES_MAX: usize = 1_000;

/// The most bytes that one part of a record takes when it is packed. An item of DynamoDB has 400 KB for all of them.
const PACKED_BYTES_MAX: usize = 180 * 1024;

/// What became of a table whose lease ran out.
const GIVEN_UP: &str = "the scan did not come to its end: ask for it again";

/// A table or a view.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    /// Its id, which says which connection it is of.
    pub id: TableId,
    /// The schema that it is in.
    pub schema: String,
    /// Its name, as the server spells it.
    pub name: String,
    status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease_scan: Option<ScanId>,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease_until: Option<i64>,
    /// What the last good scan found.
    #[serde(default, with = "packed")]
    pub scanned: Option<Scanned>,
    /// When that was.
    #[serde(default)]
    pub last_schema_sync: Option<Timestamp>,
    /// What its owner says of it, which no scan changes.
    #[serde(default, with = "packed")]
    pub said: Option<Said>,
    /// Counts what was said.
    pub revision: u64,
    /// When it was seen first.
    pub created_at: Timestamp,
}

/// How far the knowledge of a table has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It is there, and nobody has looked into it.
    NotScanned,
    /// It is being looked into.
    Synchronizing,
    /// It was looked into.
    Scanned,
    /// It is not there any more.
    Deprecated,
    /// It was tried in vain.
    Failed,
}

/// A table that a server has listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The schema that it is in.
    pub schema: String,
    /// Its name.
    pub name: String,
}

/// What a scan found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Scanned {
    /// What the server keeps as a comment.
    pub comment: Option<String>,
    /// Its columns, in the server's order.
    pub columns: Vec<Column>,
    /// A few rows, each with its values in the order of the columns.
    pub examples: Vec<Vec<Option<String>>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as the server prints it.
    pub data_type: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it is the primary key, or a part of it.
    pub is_primary_key: bool,
    /// What the server keeps as a comment.
    pub comment: Option<String>,
    /// What it refers to.
    pub foreign_key: Option<ForeignKey>,
}

/// A column of another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The column.
    pub field_name: String,
    /// The table.
    pub reference_table: String,
}

/// What an owner says of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What it is.
    pub description: Option<String>,
    /// What its columns are, by their names.
    pub columns: BTreeMap<String, SaidOfColumn>,
    /// Whatever is to be kept beside it.
    pub metadata: Option<Metadata>,
}

/// What an owner says of a column: what is not said is as the scan found it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidOfColumn {
    /// What it is.
    pub description: Option<String>,
    /// Whether it is the primary key.
    pub is_primary_key: Option<bool>,
    /// Its type.
    pub data_type: Option<String>,
    /// Whether it has few different values.
    pub low_cardinality: Option<bool>,
    /// Which.
    pub categories: Option<Vec<String>>,
    /// What it refers to.
    pub foreign_key: Option<ForeignKey>,
}

impl Table {
    pub(super) fn new(id: TableId, found: Found, now: Timestamp) -> Self {
        Self {
            id,
            schema: found.schema,
            name: found.name,
            status: Status::NotScanned,
            error_message: None,
            lease_scan: None,
            lease_until: None,
            scanned: None,
            last_schema_sync: None,
            said: None,
            revision: 0,
            created_at: now,
        }
    }

    /// How far the knowledge of it has come, and what went wrong where something did.
    pub fn status(&self, now: Timestamp) -> (Status, Option<&str>) {
        let is_given_up = self.lease().is_none_or(|lease| lease.until < now);
        match self.status {
            Status::Synchronizing if is_given_up => (Status::Failed, Some(GIVEN_UP)),
            status => (status, self.error_message.as_deref()),
        }
    }

    /// Who is looking into it, or was at last.
    pub fn lease(&self) -> Option<Lease> {
        lease_of(self.lease_scan, self.lease_until)
    }

    /// Whether nobody is looking into it.
    pub(super) fn is_free(&self, now: Timestamp) -> bool {
        self.lease_until.is_none_or(|until| until < now.epoch_s())
    }

    /// The table in these hands, where it was free.
    pub(super) fn leased(mut self, lease: Lease, now: Timestamp) -> Self {
        if self.is_free(now) {
            self.status = Status::Synchronizing;
            self.error_message = None;
            (self.lease_scan, self.lease_until) = (Some(lease.scan), Some(lease.until.epoch_s()));
        }
        self
    }

    /// Whether this scan may look into it.
    pub fn is_leased_by(&self, scan: ScanId) -> bool {
        self.lease_scan == Some(scan)
    }
}

pub(super) fn status(status: Status) -> Result<AttributeValue> {
    serde_dynamo::to_attribute_value(status).map_err(Error::internal)
}

/// A part of a record as it is stored; none where it is larger than what is kept.
pub(super) fn part(value: &impl Serialize) -> Result<Option<AttributeValue>> {
    let packed = packed::Packed::of(value)?;
    let is_kept = packed.bytes() <= PACKED_BYTES_MAX;
    is_kept.then(|| serde_dynamo::to_attribute_value(packed).map_err(Error::internal)).transpose()
}
