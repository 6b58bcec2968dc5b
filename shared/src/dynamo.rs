//! The one table: keys, items as Rust types, and errors of the SDK as ours.
//!
//! Each store builds its own requests from here and states the condition that makes its write right.

mod change;
pub mod events;
mod parts;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures_util::{StreamExt, stream};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::aws::failed;
use crate::error::{Error, Result};
use crate::id::UserId;
use crate::later::Later;

pub use change::{Change, Transacted, Written, pause};

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// The most keys that DynamoDB takes in one `BatchGetItem`.
pub const BATCH_GET_MAX: usize = 100;

/// Items that are removed at the same time.
const REMOVED_AT_ONCE: usize = 16;

/// How long a batch waits after each of its rounds, in milliseconds, while keys of it are left unread. An answer holds 16 MB,
/// and our largest batch far less, so that keys are left for pressure alone.
const ROUND_WAITS_MS: [u16; 5] = [10, 20, 40, 80, 160];

/// The table and its client.
#[derive(Clone)]
pub struct Table {
    /// The client, shared by all stores.
    pub client: Later<Client>,
    /// The table's name.
    pub name: String,
}

impl Table {
    /// Asks for an item that does not exist, to see whether the table answers.
    pub async fn ping(&self) -> Result<()> {
        let answer = self.client.get_item().table_name(&self.name).set_key(Some(key("PING", "PING"))).send().await;
        answer.map(drop).map_err(failed)
    }

    /// The item with this key, read with strong consistency, so that what was revoked a moment ago is seen as such.
    pub async fn get<T: DeserializeOwned>(&self, pk: String, sk: String) -> Result<Option<T>> {
        self.item(pk, sk).await?.map(read).transpose()
    }

    /// The same, as it is.
    pub async fn item(&self, pk: String, sk: String) -> Result<Option<Item>> {
        let found = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .consistent_read(true)
            .send()
            .await
            .map_err(failed)?;
        Ok(found.item)
    }

