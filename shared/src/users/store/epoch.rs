//! Changes that end every session of the account: each goes on to the next epoch.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use super::{Users, user_key};
use crate::dynamo::{number, read, text};
use crate::error::{Error, Result};
use crate::users::{PasswordHash, Role, SessionRefused, User};

impl Users {
    /// Changes the password, if the session by which that is done has not ended meanwhile. Gives back the account as it is
    /// now.
    pub async fn change_password(&self, user: &User, hash: &PasswordHash) -> Result<User> {
        let hash = serde_dynamo::to_attribute_value(hash).map_err(Error::internal)?;
        let changed = self.next_epoch(user, Some(("password_hash", hash))).await?;
        changed.ok_or_else(|| SessionRefused::Invalid.into())
    }

    /// Ends every session. None were left where the epoch is another one by now.
    pub async fn end_sessions(&self, user: &User) -> Result<()> {
        self.next_epoch(user, None).await.map(drop)
    }

    /// Gives the account a role, for the next session on. None, where the account was changed meanwhile.
    pub async fn set_role(&self, user: &User, role: Role) -> Result<Option<User>> {
        let role = serde_dynamo::to_attribute_value(role).map_err(Error::internal)?;
        self.next_epoch(user, Some(("role", role))).await
    }

    async fn next_epoch(&self, user: &User, change: Option<(&str, AttributeValue)>) -> Result<Option<User>> {
        let mut update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(user_key(user.id)))
            .update_expression("SET epoch = :next")
            .condition_expression("id = :id AND epoch = :epoch")
            .expression_attribute_values(":id", text(user.id.to_string()))
            .expression_attribute_values(":epoch", number(user.epoch))
            .expression_attribute_values(":next", number(user.epoch + 1))
            .return_values(ReturnValue::AllNew);
        if let Some((name, value)) = change {
            update = update
                .update_expression("SET epoch = :next, #name = :value")
                .expression_attribute_names("#name", name)
                .expression_attribute_values(":value", value);
        }
        match update.send().await {
            Ok(updated) => updated.attributes.map(read).transpose(),
            Err(e) if e.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(None),
            Err(e) => Err(Error::internal(e)),
        }
    }
}
