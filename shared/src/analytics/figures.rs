//! Where figures are kept. Of an account: `USER#id#R` / `DAY#date`, `QUERIES#date` and `QUERIES#month`, so that a year of
//! queries is a few months and days. Of all: `SYSTEM#R#shard` / `DAY#date`. They end by TTL after 400 days.

use std::time::Duration;

use aws_sdk_dynamodb::types::TransactWriteItem;
use futures_util::future::try_join_all;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Analytics, Queries, Rollup, SystemRollup};
use crate::clock::{Date, DateRange};
use crate::dynamo::{Item, Table, item, key, number, read};
use crate::error::{Error, Result};
use crate::id::UserId;
use crate::packed::Packed;

/// How long figures are kept after their last day.
const RETENTION: Duration = Duration::from_hours(400 * 24);

/// Over how many items a day's figures of all accounts are spread.
const SHARDS: u8 = 16;

/// The most bytes of packed figures: an item has room for 400 KB.
const BYTES_MAX: usize = 350_000;

/// Figures that one item can hold.
pub(super) trait Figures: Default + DeserializeOwned + Serialize {
    /// Makes them smaller, if that is possible.
    fn shorten(&mut self) -> bool;
}

impl Figures for Rollup {
    fn shorten(&mut self) -> bool {
        false
    }
}

impl Figures for Queries {
    fn shorten(&mut self) -> bool {
        self.cut_to(self.by_text.len() * 3 / 4);
        !self.by_text.is_empty()
    }
}

impl Figures for SystemRollup {
    fn shorten(&mut self) -> bool {
        self.leave_out_accounts()
    }
}

/// Where the figures are of a day of an account.
pub(super) struct Places {
    pub date: Date,
    pub day: Item,
    pub queries: Item,
    pub month: Item,
    pub system: Item,
}

impl Places {
    pub fn new(owner: UserId, date: Date) -> Self {
        let own = |sk| key(figures_pk(owner), sk);
        Self {
            date,
            day: own(day_sk(date)),
            queries: own(queries_sk(&date.to_string())),
            month: own(queries_sk(&date.month())),
            system: key(system_pk(shard(owner)), day_sk(date)),
        }
    }

    pub fn keys(&self) -> [Item; 4] {
        [&self.day, &self.queries, &self.month, &self.system].map(Item::clone)
    }
}

/// Figures as they are stored, and how often they were written: 0, where they never were.
pub(super) struct Row<T> {
    pub revision: u64,
    pub figures: T,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    revision: u64,
    packed: Packed,
    #[serde(default)]
    ttl: i64,
}

impl<T: Figures> Row<T> {
    /// The figures of this item; none yet, where there is no item.
    pub fn read(found: Option<Item>) -> Result<Self> {
        let Some(found) = found else { return Ok(Self { revision: 0, figures: T::default() }) };
        let stored: Stored = read(found)?;
        Ok(Self { revision: stored.revision, figures: stored.packed.open()? })
    }

    /// The part of a transaction that puts them in the place of those that were read, unless somebody has written since.
    pub fn put(mut self, table: &Table, key: Item, last: Date) -> Result<TransactWriteItem> {
        let mut packed = Packed::of(&self.figures)?;
        while packed.bytes() > BYTES_MAX && self.figures.shorten() {
            packed = Packed::of(&self.figures)?;
        }
        let ttl = last.plus_days(1).midnight().plus(RETENTION).epoch_s();
        let stored = Stored { revision: self.revision + 1, packed, ttl };
        let item = item(key, &stored)?;
        match self.revision {
            0 => table.insertion(item),
            before => table.replacement(item, "revision = :before", [(":before", number(before))]),
        }
    }
}

impl Analytics {
    /// The figures of the days in the range that have any, oldest first. One query.
    pub async fn days(&self, owner: UserId, range: DateRange) -> Result<Vec<(Date, Rollup)>> {
        let items = self.table.range(figures_pk(owner), day_sk(range.first()), day_sk(range.last())).await?;
        items.into_iter().map(dated).collect()
    }