    /// The items under `pk` with sort keys from `first` to `last`, to the last page, in the order of the sort key.
    pub async fn range(&self, pk: String, first: String, last: String) -> Result<Vec<Item>> {
        let items = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":first", text(first))
            .expression_attribute_values(":last", text(last))
            .consistent_read(true)
            .into_paginator()
            .items();
        items.send().try_collect().await.map_err(failed)
    }

    /// The items under `pk` whose sort key begins with `prefix`, to the last page, in the order of the sort key.
    pub async fn list<T: DeserializeOwned>(&self, pk: String, prefix: &str) -> Result<Vec<T>> {
        collect(self.beginning_with(pk, prefix)).await
    }

    /// The same, of which only this attribute is read.
    pub async fn list_only<T: DeserializeOwned>(&self, pk: String, prefix: &str, attribute: &str) -> Result<Vec<T>> {
        collect(self.beginning_with(pk, prefix).projection_expression(attribute)).await
    }

    /// Of every item of the table whose sort key begins with `prefix`: these attributes. It reads the whole table.
    pub async fn scan_only<T: DeserializeOwned>(&self, prefix: &str, attributes: &[&str]) -> Result<Vec<T>> {
        let aliases = attributes.iter().enumerate().map(|(index, name)| (format!("#n{index}"), (*name).to_owned()));
        let aliases: HashMap<String, String> = aliases.collect();
        let scan = self
            .client
            .scan()
            .table_name(&self.name)
            .filter_expression("begins_with(sk, :prefix)")
            .projection_expression(aliases.keys().cloned().collect::<Vec<_>>().join(", "))
            .set_expression_attribute_names(Some(aliases))
            .expression_attribute_values(":prefix", text(prefix))
            .consistent_read(true);
        let items: Vec<Item> = scan.into_paginator().items().send().try_collect().await.map_err(failed)?;
        items.into_iter().map(read).collect()
    }

    /// Whose and which records there are in the whole table whose sort key begins with `prefix`.
    pub async fn owned<Id: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<(UserId, Id)>> {
        #[derive(Deserialize)]
        struct Owned<Id> {
            owner: UserId,
            id: Id,
        }
        let found: Vec<Owned<Id>> = self.scan_only(prefix, &["owner", "id"]).await?;
        Ok(found.into_iter().map(|owned| (owned.owner, owned.id)).collect())
    }

    /// Removes every item under `pk`, some at a time. What is written meanwhile may stay.
    pub async fn remove_all(&self, pk: &str) -> Result<()> {
        let all = self.client.query().table_name(&self.name).key_condition_expression("pk = :pk");
        self.remove(all.expression_attribute_values(":pk", text(pk))).await
    }

    /// The same of those whose sort key begins with `prefix`.
    pub async fn remove_beginning_with(&self, pk: String, prefix: &str) -> Result<()> {
        self.remove(self.beginning_with(pk, prefix)).await
    }

    async fn remove(&self, query: QueryFluentBuilder) -> Result<()> {
        let keys = query.projection_expression("pk, sk").into_paginator().items();
        let keys: Vec<Item> = keys.send().try_collect().await.map_err(failed)?;
        let remove = |key: Item| self.client.delete_item().table_name(&self.name).set_key(Some(key)).send();
        let mut removing = stream::iter(keys.into_iter().map(remove)).buffer_unordered(REMOVED_AT_ONCE);
        while let Some(removed) = removing.next().await {
            removed.map_err(failed)?;
        }
        Ok(())
    }

    fn beginning_with(&self, pk: String, prefix: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":prefix", text(prefix))
            .consistent_read(true)
    }

    /// The items with these keys, in no order; at most [`BATCH_GET_MAX`]. What does not exist is left out.
    pub async fn get_all<T: DeserializeOwned>(&self, keys: Vec<Item>) -> Result<Vec<T>> {
        self.items(keys).await?.into_iter().map(read).collect()
    }

    /// The same, as they are.
    pub async fn items(&self, keys: Vec<Item>) -> Result<Vec<Item>> {
        let (mut list, mut wanted) = (Vec::new(), keys);
        if wanted.is_empty() {
            return Ok(list);
        }
        // DynamoDB may leave keys for another round when the answer is too large or it is under pressure.
        for wait_ms in ROUND_WAITS_MS {
            let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.name, request.map_err(Error::internal)?)
                .send()
                .await
                .map_err(failed)?;
            list.extend(answer.responses.into_iter().flatten().flat_map(|(_, items)| items));
            wanted = answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, left)| left.keys).collect();
            if wanted.is_empty() {
                return Ok(list);
            }
            pause(wait_ms).await;
        }
        Err(Error::unavailable("DynamoDB left keys unread in every round"))
    }
}

/// The records of a query, to its last page.
async fn collect<T: DeserializeOwned>(query: QueryFluentBuilder) -> Result<Vec<T>> {
    let items: Vec<Item> = query.into_paginator().items().send().try_collect().await.map_err(failed)?;
    items.into_iter().map(read).collect()
}

/// A primary key.
pub fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// A record with its primary key.
pub fn item(key: Item, record: &impl Serialize) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(record).map_err(Error::internal)?;
    item.extend(key);
    Ok(item)
}

/// A record out of an item; attributes that it does not have are passed over.
pub fn read<T: DeserializeOwned>(item: Item) -> Result<T> {
    serde_dynamo::from_item(item).map_err(Error::internal)
}

/// A text attribute.
pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub fn number(value: impl TryInto<i64>) -> AttributeValue {
    // Counts and instants of ours are far from the ends of the range.
    AttributeValue::N(value.try_into().unwrap_or(i64::MAX).to_string())
}

/// A boolean attribute.
pub fn boolean(value: bool) -> AttributeValue {
    AttributeValue::Bool(value)
}
