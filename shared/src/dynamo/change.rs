//! Writes under a condition: an update of one item, put together from parts, alone or in a transaction.

use std::collections::HashMap;
use std::time::Duration;

use aws_lc_rs::rand;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::{Item, Table};
use crate::aws::failed;
use crate::error::{Error, Result};
use crate::id::RequestId;

/// How long a write waits, each time longer and as much again by chance, while a transaction or another write has its item in hand.
const CONFLICT_WAITS_MS: [u16; 7] = [5, 10, 20, 40, 80, 160, 320];

/// Why a transaction was not made that may be made a little later ("Cancellation reason codes" of `TransactWriteItems` in
/// the API reference). The SDK does not repeat it by itself.
const FOR_NOW: [&str; 3] = ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"];

/// How a conditional update ended.
#[derive(Debug)]
pub enum Written {
    /// It was made; the item after it.
    Done(Item),
    /// Its condition refused it; the item as it is, if there is one.
    Refused(Option<Item>),
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transacted {
    /// All of it was made.
    Done,
    /// Nothing of it: the condition of the part at this index refused it, and perhaps those of later ones.
    Refused(usize),
}

impl Table {
    /// Makes a change, if its condition holds.
    pub async fn update(&self, key: Item, change: Change) -> Result<Written> {
        let request = change.request(self, key);
        for wait_ms in CONFLICT_WAITS_MS {
            let error = match request.clone().send().await {
                Ok(done) => return Ok(Written::Done(done.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    return Ok(Written::Refused(refused.item.clone()));
                }
                Some(UpdateItemError::TransactionConflictException(_)) => pause(wait_ms).await,
                _ => return Err(failed(error)),
            }
        }
        Err(Error::unavailable("an item was in the hands of transactions at every attempt to update it"))
    }

    /// Makes all these changes, or none.
    pub async fn transact(&self, parts: Vec<TransactWriteItem>) -> Result<Transacted> {
        // One token for all attempts: where the answer of one is lost that was made, and the next one meets another, the third
        // would be refused by what the first has written.
        let token = RequestId::fresh().to_string();
        let request = self.client.transact_write_items().client_request_token(token).set_transact_items(Some(parts));
        for wait_ms in CONFLICT_WAITS_MS {
            let Err(error) = request.clone().send().await else { return Ok(Transacted::Done) };
            let Some(TransactWriteItemsError::TransactionCanceledException(why)) = error.as_service_error() else {
                return Err(failed(error));
            };
            let mut codes = why.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or_default());
            if let Some(index) = codes.clone().position(|code| code == "ConditionalCheckFailed") {
                return Ok(Transacted::Refused(index));
            }
            if !codes.any(|code| FOR_NOW.contains(&code)) {
                return Err(Error::internal(error));
            }
            pause(wait_ms).await;
        }
        Err(Error::unavailable("a transaction met another, or was held back, at every attempt"))
    }

    /// Makes all these changes, or none, and with them the part that keeps what came of the request, if there is one.
    pub async fn transact_once(
        &self,
        once: Option<TransactWriteItem>,
        parts: Vec<TransactWriteItem>,
    ) -> Result<Transacted> {
        let before = usize::from(once.is_some());
        match self.transact(once.into_iter().chain(parts).collect()).await? {
            Transacted::Done => Ok(Transacted::Done),
            Transacted::Refused(index) => match index.checked_sub(before) {
                Some(index) => Ok(Transacted::Refused(index)),
                None => Err(Error::IdempotencyKeyInUse),
            },
        }
    }
}

/// Waits so long, and by chance up to as long again, so that two who met do not meet for ever.
pub async fn pause(wait_ms: u16) {
    let mut chance = [0];
    // Without random bytes two writers may meet once more, which is all.
    let _ = rand::fill(&mut chance);
    let more = u64::from(chance[0]) * u64::from(wait_ms) / 256;
    tokio::time::sleep(Duration::from_millis(u64::from(wait_ms) + more)).await;
}

/// What changes, and the condition that makes it right. Names stand for themselves: none is a reserved word here.
#[derive(Debug, Clone, Default)]
pub struct Change {
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Change {
    /// Sets an attribute.
    #[must_use]
    pub fn set(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.set.push(format!("{name} = {value}"));
        self
    }

    /// Sets an attribute where it is missing.
    #[must_use]
    pub fn set_if_missing(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.set.push(format!("{name} = if_not_exists({name}, {value})"));
        self
    }

    /// Adds to a number, which is zero where it is missing.
    #[must_use]
    pub fn add(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.add.push(format!("{name} {value}"));
        self
    }

    /// Removes an attribute.
    #[must_use]
    pub fn remove(mut self, name: &str) -> Self {
        let name = self.name(name);
        self.remove.push(name);
        self
    }

    /// Asks for this too. The values are those that the condition names.
    #[must_use]
    pub fn only_if(
        mut self,
        condition: &str,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Self {
        self.conditions.push(format!("({condition})"));
        self.values.extend(values.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// As one part of a transaction.
    pub fn part(self, table: &Table, key: Item) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&table.name)
            .set_key(Some(key))
            .update_expression(self.expression())
            .set_condition_expression(self.condition())
            .set_expression_attribute_names(not_empty(self.names))
            .set_expression_attribute_values(not_empty(self.values))
            .build()
            .map_err(Error::internal)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    pub(super) fn request(self, table: &Table, key: Item) -> UpdateItemFluentBuilder {
        table
            .client
            .update_item()
            .table_name(&table.name)
            .set_key(Some(key))
            .update_expression(self.expression())
            .set_condition_expression(self.condition())
            .set_expression_attribute_names(not_empty(self.names))
            .set_expression_attribute_values(not_empty(self.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    fn expression(&self) -> String {
        let clauses = [("SET", &self.set), ("ADD", &self.add), ("REMOVE", &self.remove)];
        let clauses = clauses.into_iter().filter(|(_, parts)| !parts.is_empty());
        clauses.map(|(verb, parts)| format!("{verb} {}", parts.join(", "))).collect::<Vec<_>>().join(" ")
    }

    fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }

    fn name(&mut self, name: &str) -> String {
        let alias = format!("#n{}", self.names.len());
        self.names.insert(alias.clone(), name.to_owned());
        alias
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let alias = format!(":v{}", self.values.len());
        self.values.insert(alias.clone(), value);
        alias
    }
}

/// DynamoDB refuses an empty map where it takes none at all.
pub(super) fn not_empty<V>(map: HashMap<String, V>) -> Option<HashMap<String, V>> {
    (!map.is_empty()).then_some(map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamo::{number, text};

    #[test]
    fn the_parts_become_one_expression_and_one_condition() {
        let change = Change::default()
            .set("name", text("x"))
            .add("used", number(1))
            .remove("blocked")
            .set_if_missing("ends", number(2))
            .only_if("used < :most OR free = :most", [(":most", number(3))])
            .only_if("attribute_exists(pk)", []);
        assert_eq!(change.expression(), "SET #n0 = :v0, #n3 = if_not_exists(#n3, :v2) ADD #n1 :v1 REMOVE #n2");
        assert_eq!(change.condition().as_deref(), Some("(used < :most OR free = :most) AND (attribute_exists(pk))"));
        assert_eq!((change.names.len(), change.values.len()), (4, 4));
    }
}
