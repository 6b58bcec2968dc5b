//! `USER#id` / `KEYS`: how many keys an account holds, by tier, and the window of the calls it makes with a session.
//!
//! Such calls have the limit of the best tier among the keys that the account holds. The transactions that make, revoke
//! and re-tier keys keep the numbers right, so that no call has to look for the keys.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::Deserialize;

use super::store::owner_pk;
use super::{Keys, Tier};
use crate::clock::Timestamp;
use crate::dynamo::{Change, Item, Table, key, number, read};
use crate::error::Result;
use crate::id::UserId;
use crate::limits::{Allowance, Metered, Quota, Window, spend};

#[derive(Deserialize)]
pub(super) struct Account {
    #[serde(default)]
    active_pro: i64,
    #[serde(default)]
    active_enterprise: i64,
    #[serde(flatten)]
    window: Window,
}

impl Account {
    fn best_tier(&self) -> Tier {
        match (self.active_enterprise, self.active_pro) {
            (1.., _) => Tier::Enterprise,
            (_, 1..) => Tier::Pro,
            _ => Tier::Free,
        }
    }
}

impl Keys {
    /// Counts one call that an account makes with a session.
    pub async fn spend_session(&self, owner: UserId, now: Timestamp) -> Result<Quota> {
        Ok(spend(&AccountMeter { table: &self.table, owner }, now).await?.quota)
    }

    /// Adds to the number of keys that an account holds.
    pub(super) fn holding(tier: Tier, change: i64) -> Change {
        of_tier(Change::default().add("active", number(change)), tier, change)
    }

    /// Moves one of the keys that an account holds to another tier. A block ends, in case there is room now.
    pub(super) fn moving(&self, owner: UserId, from: Tier, to: Tier) -> Result<TransactWriteItem> {
        let change = of_tier(of_tier(Change::default().remove("blocked"), from, -1), to, 1);
        change.part(&self.table, account_key(owner))
    }
}

pub(super) fn account_key(owner: UserId) -> Item {
    key(owner_pk(owner), "KEYS")
}

/// Every key counts as one of the free tier, so that only the others have numbers of their own.
fn of_tier(change: Change, tier: Tier, by: i64) -> Change {
    match tier {
        Tier::Free => change,
        Tier::Pro => change.add("active_pro", number(by)),
        Tier::Enterprise => change.add("active_enterprise", number(by)),
    }
}

struct AccountMeter<'a> {
    table: &'a Table,
    owner: UserId,
}

impl Metered for AccountMeter<'_> {
    type Row = Account;

    fn table(&self) -> &Table {
        self.table
    }

    fn key(&self) -> Item {
        account_key(self.owner)
    }

    fn read(&self, item: Item) -> Result<Account> {
        read(item)
    }

    fn window<'row>(&self, row: &'row Account) -> &'row Window {
        &row.window
    }

    fn allowance(&self, row: Option<&Account>) -> &'static Allowance {
        row.map(Account::best_tier).unwrap_or_default().allowance()
    }

    fn room(&self) -> (&'static str, Vec<(&'static str, AttributeValue)>) {
        let calls = |tier: Tier| number(i64::try_from(tier.allowance().calls).unwrap_or(i64::MAX));
        let condition = "used < :free OR (active_pro > :none AND used < :pro) \
                         OR (active_enterprise > :none AND used < :enterprise)";
        let none = (":none", number(0));
        let limits = [(":free", Tier::Free), (":pro", Tier::Pro), (":enterprise", Tier::Enterprise)];
        (condition, limits.into_iter().map(|(name, tier)| (name, calls(tier))).chain([none]).collect())
    }
}
