//! Changes that end every session of the account: each goes on to the next epoch.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Users, user_key};
use crate::audit::Entry;
use crate::dynamo::{Change, Transacted, number, text};
use crate::error::{Error, Result};
use crate::users::{PasswordHash, Role, SessionRefused, User};

impl Users {
    /// Changes the password, if the session by which that is done has not ended meanwhile. Gives back the account as it is
    /// now.
    pub async fn change_password(&self, user: &User, hash: PasswordHash, entry: &Entry) -> Result<User> {
        let value = serde_dynamo::to_attribute_value(&hash).map_err(Error::internal)?;
        let changed = self.next_epoch(user, Some(("password_hash", value)), entry).await?;
        let changed = changed.ok_or(SessionRefused::Invalid)?;
        Ok(User { password_hash: hash, ..changed })
    }

    /// Ends every session. None were left where the epoch is another one by now.
    pub async fn end_sessions(&self, user: &User, entry: &Entry) -> Result<()> {
        self.next_epoch(user, None, entry).await.map(drop)
    }

    /// Gives the account a role, for the next session on. None, where the account was changed meanwhile.
    pub async fn set_role(&self, user: &User, role: Role, entry: &Entry) -> Result<Option<User>> {
        let value = serde_dynamo::to_attribute_value(role).map_err(Error::internal)?;
        let changed = self.next_epoch(user, Some(("role", value)), entry).await?;
        Ok(changed.map(|changed| User { role, ..changed }))
    }

    async fn next_epoch(
        &self,
        user: &User,
        also: Option<(&str, AttributeValue)>,
        entry: &Entry,
    ) -> Result<Option<User>> {
        let next = user.epoch + 1;
        let same = [(":id", text(user.id.to_string())), (":epoch", number(user.epoch))];
        let change = Change::default().set("epoch", number(next)).only_if("id = :id AND epoch = :epoch", same);
        let change = also.into_iter().fold(change, |change, (name, value)| change.set(name, value));
        let parts = vec![change.part(&self.table, user_key(user.id))?, entry.part(&self.table)?];
        match self.table.transact(parts).await? {
            Transacted::Done => Ok(Some(User { epoch: next, ..user.clone() })),
            Transacted::Refused(_) => Ok(None),
        }
    }
}
