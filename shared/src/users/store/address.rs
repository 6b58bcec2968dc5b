//! Changes that touch the claim of an address together with its account: both happen or neither.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, TransactWriteItem, Update};
use serde::Deserialize;

use super::{Users, claim, email_key, user_key, user_pk};
use crate::clock::Timestamp;
use crate::dynamo::{is_refused, key, number, text};
use crate::error::{Error, Resource, Result};
use crate::id::UserId;
use crate::users::{Email, PersonName, Session, SessionRefused, User};

/// How often a change is tried anew that another change of the same account has overtaken.
const ATTEMPTS_MAX: usize = 5;

/// How long it is known by which session an account was closed: longer than that session's token is good.
const TRACE_KEPT: Duration = Duration::from_hours(8 * 24);

/// What is left of an account that was closed, until DynamoDB removes it: nothing that says who it was.
#[derive(Deserialize)]
struct Trace {
    epoch: u64,
}

impl Users {
    /// Changes name and address. A new address is claimed and the old one given up in one transaction.
    pub async fn change_profile(&self, id: UserId, name: Option<PersonName>, email: Option<Email>) -> Result<User> {
        for _ in 0..ATTEMPTS_MAX {
            let user = self.get(id).await?.ok_or(Error::NotFound(Resource::User))?;
            let mut changed = user.clone();
            changed.name = name.clone().unwrap_or(changed.name);
            changed.email = email.clone().unwrap_or(changed.email);
            if (&changed.name, &changed.email) == (&user.name, &user.email) {
                return Ok(user);
            }
            if self.replace(&user, &changed).await? {
                return Ok(changed);
            }
        }
        Err(Error::internal("an account changed under every attempt to change its profile"))
    }

    /// Closes the account that the session belongs to: no session, no address, nothing that says who it was. Closing it
    /// again changes nothing.
    pub async fn close(&self, session: Session, now: Timestamp) -> Result<()> {
        for _ in 0..ATTEMPTS_MAX {
            match self.get(session.user).await? {
                None => return Ok(()),
                Some(user) if user.epoch != session.epoch => return Err(SessionRefused::Invalid.into()),
                Some(user) if self.erase(&user, now).await? => return Ok(()),
                Some(_) => {}
            }
        }
        Err(Error::internal("an account changed under every attempt to close it"))
    }

    /// Whether the account was closed by this session, or by one that was as good at that moment.
    pub async fn was_closed_by(&self, session: Session) -> Result<bool> {
        let trace: Option<Trace> = self.table.get(user_pk(session.user), "CLOSED".to_owned()).await?;
        Ok(trace.is_some_and(|trace| trace.epoch == session.epoch))
    }

    /// Whether the account still had the address that was read.
    async fn replace(&self, user: &User, changed: &User) -> Result<bool> {
        let update = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(user_key(user.id)))
            .update_expression("SET email = :email, #name = :name")
            .condition_expression("email = :former")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":former", text(user.email.as_str()))
            .expression_attribute_values(":email", text(changed.email.as_str()))
            .expression_attribute_values(":name", text(changed.name.to_string()))
            .build()
            .map_err(Error::internal)?;
        let update = TransactWriteItem::builder().update(update).build();
        if changed.email == user.email {
            return self.transact(vec![update]).await;
        }
        let claim = self.put_new(claim(&changed.email, user.id))?;
        self.transact(vec![claim, update, self.give_up(user)?]).await
    }

    /// Whether the account still had the address and the epoch that were read.
    async fn erase(&self, user: &User, now: Timestamp) -> Result<bool> {
        let delete = Delete::builder()
            .table_name(&self.table.name)
            .set_key(Some(user_key(user.id)))
            .condition_expression("email = :email AND epoch = :epoch")
            .expression_attribute_values(":email", text(user.email.as_str()))
            .expression_attribute_values(":epoch", number(user.epoch))
            .build()
            .map_err(Error::internal)?;
        let mut trace = key(user_pk(user.id), "CLOSED");
        trace.insert("epoch".to_owned(), number(user.epoch));
        trace.insert("ttl".to_owned(), number(now.plus(TRACE_KEPT).epoch_s()));
        let delete = TransactWriteItem::builder().delete(delete).build();
        self.transact(vec![delete, self.put_new(trace)?, self.give_up(user)?]).await
    }

    /// Whether everything was as the conditions say. An address that is to be claimed comes first.
    async fn transact(&self, parts: Vec<TransactWriteItem>) -> Result<bool> {
        let claims = parts[0].put().is_some();
        match self.table.client.transact_write_items().set_transact_items(Some(parts)).send().await {
            Ok(_) => Ok(true),
            Err(e) => match e.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(why)) if claims && is_refused(why, 0) => {
                    Err(Error::EmailTaken)
                }
                // Overtaken: by a change of the same account, which a condition found, or by one still under way.
                Some(TransactWriteItemsError::TransactionCanceledException(_)) => Ok(false),
                _ => Err(Error::internal(e)),
            },
        }
    }

    fn give_up(&self, user: &User) -> Result<TransactWriteItem> {
        let delete = Delete::builder()
            .table_name(&self.table.name)
            .set_key(Some(email_key(&user.email)))
            .condition_expression("#user = :user")
            .expression_attribute_names("#user", "user")
            .expression_attribute_values(":user", text(user.id.to_string()))
            .build()
            .map_err(Error::internal)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}
