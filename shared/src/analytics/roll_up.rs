//! Adds events to the figures of their day, each once.
//!
//! One transaction marks the events and puts the figures that they are in. Every part of it has a condition: the events
//! are not marked yet and are as they were read, the figures are as they were read, and the account is there. So whoever
//! loses against another writer reads again and finds which events are left, and an event that is delivered once more
//! finds its mark.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::Deserialize;

use super::figures::{Figures, Places, Row};
use super::store::event_key;
use super::{Analytics, Queries, Recording, Rollup, SearchEvent, SystemRollup};
use crate::aws::failed;
use crate::clock::{Date, Timestamp};
use crate::dynamo::{Change, Item, Transacted, boolean, number, pause, read};
use crate::error::{Error, Result};
use crate::id::{SearchId, UserId};
use crate::users::still_there;

/// Events of one transaction, which takes 100 parts: these, the account, and four items of figures. With the settings in the
/// place of the account they are one read too.
const EVENTS_MAX: usize = 90;

/// How long a writer waits before it reads again what another has written meanwhile, each time longer, and as much again by
/// chance, so that two do not meet for ever.
const WAITS_MS: [u16; 12] = [2, 4, 8, 16, 32, 64, 100, 100, 100, 100, 100, 100];

/// Where an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventKey {
    /// Whose it is.
    pub owner: UserId,
    /// When it began.
    pub at: Timestamp,
    /// Which.
    pub id: SearchId,
}

/// Events of one owner and one day.
#[derive(Debug, Clone)]
pub struct Batch {
    owner: UserId,
    day: Date,
    /// Which: at most 90.
    pub events: Vec<EventKey>,
}

/// An event as it is stored.
pub(super) struct Kept {
    pub event: SearchEvent,
    pub mark: Mark,
}

/// What was done with an event.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Mark {
    /// How often it was written.
    pub revision: u64,
    /// Whether it is in the figures.
    #[serde(default)]
    pub rolled_up: bool,
}

/// The figures of one day of one owner, and all that has a part in them.
pub(super) struct DayRows {
    pub day: Row<Rollup>,
    pub queries: Row<Queries>,
    pub month: Row<Queries>,
    pub system: Row<SystemRollup>,
}

impl EventKey {
    /// That of the item with this key; nothing where it is no event.
    pub fn of(pk: &str, sk: &str) -> Option<Self> {
        let owner = pk.strip_prefix("USER#")?.strip_suffix("#H")?.parse().ok()?;
        let (at, id) = sk.split_once('#')?;
        Some(Self { owner, at: at.parse().ok()?, id: id.parse().ok()? })
    }

    pub(super) fn item(self) -> Item {
        event_key(self.owner, self.at, self.id)
    }
}

impl Batch {
    /// Batches of all these events.
    pub fn all(events: impl IntoIterator<Item = EventKey>) -> Vec<Self> {
        let mut groups = BTreeMap::<(UserId, Date), Vec<EventKey>>::new();
        for event in events {
            let group = groups.entry((event.owner, event.at.date())).or_default();
            if !group.contains(&event) {
                group.push(event);
            }
        }
        let chunks = groups.iter().flat_map(|(group, events)| events.chunks(EVENTS_MAX).map(move |some| (group, some)));
        chunks.map(|((owner, day), some)| Self { owner: *owner, day: *day, events: some.to_vec() }).collect()
    }
}

impl Analytics {
    /// Adds the events of a batch to the figures, those that are not in them yet. Of an account that was closed, they are
    /// destroyed.
    pub async fn roll_up(&self, batch: &Batch) -> Result<()> {
        for wait_ms in WAITS_MS {
            let (events, mut rows) = self.read_batch(batch).await?;
            let new: Vec<Kept> = events.into_iter().filter(|kept| !kept.mark.rolled_up).collect();
            if new.is_empty() {
                return Ok(());
            }
            rows.add(batch.owner, &new);
            let places = Places::new(batch.owner, batch.day);
            let mut parts = vec![still_there(&self.table, batch.owner)?];
            parts.extend(rows.parts(&self.table, &places)?);
            for kept in &new {
                parts.push(self.mark(kept)?);
            }
            match self.table.transact(parts).await? {
                Transacted::Done => return Ok(()),
                Transacted::Refused(0) => return self.remove(batch).await,
                Transacted::Refused(_) => pause(wait_ms).await,
            }
        }
        Err(Error::unavailable("figures were written by others at every attempt"))
    }

