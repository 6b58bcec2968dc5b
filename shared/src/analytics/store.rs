//! Where events are kept: `USER#id#H` / the time and the id, so that the newest can be read first. They end by TTL.

use std::time::Duration;

use aws_sdk_dynamodb::types::Select;

use super::SearchEvent;
use crate::clock::Timestamp;
use crate::dynamo::{Table, item, key, number, read, text};
use crate::error::{Error, Result};
use crate::id::UserId;
use crate::metrics::{self, Event};

/// How long an event is kept.
const RETENTION: Duration = Duration::from_hours(2160);

/// How long recording may hold up an answer. What takes longer is given up and logged.
const RECORD_TIMEOUT: Duration = Duration::from_millis(250);

/// The events.
#[derive(Clone)]
pub struct Analytics {
    table: Table,
}

impl Analytics {
    /// The events of a table.
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Keeps an event. A failure is logged and never answered: the search itself was good.
    pub async fn record(&self, event: &SearchEvent) {
        match tokio::time::timeout(RECORD_TIMEOUT, self.insert(event)).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => tracing::warn!(error = crate::error::chain(&error), "a search was not recorded"),
            Err(_) => tracing::warn!("a search was not recorded in time"),
        }
        metrics::count(Event::NotRecorded);
    }

    /// The events of an owner, newest first, from `offset` on, at most `limit`; and how many there are in all.
    pub async fn history(&self, owner: UserId, offset: usize, limit: usize) -> Result<(Vec<SearchEvent>, u64)> {
        let mut newest_first = self.query(owner).scan_index_forward(false).into_paginator().items().send();
        let mut events = Vec::new();
        let mut passed = 0;
        while let Some(found) = newest_first.next().await {
            let found = found.map_err(Error::internal)?;
            passed += 1;
            if passed > offset {
                events.push(read(found)?);
            }
            if events.len() == limit {
                break;
            }
        }
        Ok((events, self.count(owner).await?))
    }

    /// The newest events of an owner since then, newest first, at most `most`.
    pub async fn since(&self, owner: UserId, from: Timestamp, most: usize) -> Result<Vec<SearchEvent>> {
        let mut newest_first = self
            .query(owner)
            .key_condition_expression("pk = :pk AND sk >= :from")
            .expression_attribute_values(":from", text(from.to_string()))
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .scan_index_forward(false)
            .into_paginator()
            .items()
            .send();
        let mut events = Vec::new();
        while events.len() < most {
            let Some(found) = newest_first.next().await else { break };
            events.push(read(found.map_err(Error::internal)?)?);
        }
        Ok(events)
    }

    async fn insert(&self, event: &SearchEvent) -> Result<()> {
        let mut item = item(key(history_pk(event.owner), format!("{}#{}", event.at, event.id)), event)?;
        item.insert("ttl".to_owned(), number(event.at.plus(RETENTION).epoch_s()));
        self.table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await
            .map_err(Error::internal)?;
        Ok(())
    }

    /// How many events of an owner there are.
    pub async fn count(&self, owner: UserId) -> Result<u64> {
        let mut pages = self.query(owner).select(Select::Count).into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            count += u64::try_from(page.map_err(Error::internal)?.count).unwrap_or(0);
        }
        Ok(count)
    }

    fn query(&self, owner: UserId) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        self.table
            .client
            .query()
            .table_name(&self.table.name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(history_pk(owner)))
    }
}

fn history_pk(owner: UserId) -> String {
    format!("USER#{owner}#H")
}
