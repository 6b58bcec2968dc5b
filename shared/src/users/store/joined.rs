//! How many accounts registered on a day: `SYSTEM#U#shard` / `DAY#date`. They end by TTL after 401 days.
//!
//! The number is added to in the transaction of the registration. Where two transactions meet at it DynamoDB refuses one of
//! them, which is then made again: a registration may wait for another, and none is lost or counted twice.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::TransactWriteItem;
use futures_util::future::try_join_all;
use serde::Deserialize;

use super::Users;
use crate::clock::{Date, DateRange};
use crate::dynamo::{Change, Table, key, number, read};
use crate::error::Result;
use crate::id::UserId;
use crate::users::User;

/// How long the numbers are kept.
const RETENTION: Duration = Duration::from_hours(401 * 24);

/// A day's number is spread over so many items, so that registrations do not wait for each other.
const SHARDS: u8 = 4;

impl Users {
    /// How many accounts registered on each day of the range on which any did, those that were closed since among them. One
    /// query for each of 4 shards.
    pub async fn joined(&self, range: DateRange) -> Result<Vec<(Date, u64)>> {
        let (first, last) = (format!("DAY#{}", range.first()), format!("DAY#{}", range.last()));
        let shards = (0..SHARDS).map(|shard| self.table.range(pk(shard), first.clone(), last.clone()));
        let mut days = BTreeMap::<Date, u64>::new();
        for item in try_join_all(shards).await?.into_iter().flatten() {
            let Joined { sk, users } = read(item)?;
            let day = sk.strip_prefix("DAY#").and_then(|day| day.parse().ok());
            if let Some(day) = day {
                *days.entry(day).or_default() += users;
            }
        }
        Ok(days.into_iter().collect())
    }

    /// The ids of all accounts: for the operator alone, no function may scan.
    pub async fn ids(&self) -> Result<Vec<UserId>> {
        #[derive(Deserialize)]
        struct Only {
            id: UserId,
        }
        let found: Vec<Only> = self.table.scan_only("USER", &["id"]).await?;
        Ok(found.into_iter().map(|only| only.id).collect())
    }
}

#[derive(Deserialize)]
struct Joined {
    sk: String,
    users: u64,
}

/// The part of a transaction that counts a new account.
pub(super) fn one_more(table: &Table, user: &User) -> Result<TransactWriteItem> {
    let day = user.created_at.date();
    let shard = user.id.to_string().bytes().next_back().unwrap_or(0) % SHARDS;
    let ttl = day.midnight().plus(RETENTION).epoch_s();
    let change = Change::default().add("users", number(1)).set("ttl", number(ttl));
    change.part(table, key(pk(shard), format!("DAY#{day}")))
}

fn pk(shard: u8) -> String {
    format!("SYSTEM#U#{shard:02}")
}
