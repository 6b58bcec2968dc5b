//! The figures of an account on a day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::system::{SlowSearch, slowest};
use super::{Latencies, Outcome, SearchEvent, SearchMode};
use crate::clock::Timestamp;
use crate::id::{DatabaseId, KeyId, UserId};

/// What was searched in a span of time: sums, so that two spans merge into one in whatever order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rollup {
    /// How many searches, whatever came of them.
    pub searches: u64,
    /// How many of them were answered with an error, because databases failed.
    pub failed: u64,
    /// How many were answered without some of the databases.
    pub partial: u64,
    /// How many were answered by all databases with nothing.
    pub empty: u64,
    /// How many were answered with what had been kept.
    pub cached: u64,
    /// How many rows matched in all.
    pub matches: u64,
    /// How many rows were on the pages.
    pub returned: u64,
    /// How long they took, the failed ones too.
    pub latencies: Latencies,
    /// By mode.
    pub modes: BTreeMap<SearchMode, ModeShare>,
    /// By database.
    pub databases: BTreeMap<DatabaseId, DatabaseShare>,
    /// How many by each key.
    pub keys: BTreeMap<KeyId, u64>,
    /// How many by sessions.
    pub sessions: u64,
    /// What was opened of what was found.
    pub clicks: Clicks,
    /// How good the answers were for who asked.
    pub ratings: Ratings,
    /// The searches that took longest, the longest first; at most 10.
    pub slowest: Vec<SlowSearch>,
    /// When the last was.
    pub last: Option<Timestamp>,
    /// Until when all the events are kept that these figures are made of.
    pub events_until: Option<Timestamp>,
}

/// The part of a mode.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeShare {
    /// How many searches.
    pub searches: u64,
    /// How long they took in all, in milliseconds.
    pub sum_ms: u64,
}

/// The part of a database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseShare {
    /// How many searches it has or should have answered, those with a kept answer among them.
    pub searches: u64,
    /// How many it did not answer.
    pub failed: u64,
    /// How many answers of it were timed: not those that had been kept.
    pub timed: u64,
    /// How long these took in all, in milliseconds.
    pub sum_ms: u64,
}

/// What was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clicks {
    /// How many rows.
    pub clicks: u64,
    /// Of how many searches.
    pub searches: u64,
    /// The sum of their places in the answers, each from 1.
    pub positions: u64,
}

/// What searches were rated, 1 to 5.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratings {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub sum: u64,
}

impl Rollup {
    /// Adds a search.
    pub fn add(&mut self, event: &SearchEvent) {
        let is = |outcome| u64::from(event.outcome == outcome);
        self.searches += 1;
        self.failed += is(Outcome::Failed);
        self.partial += is(Outcome::Partial);
        self.empty += u64::from(event.is_empty());
        self.cached += u64::from(event.cached);
        self.matches += event.matches;
        self.returned += event.returned;
        self.latencies.add(event.duration_ms);
        let mode = self.modes.entry(event.mode).or_default();
        mode.searches += 1;
        mode.sum_ms += event.duration_ms;
        match event.key {
            Some(key) => *self.keys.entry(key).or_default() += 1,
            None => self.sessions += 1,
        }
        self.add_databases(event);
        self.clicks.merge(&Clicks::of(event));
        self.ratings.merge(&Ratings::of(event));
        slowest(&mut self.slowest, [SlowSearch::of(event)]);
        self.last = self.last.max(Some(event.at));
        self.events_until = earliest(self.events_until, Some(event.kept_until));
    }

    /// Adds another span.
    pub fn merge(&mut self, other: &Self) {
        self.searches += other.searches;
        self.failed += other.failed;
        self.partial += other.partial;
        self.empty += other.empty;
        self.cached += other.cached;
        self.matches += other.matches;
        self.returned += other.returned;
        self.latencies.merge(&other.latencies);
        for (mode, share) in &other.modes {
            let own = self.modes.entry(*mode).or_default();
            own.searches += share.searches;
            own.sum_ms += share.sum_ms;
        }
        for (database, share) in &other.databases {
            self.databases.entry(*database).or_default().merge(share);
        }
        for (key, searches) in &other.keys {
            *self.keys.entry(*key).or_default() += searches;
        }
        self.sessions += other.sessions;
        self.clicks.merge(&other.clicks);
        self.ratings.merge(&other.ratings);
        slowest(&mut self.slowest, other.slowest.iter().cloned());
        self.last = self.last.max(other.last);
        self.events_until = earliest(self.events_until, other.events_until);
    }

    /// Tells what became different of a search that is among these.
    pub(super) fn change(&mut self, before: &SearchEvent, after: &SearchEvent) {
        self.clicks.replace(&Clicks::of(before), &Clicks::of(after));
        self.ratings.replace(&Ratings::of(before), &Ratings::of(after));
    }

    /// Takes out the texts of an account's searches; whether there were any.
    pub(super) fn erase_texts(&mut self, owner: UserId) -> bool {
        let own = self.slowest.iter_mut().filter(|search| search.owner == owner);
        own.filter_map(|search| search.query.take()).count() > 0
    }

    fn add_databases(&mut self, event: &SearchEvent) {
        for database in &event.databases {
            let taken = event.times.databases.get(database);
            self.databases.entry(*database).or_default().merge(&DatabaseShare {
                searches: 1,
                failed: 0,
                timed: u64::from(taken.is_some()),
                sum_ms: taken.copied().unwrap_or(0),
            });
        }
        for database in &event.failed {
            let failed = DatabaseShare { searches: 1, failed: 1, ..DatabaseShare::default() };
            self.databases.entry(*database).or_default().merge(&failed);
        }
    }
}

impl DatabaseShare {
    fn merge(&mut self, other: &Self) {
        self.searches += other.searches;
        self.failed += other.failed;
        self.timed += other.timed;
        self.sum_ms += other.sum_ms;
    }
}

impl Clicks {
    fn of(event: &SearchEvent) -> Self {
        Self {
            clicks: event.clicks.len() as u64,
            searches: u64::from(!event.clicks.is_empty()),
            positions: event.clicks.iter().map(|click| click.position).sum(),
        }
    }

    fn merge(&mut self, other: &Self) {
        self.replace(&Self::default(), other);
    }

    fn replace(&mut self, before: &Self, after: &Self) {
        self.clicks = (self.clicks + after.clicks).saturating_sub(before.clicks);
        self.searches = (self.searches + after.searches).saturating_sub(before.searches);
        self.positions = (self.positions + after.positions).saturating_sub(before.positions);
    }
}

impl Ratings {
    fn of(event: &SearchEvent) -> Self {
        Self { count: u64::from(event.rating.is_some()), sum: event.rating.map_or(0, u64::from) }
    }

    fn merge(&mut self, other: &Self) {
        self.replace(&Self::default(), other);
    }

    fn replace(&mut self, before: &Self, after: &Self) {
        self.count = (self.count + after.count).saturating_sub(before.count);
        self.sum = (self.sum + after.sum).saturating_sub(before.sum);
    }
}

fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    [one, other].into_iter().flatten().min()
}
