//! What an account wants kept of its searches: `USER#id` / `ANALYTICS`.
//!
//! The item lies where the query that brings an account's connections passes it, so that a search learns of it for nothing.

use std::time::Duration;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use serde::{Deserialize, Serialize};

use super::Analytics;
use crate::dynamo::{Item, Transacted, item, key, read};
use crate::error::{Error, InvalidKind, Refusal, Result};
use crate::id::UserId;
use crate::users::{SessionRefused, still_there};

/// What is kept of searches from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    /// For how many days a search stands in the history.
    pub retention_days: RetentionDays,
    /// Whether its text is kept at all.
    pub record_query_text: bool,
}

/// 1 to 400 days: figures are kept no longer either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct RetentionDays(u16);

impl Default for Recording {
    fn default() -> Self {
        Self { retention_days: RetentionDays(90), record_query_text: true }
    }
}

impl RetentionDays {
    /// As a span.
    pub fn span(self) -> Duration {
        Duration::from_hours(24 * u64::from(self.0))
    }
}

impl TryFrom<u64> for RetentionDays {
    type Error = Refusal;

    fn try_from(days: u64) -> Result<Self, Refusal> {
        match days {
            0 => Err(Refusal(InvalidKind::TooSmall, "must be 1 to 400")),
            1..=400 => Ok(Self(u16::try_from(days).unwrap_or(400))),
            _ => Err(Refusal(InvalidKind::TooBig, "must be 1 to 400")),
        }
    }
}

impl From<RetentionDays> for u64 {
    fn from(days: RetentionDays) -> Self {
        days.0.into()
    }
}

impl Recording {
    /// Where an account's are, beside its connections.
    pub const SORT_KEY: &str = "ANALYTICS";

    /// The same with the account, for whoever reads them with something else.
    pub fn key(owner: UserId) -> Item {
        key(format!("USER#{owner}"), Self::SORT_KEY)
    }

    /// Whether an item is such.
    pub fn is(item: &Item) -> bool {
        item.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk == Self::SORT_KEY)
    }

    /// Those of an item, or what holds for accounts that have said nothing.
    pub fn read(found: Option<Item>) -> Result<Self> {
        found.map(read).transpose().map(Option::unwrap_or_default)
    }
}

impl Analytics {
    /// What an account wants kept.
    pub async fn recording(&self, owner: UserId) -> Result<Recording> {
        let key = format!("USER#{owner}");
        Ok(self.table.get(key, Recording::SORT_KEY.to_owned()).await?.unwrap_or_default())
    }

    /// Changes that, for the searches from now on. For texts that were kept before see [`Analytics::erase_texts`].
    pub async fn set_recording(&self, owner: UserId, recording: Recording) -> Result<()> {
        let put = Put::builder()
            .table_name(&self.table.name)
            .set_item(Some(item(Recording::key(owner), &recording)?))
            .build()
            .map_err(Error::internal)?;
        let put = TransactWriteItem::builder().put(put).build();
        match self.table.transact(vec![still_there(&self.table, owner)?, put]).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(_) => Err(SessionRefused::Invalid.into()),
        }
    }
}