    /// The events of a batch that are there, and the figures of their day. One read. Events have no text where their owner
    /// does not want it kept by now.
    pub(super) async fn read_batch(&self, batch: &Batch) -> Result<(Vec<Kept>, DayRows)> {
        let places = Places::new(batch.owner, batch.day);
        let settings = Recording::key(batch.owner);
        let keys = batch.events.iter().map(|event| event.item()).chain(places.keys()).chain([settings.clone()]);
        let mut found: HashMap<(String, String), Item> = self
            .table
            .items(keys.collect())
            .await?
            .into_iter()
            .filter_map(|item| Some((place(&item)?, item)))
            .collect();
        let mut take = |key: &Item| found.remove(&place(key)?);
        let events = batch.events.iter().filter_map(|event| take(&event.item()));
        let mut events = events.map(Kept::read).collect::<Result<Vec<Kept>>>()?;
        if !Recording::read(take(&settings))?.record_query_text {
            for kept in &mut events {
                kept.event.query = None;
            }
        }
        let rows = DayRows {
            day: Row::read(take(&places.day))?,
            queries: Row::read(take(&places.queries))?,
            month: Row::read(take(&places.month))?,
            system: Row::read(take(&places.system))?,
        };
        Ok((events, rows))
    }

    fn mark(&self, kept: &Kept) -> Result<TransactWriteItem> {
        let query = serde_dynamo::to_attribute_value(&kept.event.query).map_err(Error::internal)?;
        let mark = Change::default()
            .set("rolled_up", boolean(true))
            .set("query", query)
            .set("revision", number(kept.mark.revision + 1))
            .only_if("revision = :seen AND attribute_not_exists(rolled_up)", [(":seen", number(kept.mark.revision))]);
        mark.part(&self.table, kept.key().item())
    }

    async fn remove(&self, batch: &Batch) -> Result<()> {
        for event in &batch.events {
            let delete = self.table.client.delete_item().table_name(&self.table.name).set_key(Some(event.item()));
            delete.send().await.map_err(failed)?;
        }
        Ok(())
    }
}

impl Kept {
    pub(super) fn read(item: Item) -> Result<Self> {
        Ok(Self { mark: read(item.clone())?, event: read(item)? })
    }

    pub(super) fn key(&self) -> EventKey {
        EventKey { owner: self.event.owner, at: self.event.at, id: self.event.id }
    }
}

impl DayRows {
    fn add(&mut self, owner: UserId, new: &[Kept]) {
        let mut figures = Rollup::default();
        let mut queries = Queries::default();
        for kept in new {
            figures.add(&kept.event);
            queries.add(&kept.event);
        }
        self.day.figures.merge(&figures);
        self.queries.figures.merge(&queries);
        self.queries.figures.cut();
        self.month.figures.merge(&queries);
        self.month.figures.cut();
        self.system.figures.add(owner, &figures);
    }

    /// All of them, as parts of a transaction.
    pub(super) fn parts(self, table: &crate::dynamo::Table, places: &Places) -> Result<Vec<TransactWriteItem>> {
        let last_of_month = places.date.last_of_month();
        Ok(vec![
            self.day.put(table, places.day.clone(), places.date)?,
            self.queries.put(table, places.queries.clone(), places.date)?,
            self.month.put(table, places.month.clone(), last_of_month)?,
            self.system.put(table, places.system.clone(), places.date)?,
        ])
    }
}

impl<T: Figures> Row<T> {
    /// Whether anything was ever stored here.
    pub(super) fn is_stored(&self) -> bool {
        self.revision > 0
    }
}

/// The waits between attempts.
pub(super) fn waits() -> impl Iterator<Item = u16> {
    WAITS_MS.into_iter()
}

fn place(item: &Item) -> Option<(String, String)> {
    let text = |name| item.get(name)?.as_s().ok().cloned();
    Some((text("pk")?, text("sk")?))
}
