//! Where events are kept: `USER#id#H` / the time and the id, so that the newest can be read first. They end by TTL.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;
use serde::Deserialize;

use super::SearchEvent;
use crate::aws::failed;
use crate::clock::{Date, DateRange, Timestamp};
use crate::dynamo::{Item, Table, item, key, number, read, text};
use crate::error::{Result, chain};
use crate::id::{DatabaseId, SearchId, UserId};
use crate::metrics::{self, Event};

/// The events, and the figures that are made of them.
#[derive(Clone)]
pub struct Analytics {
    pub(super) table: Table,
}

/// Which part of a history.
#[derive(Debug, Clone, Copy, Default)]
pub struct HistoryPart {
    /// Searches of these days; of all where there is none.
    pub range: Option<DateRange>,
    /// Searches that asked this database.
    pub database: Option<DatabaseId>,
    /// How many of the newest are passed over.
    pub offset: usize,
    /// How many are wanted at most.
    pub limit: usize,
}

impl Analytics {
    /// The events of a table.
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Keeps an event. A failure is logged and never answered: the search itself was good.
    pub async fn record(&self, event: &SearchEvent) {
        if let Err(error) = self.insert(event).await {
            metrics::count(Event::NotRecorded);
            tracing::warn!(error = chain(&error), "a search was not recorded");
        }
    }

    /// A part of the events of an owner, newest first, and how many there are without its offset and limit.
    pub async fn history(&self, owner: UserId, part: HistoryPart) -> Result<(Vec<SearchEvent>, u64)> {
        let newest_first = self.part(owner, part).scan_index_forward(false).into_paginator();
        let mut newest_first = newest_first.items().send();
        let mut events = Vec::new();
        let mut passed = 0;
        while events.len() < part.limit {
            let Some(found) = newest_first.next().await else { break };
            passed += 1;
            if passed > part.offset {
                events.push(read(found.map_err(failed)?)?);
            }
        }
        Ok((events, self.count_of(self.part(owner, part)).await?))
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
            events.push(read(found.map_err(failed)?)?);
        }
        Ok(events)
    }

    /// How many events of an owner there are.
    pub async fn count(&self, owner: UserId) -> Result<u64> {
        self.count_of(self.query(owner)).await
    }

    /// The days of an owner's events.
    pub(super) async fn days_of_events(&self, owner: UserId) -> Result<BTreeSet<Date>> {
        #[derive(Deserialize)]
        struct Only {
            sk: String,
        }
        let mut keys =
            self.query(owner).projection_expression("sk").consistent_read(true).into_paginator().items().send();
        let mut days = BTreeSet::new();
        while let Some(found) = keys.next().await {
            let Only { sk } = read(found.map_err(failed)?)?;
            days.extend(sk.split_once('#').and_then(|(at, _)| at.parse().ok()).map(Timestamp::date));
        }
        Ok(days)
    }

    async fn insert(&self, event: &SearchEvent) -> Result<()> {
        let mut item = item(event_key(event.owner, event.at, event.id), event)?;
        item.insert("ttl".to_owned(), number(event.kept_until.epoch_s()));
        // Every later change goes from one number to the next.
        item.insert("revision".to_owned(), number(1));
        self.table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn count_of(&self, query: QueryFluentBuilder) -> Result<u64> {
        let mut pages = query.select(Select::Count).into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            count += u64::try_from(page.map_err(failed)?.count).unwrap_or(0);
        }
        Ok(count)
    }

    pub(super) fn part(&self, owner: UserId, part: HistoryPart) -> QueryFluentBuilder {
        let mut query = self.query(owner);
        if let Some(range) = part.range {
            // An event's key is longer than the midnight with which its day begins, so that it lies after that.
            query = query
                .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :end")
                .expression_attribute_values(":first", text(range.first().midnight().to_string()))
                .expression_attribute_values(":end", text(range.last().plus_days(1).midnight().to_string()));
        }
        if let Some(database) = part.database {
            query = query
                .filter_expression("contains(#databases, :database) OR contains(#failed, :database)")
                .expression_attribute_names("#databases", "databases")
                .expression_attribute_names("#failed", "failed")
                .expression_attribute_values(":database", text(database.to_string()));
        }
        query
    }

    fn query(&self, owner: UserId) -> QueryFluentBuilder {
        self.table
            .client
            .query()
            .table_name(&self.table.name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(history_pk(owner)))
    }
}

pub(super) fn history_pk(owner: UserId) -> String {
    format!("USER#{owner}#H")
}

pub(super) fn event_key(owner: UserId, at: Timestamp, id: SearchId) -> Item {
    key(history_pk(owner), event_sk(at, id))
}

pub(super) fn event_sk(at: Timestamp, id: SearchId) -> String {
    format!("{at}#{id}")
}