    /// The queries of the range. One batch: at most 30 days, 13 months and 30 days, if the range is no longer than that.
    pub async fn queries(&self, owner: UserId, range: DateRange) -> Result<Queries> {
        let keys = spans(range).into_iter().map(|span| key(figures_pk(owner), queries_sk(&span))).collect();
        let mut all = Queries::default();
        for found in self.table.items(keys).await? {
            all.merge(&Row::<Queries>::read(Some(found))?.figures);
        }
        Ok(all)
    }

    /// The figures of all accounts on the days in the range that have any, oldest first. One query for each of 16 shards.
    pub async fn system_days(&self, range: DateRange) -> Result<Vec<(Date, SystemRollup)>> {
        let shards = (0..SHARDS).map(|shard| self.shard_days(shard, range));
        let mut days = std::collections::BTreeMap::<Date, SystemRollup>::new();
        for (day, figures) in try_join_all(shards).await?.into_iter().flatten() {
            days.entry(day).or_default().merge(&figures);
        }
        Ok(days.into_iter().collect())
    }

    async fn shard_days(&self, shard: u8, range: DateRange) -> Result<Vec<(Date, SystemRollup)>> {
        let items = self.table.range(system_pk(shard), day_sk(range.first()), day_sk(range.last())).await?;
        items.into_iter().map(dated).collect()
    }
}

pub(super) fn figures_pk(owner: UserId) -> String {
    format!("USER#{owner}#R")
}

/// In which shard an account is. Ids are random, so that the shards are as large.
pub(super) fn shard(owner: UserId) -> u8 {
    let last = owner.to_string().chars().next_back().and_then(|digit| digit.to_digit(16));
    last.and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0) % SHARDS
}

/// Whose figures an item has.
pub(super) fn owner(item: &Item) -> Option<UserId> {
    item.get("pk")?.as_s().ok()?.strip_prefix("USER#")?.strip_suffix("#R")?.parse().ok()
}

fn system_pk(shard: u8) -> String {
    format!("SYSTEM#R#{shard:02}")
}

fn day_sk(day: Date) -> String {
    format!("DAY#{day}")
}

pub(super) fn queries_sk(span: &str) -> String {
    format!("QUERIES#{span}")
}

/// The figures of an item with the day that its sort key names.
fn dated<T: Figures>(item: Item) -> Result<(Date, T)> {
    let day = item.get("sk").and_then(|sk| sk.as_s().ok()).and_then(|sk| sk.strip_prefix("DAY#")?.parse().ok());
    let day = day.ok_or_else(|| Error::internal("figures have no day"))?;
    Ok((day, Row::read(Some(item))?.figures))
}

/// A range as whole months, and the days before and after them.
fn spans(range: DateRange) -> Vec<String> {
    let mut spans = Vec::new();
    let mut day = range.first();
    while day <= range.last() {
        if day == day.first_of_month() && day.last_of_month() <= range.last() {
            spans.push(day.month());
            day = day.last_of_month();
        } else {
            spans.push(day.to_string());
        }
        day = day.plus_days(1);
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: &str, last: &str) -> DateRange {
        DateRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    #[test]
    fn whole_months_of_a_range_are_read_as_months() {
        let spans = spans(range("2024-01-30", "2024-04-02"));
        assert_eq!(spans, ["2024-01-30", "2024-01-31", "2024-02", "2024-03", "2024-04-01", "2024-04-02"]);
    }

    #[test]
    fn no_year_is_read_in_more_than_one_batch() {
        for first in range("2023-01-01", "2024-12-31").iter() {
            let spans = spans(DateRange::new(first, first.plus_days(365)).unwrap());
            assert!(spans.len() <= 73, "{first}: {}", spans.len());
        }
    }
}
