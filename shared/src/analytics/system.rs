//! The figures of all accounts on a day. They lie in shards by account, so that no item is written by everybody.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Rollup, SearchEvent};
use crate::clock::Timestamp;
use crate::id::{SearchId, UserId};

/// How many of the slowest searches are named.
const SLOWEST_MAX: usize = 10;

/// What all accounts searched on a day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SystemRollup {
    /// All searches, without what is one account's own: databases and keys have no figures here.
    pub rollup: Rollup,
    /// What each account searched that is not closed.
    pub accounts: BTreeMap<UserId, AccountShare>,
    /// How many accounts searched that were closed afterwards.
    pub closed_accounts: u64,
    /// The part of these in `rollup`, of which nothing else is left.
    closed: Rollup,
    /// Whether accounts are missing, because more have searched than one item can name.
    cut: bool,
}

/// The part of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountShare {
    /// How many searches.
    pub searches: u64,
    /// How long they took in all, in milliseconds.
    pub sum_ms: u64,
    /// When the last was.
    pub last: Timestamp,
}

/// One of the searches that took longest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SlowSearch {
    /// How long, in milliseconds.
    pub duration_ms: u64,
    /// When.
    pub at: Timestamp,
    /// Its id.
    pub id: SearchId,
    /// Who searched.
    pub owner: UserId,
    /// What was asked; nothing where the account does not want its queries kept.
    pub query: Option<String>,
    /// How many rows matched.
    pub matches: u64,
}

impl SlowSearch {
    pub(super) fn of(event: &SearchEvent) -> Self {
        Self {
            duration_ms: event.duration_ms,
            at: event.at,
            id: event.id,
            owner: event.owner,
            query: event.query.clone(),
            matches: event.matches,
        }
    }
}

/// Adds to the slowest, of which the longest are kept, and of two that took as long the later.
pub(super) fn slowest(kept: &mut Vec<SlowSearch>, more: impl IntoIterator<Item = SlowSearch>) {
    kept.extend(more);
    kept.sort_unstable_by(|one, other| other.cmp(one));
    kept.truncate(SLOWEST_MAX);
}

impl SystemRollup {
    /// How many accounts have searched.
    pub fn active_accounts(&self) -> u64 {
        self.accounts.len() as u64 + self.closed_accounts
    }

    /// Adds what an account searched, of its own day or of a part of it.
    pub(super) fn add(&mut self, owner: UserId, day: &Rollup) {
        let Some(last) = day.last else { return };
        self.rollup.merge(&anonymous(day));
        let more = AccountShare { searches: day.searches, sum_ms: day.latencies.sum_ms, last };
        self.add_share(owner, &more);
    }

    /// Adds those of other accounts, or of another day.
    pub fn merge(&mut self, other: &Self) {
        self.rollup.merge(&other.rollup);
        for (owner, share) in &other.accounts {
            self.add_share(*owner, share);
        }
        self.closed_accounts += other.closed_accounts;
        self.closed.merge(&other.closed);
        self.cut |= other.cut;
    }

    /// Whether every account that searched is named or counted.
    pub fn is_complete(&self) -> bool {
        !self.cut
    }

    /// Takes out what tells of an account that is closed, and keeps its numbers; whether it was named here.
    pub(super) fn forget(&mut self, owner: UserId, day: &Rollup) -> bool {
        if self.accounts.remove(&owner).is_none() {
            return false;
        }
        self.rollup.slowest.retain(|search| search.owner != owner);
        self.closed_accounts += 1;
        self.closed.merge(&Rollup { slowest: Vec::new(), ..anonymous(day) });
        true
    }

    /// What there would be without the accounts that are not closed.
    pub(super) fn of_closed(&self) -> Self {
        let (closed, closed_accounts) = (self.closed.clone(), self.closed_accounts);
        Self { rollup: closed.clone(), accounts: BTreeMap::new(), closed_accounts, closed, cut: false }
    }

    /// Leaves out the quarter that searched least; whether there is any to leave out.
    pub(super) fn leave_out_accounts(&mut self) -> bool {
        self.cut = true;
        let mut by_searches: Vec<(u64, UserId)> =
            self.accounts.iter().map(|(owner, share)| (share.searches, *owner)).collect();
        by_searches.sort_unstable();
        for (_, owner) in by_searches.iter().take(by_searches.len().div_ceil(4)) {
            self.accounts.remove(owner);
        }
        !by_searches.is_empty()
    }

    fn add_share(&mut self, owner: UserId, more: &AccountShare) {
        match self.accounts.get_mut(&owner) {
            Some(share) => {
                share.searches += more.searches;
                share.sum_ms += more.sum_ms;
                share.last = share.last.max(more.last);
            }
            None => drop(self.accounts.insert(owner, more.clone())),
        }
    }
}

/// Without the databases and keys, of which all accounts together have too many for one item.
fn anonymous(day: &Rollup) -> Rollup {
    Rollup { databases: BTreeMap::new(), keys: BTreeMap::new(), ..day.clone() }
}
