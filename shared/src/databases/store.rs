//! Where connections are kept: `USER#id` / `DB#id`. There is no way to get one without its owner.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use serde::Deserialize;

use super::{Catalogue, Database, Status};
use crate::clock::Timestamp;
use crate::dynamo::{Item, Table, is_refused, item, key, read, text};
use crate::error::{Error, Resource, Result};
use crate::id::{DatabaseId, UserId};
use crate::users::{SessionRefused, still_there};

/// The connections.
#[derive(Clone)]
pub struct Databases {
    table: Table,
}

impl Databases {
    /// The connections of a table.
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Stores a new connection, unless its owner's account was closed while it was tested.
    pub async fn insert(&self, database: &Database) -> Result<()> {
        let put = Put::builder()
            .table_name(&self.table.name)
            .set_item(Some(item(database_key(database.owner, database.id), database)?))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(Error::internal)?;
        self.table
            .client
            .transact_write_items()
            .transact_items(still_there(&self.table, database.owner)?)
            .transact_items(TransactWriteItem::builder().put(put).build())
            .send()
            .await
            .map_err(|e| match e.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(why)) if is_refused(why, 0) => {
                    SessionRefused::Invalid.into()
                }
                _ => Error::internal(e),
            })?;
        Ok(())
    }

    /// The connection of this owner with this id.
    pub async fn get(&self, owner: UserId, id: DatabaseId) -> Result<Option<Database>> {
        self.table.get(format!("USER#{owner}"), format!("DB#{id}")).await
    }

    /// All connections of an owner, newest first.
    pub async fn list(&self, owner: UserId) -> Result<Vec<Database>> {
        let mut databases: Vec<Database> = self.table.list(format!("USER#{owner}"), "DB#").await?;
        databases.sort_by_key(|database| (std::cmp::Reverse(database.created_at), database.id));
        Ok(databases)
    }

    /// The ids of all connections of an owner.
    pub async fn ids(&self, owner: UserId) -> Result<Vec<DatabaseId>> {
        #[derive(Deserialize)]
        struct Only {
            id: DatabaseId,
        }
        let mut items = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text(format!("USER#{owner}")))
            .expression_attribute_values(":prefix", text("DB#"))
            .projection_expression("id")
            .into_paginator()
            .items()
            .send();
        let mut ids = Vec::new();
        while let Some(found) = items.next().await {
            ids.push(read::<Only>(found.map_err(Error::internal)?)?.id);
        }
        Ok(ids)
    }

    /// The connections of an owner with these ids, in the order of the ids; an error where one is not theirs.
    pub async fn get_all(&self, owner: UserId, ids: &[DatabaseId]) -> Result<Vec<Database>> {
        let keys = ids.iter().map(|id| database_key(owner, *id)).collect();
        let found: Vec<Database> = self.table.get_all(keys).await?;
        let of_id = |id: &DatabaseId| found.iter().find(|database| database.id == *id).cloned();
        ids.iter().map(|id| of_id(id).ok_or(Error::NotFound(Resource::SearchedDatabase))).collect()
    }

    /// Notes what a test found, unless the connection has been removed meanwhile.
    pub async fn note_test(&self, database: &Database, status: Status, now: Timestamp) -> Result<()> {
        let update = match status {
            Status::Connected => "SET #status = :status, last_tested = :now, last_connected = :now",
            Status::Error => "SET #status = :status, last_tested = :now",
        };
        self.update(database, update, status, [(":now", text(now.to_string()))]).await
    }

    /// Keeps what the schema holds now, unless the connection has been removed meanwhile.
    pub async fn note_catalogue(&self, database: &Database, catalogue: &Catalogue) -> Result<()> {
        let stored = serde_dynamo::to_attribute_value(catalogue.clone().storable()).map_err(Error::internal)?;
        let update = "SET #status = :status, catalogue = :catalogue, last_tested = :now, last_connected = :now";
        let now = text(catalogue.read_at.to_string());
        self.update(database, update, Status::Connected, [(":catalogue", stored), (":now", now)]).await
    }

    /// Removes a connection with its sealed password.
    pub async fn remove(&self, owner: UserId, id: DatabaseId) -> Result<()> {
        self.table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .set_key(Some(database_key(owner, id)))
            .condition_expression("attribute_exists(pk)")
            .send()
            .await
            .map_err(|e| match e.as_service_error() {
                Some(e) if e.is_conditional_check_failed_exception() => Error::NotFound(Resource::Connection),
                _ => Error::internal(e),
            })?;
        Ok(())
    }

    async fn update<const N: usize>(
        &self,
        database: &Database,
        expression: &str,
        status: Status,
        values: [(&str, aws_sdk_dynamodb::types::AttributeValue); N],
    ) -> Result<()> {
        let status = serde_dynamo::to_attribute_value(status).map_err(Error::internal)?;
        let mut update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(database_key(database.owner, database.id)))
            .update_expression(expression)
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", status);
        for (name, value) in values {
            update = update.expression_attribute_values(name, value);
        }
        update.send().await.map_err(|e| match e.as_service_error() {
            Some(e) if e.is_conditional_check_failed_exception() => Error::NotFound(Resource::Connection),
            _ => Error::internal(e),
        })?;
        Ok(())
    }
}

fn database_key(owner: UserId, id: DatabaseId) -> Item {
    key(format!("USER#{owner}"), format!("DB#{id}"))
}
