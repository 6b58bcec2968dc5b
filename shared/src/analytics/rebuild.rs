//! Makes figures anew of the events that they were made of, while others go on writing.
//!
//! Each item is put under the condition that nobody has written it since before the events were read. Whoever adds events
//! or changes one writes the figures in the same transaction, so that a rebuild which has missed that is refused and reads
//! again.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::{Figures, Places, Row, queries_sk};
use super::roll_up::{Kept, waits};
use super::store::history_pk;
use super::{Analytics, Batch, EventKey, Queries, Rollup, SystemRollup, figures};
use crate::clock::{Date, DateRange, Timestamp};
use crate::dynamo::{BATCH_GET_MAX, Item, Transacted, key, pause};
use crate::error::{Error, Result};
use crate::id::UserId;

/// What became of the figures.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// Days that were other than their events say.
    pub mended: usize,
    /// Days that were right.
    pub right: usize,
    /// Days that were left as they are, because some of their events may have ended.
    pub left: usize,
    /// Events that were in no figures.
    pub added: usize,
}

impl Rebuilt {
    fn count(&mut self, found: Found) {
        match found {
            Found::Mended => self.mended += 1,
            Found::Right => self.right += 1,
            Found::Left => self.left += 1,
        }
    }
}

#[derive(Clone, Copy)]
enum Found {
    Mended,
    Right,
    Left,
}

impl Analytics {
    /// Makes the figures of an account anew: the days whose events are all there, the months of their queries, and then adds
    /// the events that are in no figures yet.
    pub async fn rebuild(&self, owner: UserId, now: Timestamp) -> Result<Rebuilt> {
        let mut rebuilt = Rebuilt::default();
        let mut new = Vec::new();
        let days = self.days_to_rebuild(owner).await?;
        for day in &days {
            rebuilt.count(self.rebuild_day(owner, *day, now, &mut new).await?);
        }
        let months: BTreeMap<String, Date> = days.iter().map(|day| (day.month(), *day)).collect();
        for day in months.into_values() {
            self.rebuild_month(owner, day).await?;
        }
        rebuilt.added = new.len();
        for batch in Batch::all(new) {
            self.roll_up(&batch).await?;
        }
        Ok(rebuilt)
    }

    /// Makes the figures of all accounts anew on the days of these, of the figures of each that shares their shard. `all` are
    /// all accounts there are.
    pub async fn rebuild_system(&self, owners: &[UserId], all: &[UserId]) -> Result<()> {
        let mut shards = BTreeMap::<u8, BTreeSet<Date>>::new();
        for owner in owners {
            let days = self.all_days(*owner).await?;
            shards.entry(figures::shard(*owner)).or_default().extend(days.into_iter().map(|(day, _)| day));
        }
        for (shard, days) in shards {
            let members: Vec<UserId> = all.iter().copied().filter(|owner| figures::shard(*owner) == shard).collect();
            for day in days {
                self.rebuild_shard(&members, day).await?;
            }
        }
        Ok(())
    }

    /// All days of an account that have figures.
    pub(super) async fn all_days(&self, owner: UserId) -> Result<Vec<(Date, Rollup)>> {
        let ends = [i64::MIN, i64::MAX].map(|ms| Timestamp::from_epoch_ms(ms).date());
        match DateRange::new(ends[0], ends[1]) {
            Some(range) => self.days(owner, range).await,
            None => Ok(Vec::new()),
        }
    }

    /// Days that have figures or events.
    async fn days_to_rebuild(&self, owner: UserId) -> Result<BTreeSet<Date>> {
        let mut days: BTreeSet<Date> = self.all_days(owner).await?.into_iter().map(|(day, _)| day).collect();
        days.extend(self.days_of_events(owner).await?);
        Ok(days)
    }

