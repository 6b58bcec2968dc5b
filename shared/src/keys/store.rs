//! Where keys are kept. `KEY#sha256` / `KEY` is the key; `USER#id` / `KEY#id` leads its owner to it; and
//! `USER#id` / `KEYS` counts those that are not revoked. See `docs/adr/0001-keys-without-an-index.md`.
//!
//! A key is checked, counted and limited by one conditional write. Only where a window ends or overflows, once an hour
//! at most, does a second write open the next window or the block.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use serde::{Deserialize, Serialize};

use super::quota::{Quota, WINDOW};
use super::{Key, KeyHash, KeyRefused};
use crate::clock::Timestamp;
use crate::dynamo::{BATCH_GET_MAX, Item, Table, boolean, is_refused, item, key, number, read, text};
use crate::error::{Error, Result};
use crate::id::{KeyId, UserId};

/// The most keys that an account may hold at a time: as many as one read of the table brings.
const ACTIVE_MAX: usize = BATCH_GET_MAX;

/// Attempts to open a window or a block, against others who do the same.
const ATTEMPTS_MAX: usize = 8;

/// The keys.
#[derive(Clone)]
pub struct Keys {
    table: Table,
}

/// A key that was used just now.
pub struct Used {
    /// Its record, after the call was counted.
    pub key: Key,
    /// Where it stands.
    pub quota: Quota,
}

/// How many keys an account may hold already for another to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// None: the new one is to be its first.
    None,
    /// Fewer than an account may hold.
    FewerThanMax,
}

/// What the record holds besides the key: its window.
#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    key: Key,
    /// Calls let through in this window.
    used: u64,
    /// Calls that one window lets through.
    hourly_limit: u64,
    /// When the window ends, or the block: milliseconds since the epoch.
    window_ends_ms: i64,
    /// Whether the window has overflowed and is now a block.
    blocked: bool,
}

impl Row {
    fn quota(&self) -> Quota {
        Quota {
            tier: self.key.tier,
            remaining: if self.blocked { 0 } else { self.hourly_limit.saturating_sub(self.used) },
            resets_at: Timestamp::from_epoch_ms(self.window_ends_ms),
        }
    }

    fn check(&self, now: Timestamp) -> Result<(), KeyRefused> {
        match self.key.revoked_at {
            _ if self.key.usable_until > now => Ok(()),
            Some(_) => Err(KeyRefused::Revoked),
            None => Err(KeyRefused::Expired),
        }
    }

    fn used(self) -> Used {
        Used { quota: self.quota(), key: self.key }
    }

    fn limited(&self, now: Timestamp) -> Error {
        let quota = self.quota();
        Error::RateLimited { quota, retry_after_s: quota.wait_s(now) }
    }
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    hash: KeyHash,
}

