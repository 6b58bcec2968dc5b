//! The history page by page, for who reads all of it.

use serde::{Deserialize, Serialize};

use super::store::{event_sk, history_pk};
use super::{Analytics, HistoryPart, SearchEvent};
use crate::aws::failed;
use crate::clock::DateRange;
use crate::dynamo::{key, read};
use crate::error::Result;
use crate::id::{DatabaseId, UserId};

/// Which events.
#[derive(Debug, Clone)]
pub struct EventsPage {
    /// Those of these days.
    pub range: DateRange,
    /// Of searches that asked this database.
    pub database: Option<DatabaseId>,
    /// Those after this one.
    pub after: Option<Position>,
    /// At most so many.
    pub limit: usize,
}

/// The place of an event. It means nothing outside the history of its own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(String);

impl Position {
    /// That of this event.
    pub fn of(event: &SearchEvent) -> Self {
        Self(event_sk(event.at, event.id))
    }
}

impl Analytics {
    /// Events of an owner, newest first, and whether there are more after them. What is recorded meanwhile is not among
    /// those that come later.
    pub async fn page(&self, owner: UserId, page: &EventsPage) -> Result<(Vec<SearchEvent>, bool)> {
        let part = HistoryPart { range: Some(page.range), database: page.database, ..HistoryPart::default() };
        let after = page.after.as_ref().map(|position| key(history_pk(owner), &position.0));
        let newest_first = self.part(owner, part).set_exclusive_start_key(after).scan_index_forward(false);
        let mut newest_first = newest_first.into_paginator().items().send();
        let mut events = Vec::new();
        while let Some(found) = newest_first.next().await {
            if events.len() == page.limit {
                return Ok((events, true));
            }
            events.push(read(found.map_err(failed)?)?);
        }
        Ok((events, false))
    }
}
