//! The window of a key, and what was called in it.
//!
//! The item counts the calls of its window by day and endpoint, in attributes such as `calls#2026-11-22#GET /path`. The
//! transaction that opens the next window adds them to `USER#id#R` / `KEY#id#DAY#date`, once, whoever tries. A call
//! belongs to the day on which it was made, also where a window spans midnight.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::{Deserialize, Serialize};

use super::store::key_of;
use super::{Key, KeyHash, KeyRefused, Keys};
use crate::clock::Timestamp;
use crate::dynamo::{Change, Item, Table, key, number, read, text};
use crate::error::{Error, Result};
use crate::id::{KeyId, UserId};
use crate::limits::{Allowance, Metered, Quota, Window, spend};

/// What the names of counters begin with.
const CALLS: &str = "calls#";

/// How long the counters of a day are kept: a year, and as much as somebody may need to notice.
const DAY_KEPT: Duration = Duration::from_hours(400 * 24);

/// A key that was used just now.
pub struct Used {
    /// Its record, as the call found it or left it.
    pub key: Key,
    /// Where it stands.
    pub quota: Quota,
}

/// What was called, by day and endpoint.
pub(super) type Calls = BTreeMap<(String, String), u64>;

/// The item of a key.
pub(super) struct KeyRow {
    pub key: Key,
    pub window: Window,
    /// The calls of its window.
    pub calls: Calls,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    key: Key,
    #[serde(flatten)]
    window: Window,
}

impl KeyRow {
    pub fn read(mut item: Item) -> Result<Self> {
        let counters = item.extract_if(|name, _| name.starts_with(CALLS));
        let calls = counters.filter_map(|(name, count)| {
            let (day, endpoint) = name.strip_prefix(CALLS)?.split_once('#')?;
            Some(((day.to_owned(), endpoint.to_owned()), whole(&count)?))
        });
        let calls = calls.collect();
        let Stored { key, window } = read(item)?;
        Ok(Self { key, window, calls })
    }
}

/// The counters of a day, in the item of that day.
pub(super) fn calls_of_day(day: &str, item: &Item) -> Calls {
    let counters = item.iter().filter_map(|(name, count)| {
        let endpoint = name.strip_prefix(CALLS)?;
        Some(((day.to_owned(), endpoint.to_owned()), whole(count)?))
    });
    counters.collect()
}

fn whole(count: &AttributeValue) -> Option<u64> {
    count.as_n().ok()?.parse().ok()
}

impl Keys {
    /// Counts one call of this endpoint with this key and says where the key stands, or why it is refused.
    pub async fn spend(&self, hash: &KeyHash, endpoint: &str, now: Timestamp) -> Result<Used> {
        let spent = spend(&KeyMeter { table: &self.table, hash, endpoint }, now).await?;
        Ok(Used { key: spent.row.key, quota: spent.quota })
    }
}

struct KeyMeter<'a> {
    table: &'a Table,
    hash: &'a KeyHash,
    endpoint: &'a str,
}

impl KeyMeter<'_> {
    fn counter(&self, now: Timestamp) -> String {
        counter(&now.day(), self.endpoint)
    }
}

impl Metered for KeyMeter<'_> {
    type Row = KeyRow;

    fn table(&self) -> &Table {
        self.table
    }

    fn key(&self) -> Item {
        key_of(self.hash)
    }

    fn read(&self, item: Item) -> Result<KeyRow> {
        KeyRow::read(item)
    }

    fn window<'row>(&self, row: &'row KeyRow) -> &'row Window {
        &row.window
    }

    fn allowance(&self, row: Option<&KeyRow>) -> &'static Allowance {
        row.map(|row| row.key.tier).unwrap_or_default().allowance()
    }

    fn room(&self) -> (&'static str, Vec<(&'static str, AttributeValue)>) {
        ("used < hourly_limit", Vec::new())
    }

    fn check(&self, row: Option<&KeyRow>, now: Timestamp) -> Result<()> {
        row.ok_or(KeyRefused::Unknown)?.key.check(now).map_err(Error::from)
    }

    fn with_call(&self, change: Change, now: Timestamp) -> Change {
        let now = text(now.to_string());
        change
            .set("last_used", now.clone())
            .add("usage_count", number(1))
            .only_if("usable_until > :now AND attribute_not_exists(revoked_at)", [(":now", now)])
    }

    fn with_running(&self, change: Change, now: Timestamp) -> Change {
        change.add(&self.counter(now), number(1))
    }

    fn with_next(&self, change: Change, row: &KeyRow, now: Timestamp) -> Result<(Change, Vec<TransactWriteItem>)> {
        let first = self.counter(now);
        let old = row.calls.keys().map(|(day, endpoint)| counter(day, endpoint));
        let change = old.filter(|name| *name != first).fold(change, |change, name| change.remove(&name));
        let kept_until = now.plus(DAY_KEPT);
        let mut days = BTreeMap::<&str, Change>::new();
        for ((day, endpoint), count) in &row.calls {
            let change = days.remove(day.as_str()).unwrap_or_else(|| ending(kept_until));
            days.insert(day, change.add(&format!("{CALLS}{endpoint}"), count_of(*count)));
        }
        let parts = days.into_iter().map(|(day, change)| {
            let Key { owner, id, .. } = row.key;
            change.part(self.table, key(usage_pk(owner), day_sk(id, day)))
        });
        Ok((change.set(&first, number(1)), parts.collect::<Result<_>>()?))
    }
}

fn ending(at: Timestamp) -> Change {
    Change::default().set("ttl", number(at.epoch_s()))
}

fn counter(day: &str, endpoint: &str) -> String {
    format!("{CALLS}{day}#{endpoint}")
}

fn count_of(count: u64) -> AttributeValue {
    AttributeValue::N(count.to_string())
}

pub(super) fn usage_pk(owner: UserId) -> String {
    format!("USER#{owner}#R")
}

pub(super) fn day_sk(id: KeyId, day: &str) -> String {
    format!("KEY#{id}#DAY#{day}")
}
