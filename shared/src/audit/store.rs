//! Where entries are kept: `USER#id#A` / the time, the request and the subject, so that the newest can be read first.
//! They end by TTL.

use std::time::Duration;

use super::Entry;
use crate::aws::failed;
use crate::dynamo::{Item, Table, item, key, number, read, text};
use crate::error::Result;
use crate::id::UserId;

/// How long an entry is kept: a year and a month, so that a yearly review sees a whole year.
const RETENTION: Duration = Duration::from_hours(400 * 24);

/// The entries.
#[derive(Clone)]
pub struct Audit {
    table: Table,
}

/// A place in the list, for the page after it. It means nothing outside the list of its own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position(pub String);

impl Audit {
    /// The entries of a table.
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// The entries of an account, newest first, from after `from` on, at most `limit`; and where the next page begins,
    /// if there is one.
    pub async fn list(
        &self,
        owner: UserId,
        from: Option<&Position>,
        limit: usize,
    ) -> Result<(Vec<Entry>, Option<Position>)> {
        let before = from.map_or_else(|| "~".to_owned(), |position| position.0.clone());
        let mut newest_first = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .key_condition_expression("pk = :pk AND sk < :before")
            .expression_attribute_values(":pk", text(audit_pk(owner)))
            .expression_attribute_values(":before", text(before))
            .scan_index_forward(false)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut entries = Vec::new();
        let mut last = None;
        while let Some(found) = newest_first.next().await {
            if entries.len() == limit {
                return Ok((entries, last));
            }
            let found = found.map_err(failed)?;
            last = found.get("sk").and_then(|sk| sk.as_s().ok()).map(|sk| Position(sk.clone()));
            entries.push(read(found)?);
        }
        Ok((entries, None))
    }
}

/// An entry as it is stored.
pub(super) fn item_of(entry: &Entry) -> Result<Item> {
    let place = format!("{}#{}#{}", entry.at, entry.request, entry.subject);
    let mut item = item(key(audit_pk(entry.owner), place), entry)?;
    item.insert("ttl".to_owned(), number(entry.at.plus(RETENTION).epoch_s()));
    Ok(item)
}

fn audit_pk(owner: UserId) -> String {
    format!("USER#{owner}#A")
}