    /// Makes the figures of a day anew, and notes which of its events are in none.
    async fn rebuild_day(&self, owner: UserId, day: Date, now: Timestamp, new: &mut Vec<EventKey>) -> Result<Found> {
        let places = Places::new(owner, day);
        for wait_ms in waits() {
            let stored: Row<Rollup> = self.row(&places.day).await?;
            let stored_queries: Row<Queries> = self.row(&places.queries).await?;
            let events = self.events_of(owner, day).await?;
            let (counted, uncounted): (Vec<Kept>, Vec<Kept>) = events.into_iter().partition(|kept| kept.mark.rolled_up);
            let uncounted = uncounted.iter().map(Kept::key);
            if stored.figures.events_until.is_some_and(|until| until <= now) {
                new.extend(uncounted);
                return Ok(Found::Left);
            }
            let (figures, queries) = made_of(&counted);
            if (&stored.figures, &stored_queries.figures) == (&figures, &queries) {
                new.extend(uncounted);
                return Ok(Found::Right);
            }
            let parts = vec![
                Row { figures, ..stored }.put(&self.table, places.day.clone(), day)?,
                Row { figures: queries, ..stored_queries }.put(&self.table, places.queries.clone(), day)?,
            ];
            match self.table.transact(parts).await? {
                Transacted::Done => {
                    new.extend(uncounted);
                    return Ok(Found::Mended);
                }
                Transacted::Refused(_) => pause(wait_ms).await,
            }
        }
        Err(Error::unavailable("the figures of a day were written by others at every attempt"))
    }

    /// Puts the queries of a month together from those of its days.
    async fn rebuild_month(&self, owner: UserId, day: Date) -> Result<()> {
        let place = Places::new(owner, day).month;
        let days = DateRange::new(day.first_of_month(), day.last_of_month());
        for wait_ms in waits() {
            let stored: Row<Queries> = self.row(&place).await?;
            let keys = days.into_iter().flat_map(DateRange::iter);
            let keys = keys.map(|day| key(figures::figures_pk(owner), queries_sk(&day.to_string()))).collect();
            let mut queries = Queries::default();
            for found in self.table.items(keys).await? {
                queries.merge(&Row::<Queries>::read(Some(found))?.figures);
            }
            queries.cut();
            if queries == stored.figures {
                return Ok(());
            }
            let part = Row { figures: queries, ..stored }.put(&self.table, place.clone(), day.last_of_month())?;
            match self.table.transact(vec![part]).await? {
                Transacted::Done => return Ok(()),
                Transacted::Refused(_) => pause(wait_ms).await,
            }
        }
        Err(Error::unavailable("the queries of a month were written by others at every attempt"))
    }

    async fn rebuild_shard(&self, members: &[UserId], day: Date) -> Result<()> {
        let Some(one) = members.first() else { return Ok(()) };
        let place = Places::new(*one, day).system;
        for wait_ms in waits() {
            let stored: Row<SystemRollup> = self.row(&place).await?;
            let mut figures = stored.figures.of_closed();
            for some in members.chunks(BATCH_GET_MAX) {
                for (owner, day) in self.figures_of(some, day).await? {
                    figures.add(owner, &day);
                }
            }
            if figures == stored.figures {
                return Ok(());
            }
            let part = Row { figures, ..stored }.put(&self.table, place.clone(), day)?;
            match self.table.transact(vec![part]).await? {
                Transacted::Done => return Ok(()),
                Transacted::Refused(_) => pause(wait_ms).await,
            }
        }
        Err(Error::unavailable("the figures of all were written by others at every attempt"))
    }

    /// The figures of these accounts on a day.
    async fn figures_of(&self, owners: &[UserId], day: Date) -> Result<Vec<(UserId, Rollup)>> {
        let keys = owners.iter().map(|owner| Places::new(*owner, day).day).collect();
        let items = self.table.items(keys).await?;
        let owned = items.into_iter().filter_map(|item| Some((figures::owner(&item)?, item)));
        owned.map(|(owner, item)| Ok((owner, Row::read(Some(item))?.figures))).collect()
    }

    async fn events_of(&self, owner: UserId, day: Date) -> Result<Vec<Kept>> {
        let (first, end) = (day.midnight().to_string(), day.plus_days(1).midnight().to_string());
        self.table.range(history_pk(owner), first, end).await?.into_iter().map(Kept::read).collect()
    }

    pub(super) async fn row<T: Figures>(&self, place: &Item) -> Result<Row<T>> {
        Row::read(self.table.items(vec![place.clone()]).await?.pop())
    }
}

fn made_of(events: &[Kept]) -> (Rollup, Queries) {
    let (mut figures, mut queries) = (Rollup::default(), Queries::default());
    for kept in events {
        figures.add(&kept.event);
        queries.add(&kept.event);
    }
    queries.cut();
    (figures, queries)
}
