//! Where accounts are kept: `USER#id` / `USER`, and `EMAIL#address` / `EMAIL`, which claims the address.

mod address;
mod epoch;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem};
use serde::Deserialize;

use super::{Email, User};
use crate::clock::Timestamp;
use crate::dynamo::{Item, Table, is_refused, item, key, text};
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
    pub async fn insert(&self, user: &User) -> Result<()> {
        self.table
            .client
            .transact_write_items()
            .transact_items(self.put_new(claim(&user.email, user.id))?)
            .transact_items(self.put_new(item(user_key(user.id), user)?)?)
            .send()
            .await
            .map_err(|e| match e.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(why)) if is_refused(why, 0) => {
                    Error::EmailTaken
                }
                _ => Error::internal(e),
            })?;
        Ok(())
    }

    /// The account with this id.
    pub async fn get(&self, id: UserId) -> Result<Option<User>> {
        self.table.get(user_pk(id), "USER".to_owned()).await
    }

    /// The account that holds this address.
    pub async fn by_email(&self, email: &Email) -> Result<Option<User>> {
        let claim: Option<Claim> = self.table.get(email_pk(email), "EMAIL".to_owned()).await?;
        // Nobody's id is asked for like anybody's, so that an address without an account does not show in the time.
        self.get(claim.map_or_else(UserId::fresh, |claim| claim.user)).await
    }

    /// Notes that the account was used.
    pub async fn touch(&self, id: UserId, now: Timestamp) -> Result<()> {
        self.table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(user_key(id)))
            .update_expression("SET last_active = :now")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", text(now.to_string()))
            .send()
            .await
            .map_err(|e| match e.as_service_error() {
                Some(e) if e.is_conditional_check_failed_exception() => Error::NotFound(Resource::User),
                _ => Error::internal(e),
            })?;
        Ok(())
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.table.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(Error::internal)?;
        Ok(TransactWriteItem::builder().put(put).build())
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