impl Keys {
    /// The keys of a table.
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Stores a new key, unless its owner holds too many.
    pub async fn insert(&self, new: &Key, holding: Holding) -> Result<()> {
        let row = Row {
            key: new.clone(),
            used: 0,
            hourly_limit: new.tier.calls_per_hour(),
            window_ends_ms: new.created_at.plus(WINDOW).epoch_ms(),
            blocked: false,
        };
        let pointer = Pointer { hash: new.hash.clone() };
        let held_max = match holding {
            Holding::None => 1,
            Holding::FewerThanMax => ACTIVE_MAX,
        };
        let count = self
            .count(new.owner, 1)
            .condition_expression("attribute_not_exists(active) OR active < :max")
            .expression_attribute_values(":max", number(held_max));
        self.table
            .client
            .transact_write_items()
            .transact_items(self.put(item(key_of(&new.hash), &row)?)?)
            .transact_items(self.put(item(pointer_of(new.owner, new.id), &pointer)?)?)
            .transact_items(updating(count)?)
            .send()
            .await
            .map_err(|e| match e.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(why)) if is_refused(why, 2) => match holding
                {
                    Holding::None => Error::KeyExists,
                    Holding::FewerThanMax => Error::TooMany { what: "API keys", limit: ACTIVE_MAX },
                },
                _ => Error::internal(e),
            })?;
        Ok(())
    }

    /// The keys of an account that were not revoked, newest first.
    pub async fn list(&self, owner: UserId) -> Result<Vec<Key>> {
        let pointers: Vec<Pointer> = self.table.list(owner_pk(owner), "KEY#").await?;
        let mut keys = Vec::new();
        for batch in pointers.chunks(BATCH_GET_MAX) {
            let wanted = batch.iter().map(|pointer| key_of(&pointer.hash)).collect();
            keys.extend(self.table.get_all::<Key>(wanted).await?);
        }
        keys.retain(Key::is_active);
        keys.sort_by_key(|key| (std::cmp::Reverse(key.created_at), key.id));
        Ok(keys)
    }

    /// The key of this owner with this id, revoked or not.
    pub async fn get(&self, owner: UserId, id: KeyId) -> Result<Option<Key>> {
        let Some(Pointer { hash }) = self.table.get(owner_pk(owner), format!("KEY#{id}")).await? else {
            return Ok(None);
        };
        self.table.get(format!("KEY#{hash}"), "KEY".to_owned()).await
    }

    /// Revokes a key: it is refused from the next call on. Revoking it again changes nothing.
    pub async fn revoke(&self, key: &Key, now: Timestamp) -> Result<()> {
        let end = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(key_of(&key.hash)))
            .update_expression("SET revoked_at = :now, usable_until = :now, updated_at = :now")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(revoked_at)")
            .expression_attribute_values(":now", text(now.to_string()));
        self.table
            .client
            .transact_write_items()
            .transact_items(updating(end)?)
            .transact_items(updating(self.count(key.owner, -1))?)
            .send()
            .await
            .map(drop)
            .or_else(|e| match e.as_service_error() {
                // It was revoked before, which is what was asked for.
                Some(TransactWriteItemsError::TransactionCanceledException(why)) if is_refused(why, 0) => Ok(()),
                _ => Err(Error::internal(e)),
            })
    }

    /// Counts one call with this key and says where the key stands, or why it is refused.
    pub async fn spend(&self, hash: &KeyHash, now: Timestamp) -> Result<Used> {
        for _ in 0..ATTEMPTS_MAX {
            let row = match self.count_call(hash, now).await? {
                Ok(row) => return Ok(row.used()),
                Err(row) => row.ok_or(KeyRefused::Unknown)?,
            };
            row.check(now)?;
            if row.window_ends_ms <= now.epoch_ms() {
                if let Ok(row) = self.open_window(hash, &row, now).await? {
                    return Ok(row.used());
                }
            } else if row.blocked {
                return Err(row.limited(now));
            } else if let Ok(row) = self.block(hash, &row, now).await? {
                return Err(row.limited(now));
            }
        }
        Err(Error::internal("a key's window changed under every attempt to count a call"))
    }

    /// The hot path: everything that makes a key good is in the condition.
    async fn count_call(&self, hash: &KeyHash, now: Timestamp) -> Result<Result<Row, Option<Row>>> {
        write(
            self.update(hash)
                .update_expression("SET last_used = :now ADD used :one, usage_count :one")
                .condition_expression(
                    "usable_until > :now AND window_ends_ms > :now_ms AND used < hourly_limit AND blocked = :no",
                )
                .expression_attribute_values(":now", text(now.to_string()))
                .expression_attribute_values(":now_ms", number(now.epoch_ms()))
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":no", boolean(false)),
        )
        .await
    }

    /// Opens the next window with this call as its first, unless another call was quicker.
    async fn open_window(&self, hash: &KeyHash, old: &Row, now: Timestamp) -> Result<Result<Row, Option<Row>>> {
        write(
            self.update(hash)
                .update_expression(
                    "SET last_used = :now, used = :one, window_ends_ms = :ends, blocked = :no ADD usage_count :one",
                )
                .condition_expression("usable_until > :now AND window_ends_ms = :was")
                .expression_attribute_values(":now", text(now.to_string()))
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":ends", number(now.plus(WINDOW).epoch_ms()))
                .expression_attribute_values(":was", number(old.window_ends_ms))
                .expression_attribute_values(":no", boolean(false)),
        )
        .await
    }

    /// Turns the full window into a block that lasts as its tier says, unless another call was quicker.
    async fn block(&self, hash: &KeyHash, full: &Row, now: Timestamp) -> Result<Result<Row, Option<Row>>> {
        write(
            self.update(hash)
                .update_expression("SET window_ends_ms = :ends, blocked = :yes")
                .condition_expression("window_ends_ms = :was AND used >= hourly_limit")
                .expression_attribute_values(":ends", number(now.plus(full.key.tier.block()).epoch_ms()))
                .expression_attribute_values(":was", number(full.window_ends_ms))
                .expression_attribute_values(":yes", boolean(true)),
        )
        .await
    }

    fn update(&self, hash: &KeyHash) -> UpdateItemFluentBuilder {
        self.table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key_of(hash)))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    fn put(&self, item: Item) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.table.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(Error::internal)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Adds to the number of keys that an account holds.
    fn count(&self, owner: UserId, change: i32) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(key(owner_pk(owner), "KEYS")))
            .update_expression("ADD active :change")
            .expression_attribute_values(":change", number(change))
    }
}

fn updating(update: aws_sdk_dynamodb::types::builders::UpdateBuilder) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder().update(update.build().map_err(Error::internal)?).build())
}

/// Sends the write: the row after it, or, where the condition refused it, the row as it was, if there is one.
async fn write(update: UpdateItemFluentBuilder) -> Result<Result<Row, Option<Row>>> {
    match update.send().await {
        Ok(done) => read(done.attributes.unwrap_or_default()).map(Ok),
        Err(e) => match e.into_service_error() {
            UpdateItemError::ConditionalCheckFailedException(refused) => refused.item.map(read).transpose().map(Err),
            other => Err(Error::internal(other)),
        },
    }
}

fn key_of(hash: &KeyHash) -> Item {
    key(format!("KEY#{hash}"), "KEY")
}

fn pointer_of(owner: UserId, id: KeyId) -> Item {
    key(owner_pk(owner), format!("KEY#{id}"))
}

fn owner_pk(owner: UserId) -> String {
    format!("USER#{owner}")
}
