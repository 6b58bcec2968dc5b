//! What happens to texts of searches that were kept, when their owner wants none kept any more.
//!
//! The setting is stored before anything is erased. A search that is on its way meanwhile is put with its text, and loses it
//! when it is added to the figures: whoever does that reads the setting with the search ([`Analytics::roll_up`]). Who read
//! both before the setting was there is refused, because erasing a text is a change of the search that was read.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::figures::{Places, Row, figures_pk};
use super::roll_up::waits;
use super::{Analytics, HistoryPart, Rollup, SystemRollup};
use crate::aws::failed;
use crate::clock::Date;
use crate::dynamo::{Change, Item, Transacted, number, pause, text};
use crate::error::{Error, Result};
use crate::id::UserId;

/// Searches whose texts are erased at the same time.
const AT_ONCE: usize = 16;

impl Analytics {
    /// Takes the texts out of all searches of an account, and out of all figures that have one. May be done again, and takes
    /// up what was left when it was cut short.
    pub async fn erase_texts(&self, owner: UserId) -> Result<()> {
        self.erase_from_history(owner).await?;
        self.table.remove_beginning_with(figures_pk(owner), "QUERIES#").await?;
        for (day, mut figures) in self.all_days(owner).await? {
            if figures.erase_texts(owner) {
                self.erase_from_day(owner, day).await?;
            }
        }
        Ok(())
    }

    async fn erase_from_history(&self, owner: UserId) -> Result<()> {
        let with_text = self
            .part(owner, HistoryPart::default())
            .filter_expression("attribute_type(#query, :text)")
            .expression_attribute_names("#query", "query")
            .expression_attribute_values(":text", text("S"))
            .projection_expression("pk, sk")
            .consistent_read(true);
        let keys: Vec<Item> = with_text.into_paginator().items().send().try_collect().await.map_err(failed)?;
        let erase = |key| async move { self.table.update(key, without_text()).await.map(drop) };
        stream::iter(keys).map(erase).buffer_unordered(AT_ONCE).try_collect().await
    }

    /// The slowest searches of the day are named with their texts, in the account's own figures and in those of all.
    async fn erase_from_day(&self, owner: UserId, day: Date) -> Result<()> {
        let places = Places::new(owner, day);
        for wait_ms in waits() {
            let mut own: Row<Rollup> = self.row(&places.day).await?;
            let mut system: Row<SystemRollup> = self.row(&places.system).await?;
            let mut parts = Vec::new();
            if system.figures.rollup.erase_texts(owner) {
                parts.push(system.put(&self.table, places.system.clone(), day)?);
            }
            if own.figures.erase_texts(owner) {
                parts.push(own.put(&self.table, places.day.clone(), day)?);
            }
            if parts.is_empty() || self.table.transact(parts).await? == Transacted::Done {
                return Ok(());
            }
            pause(wait_ms).await;
        }
        Err(Error::unavailable("figures were written by others at every attempt"))
    }
}

/// Takes the text out of a search. Who has read it before, to change it, has to read it again.
fn without_text() -> Change {
    let erased = Change::default().set("query", AttributeValue::Null(true)).add("revision", number(1));
    erased.only_if("attribute_exists(pk)", [])
}
