//! Changes that touch the claim of an address together with its account: both happen or neither.

use std::time::Duration;

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use serde::Deserialize;

use super::{Users, claim, email_key, user_key, user_pk};
use crate::audit::Entry;
use crate::dynamo::{Change, Transacted, key, number, text};
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
    pub async fn change_profile(
        &self,
        id: UserId,
        name: Option<PersonName>,
        email: Option<Email>,
        entry: &Entry,
    ) -> Result<User> {
        for _ in 0..ATTEMPTS_MAX {
            let user = self.get(id).await?.ok_or(Error::NotFound(Resource::User))?;
            let mut changed = user.clone();
            changed.name = name.clone().unwrap_or(changed.name);
            changed.email = email.clone().unwrap_or(changed.email);
            if (&changed.name, &changed.email) == (&user.name, &user.email) {
                return Ok(user);
            }
            if self.replace(&user, &changed, entry).await? {
                return Ok(changed);
            }
        }
        Err(Error::unavailable("an account changed under every attempt to change its profile"))
    }

    /// Closes the account that the session belongs to: no session, no address, nothing that says who it was. Closing it
    /// again changes nothing.
    pub async fn close(&self, session: Session, entry: &Entry) -> Result<()> {
        for _ in 0..ATTEMPTS_MAX {
            match self.get(session.user).await? {
                None => return Ok(()),
                Some(user) if user.epoch != session.epoch => return Err(SessionRefused::Invalid.into()),
                Some(user) if self.erase(&user, entry).await? => return Ok(()),
                Some(_) => {}
            }
        }
        Err(Error::unavailable("an account changed under every attempt to close it"))
    }

    /// Whether the account was closed by this session, or by one that was as good at that moment.
    pub async fn was_closed_by(&self, session: Session) -> Result<bool> {
        let trace: Option<Trace> = self.table.get(user_pk(session.user), "CLOSED".to_owned()).await?;
        Ok(trace.is_some_and(|trace| trace.epoch == session.epoch))
    }

    /// Whether the account still had the address that was read.
    async fn replace(&self, user: &User, changed: &User, entry: &Entry) -> Result<bool> {
        let same = [(":former", text(user.email.as_str()))];
        let change = Change::default()
            .set("email", text(changed.email.as_str()))
            .set("name", text(changed.name.as_str()))
            .only_if("email = :former", same);
        let mut parts = vec![change.part(&self.table, user_key(user.id))?, entry.part(&self.table)?];
        if changed.email == user.email {
            return Ok(self.table.transact(parts).await? == Transacted::Done);
        }
        parts.insert(0, self.table.insertion(claim(&changed.email, user.id))?);
        parts.push(self.give_up(user)?);
        match self.table.transact(parts).await? {
            Transacted::Refused(0) => Err(Error::EmailTaken),
            transacted => Ok(transacted == Transacted::Done),
        }
    }

    /// Whether the account still had the address and the epoch that were read.
    async fn erase(&self, user: &User, entry: &Entry) -> Result<bool> {
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
        trace.insert("ttl".to_owned(), number(entry.at.plus(TRACE_KEPT).epoch_s()));
        let delete = TransactWriteItem::builder().delete(delete).build();
        let parts = vec![delete, self.table.insertion(trace)?, self.give_up(user)?, entry.part(&self.table)?];
        Ok(self.table.transact(parts).await? == Transacted::Done)
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
