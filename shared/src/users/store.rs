//! Where accounts are kept: `USER#id` / `USER`, and `EMAIL#address` / `EMAIL`, which claims the address.

mod address;
mod epoch;
mod joined;
mod spent;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{ConditionCheck, TransactWriteItem};
use serde::Deserialize;

use super::{Email, User};
use crate::audit::Entry;
use crate::clock::Timestamp;
use crate::dynamo::{BATCH_GET_MAX, Change, Item, Table, Transacted, Written, item, key, text};
use crate::error::{Error, Resource, Result};
use crate::id::UserId;

/// The accounts.
#[derive(Clone)]
pub struct Users {
    table: Table,
}

#[derive(Deserialize)]
struct Claim {
    user: UserId,
}

impl Users {
    /// The accounts of a table.
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Stores a new account and claims its address, both or neither.
    pub async fn insert(&self, user: &User, entry: &Entry) -> Result<()> {
        let claim = self.table.insertion(claim(&user.email, user.id))?;
        let account = self.table.insertion(item(user_key(user.id), user)?)?;
        let joined = joined::one_more(&self.table, user)?;
        let parts = vec![claim, account, joined, entry.part(&self.table)?];
        match self.table.transact_once(entry.stamp_part(&self.table)?, parts).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(0) => Err(Error::EmailTaken),
            Transacted::Refused(_) => Err(Error::internal("a new account has the id of another")),
        }
    }

    /// The account with this id.
    pub async fn get(&self, id: UserId) -> Result<Option<User>> {
        self.table.get(user_pk(id), "USER".to_owned()).await
    }

    /// Those of these accounts that there are.
    pub async fn get_all(&self, ids: &[UserId]) -> Result<HashMap<UserId, User>> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut users = HashMap::new();
        for some in ids.chunks(BATCH_GET_MAX) {
            let found: Vec<User> = self.table.get_all(some.iter().map(|id| user_key(*id)).collect()).await?;
            users.extend(found.into_iter().map(|user| (user.id, user)));
        }
        Ok(users)
    }

    /// The account that holds this address.
    pub async fn by_email(&self, email: &Email) -> Result<Option<User>> {
        let claim: Option<Claim> = self.table.get(email_pk(email), "EMAIL".to_owned()).await?;
        // Nobody's id is asked for like anybody's, so that an address without an account does not show in the time.
        self.get(claim.map_or_else(UserId::fresh, |claim| claim.user)).await
    }

    /// Notes that the account was used.
    pub async fn touch(&self, id: UserId, now: Timestamp) -> Result<()> {
        let used = Change::default().set("last_active", text(now.to_string())).only_if("attribute_exists(pk)", []);
        match self.table.update(user_key(id), used).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(Error::NotFound(Resource::User)),
        }
    }
}

/// The part of a transaction that lets it through only while the account is there. Whatever is stored for an account on
/// the word of a session goes through this, because the account may have been closed since the session was checked.
pub fn still_there(table: &Table, id: UserId) -> Result<TransactWriteItem> {
    let check = ConditionCheck::builder()
        .table_name(&table.name)
        .set_key(Some(user_key(id)))
        .condition_expression("attribute_exists(pk)")
        .build()
        .map_err(Error::internal)?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

fn user_pk(id: UserId) -> String {
    format!("USER#{id}")
}

fn user_key(id: UserId) -> Item {
    key(user_pk(id), "USER")
}

fn email_pk(email: &Email) -> String {
    format!("EMAIL#{}", email.as_str())
}

fn email_key(email: &Email) -> Item {
    key(email_pk(email), "EMAIL")
}

/// The item that keeps an address for an account.
fn claim(email: &Email, user: UserId) -> Item {
    let mut claim = email_key(email);
    claim.insert("user".to_owned(), text(user.to_string()));
    claim
}
