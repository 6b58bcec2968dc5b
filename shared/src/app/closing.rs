//! The end of an account, in every store that holds something of it.

use super::App;
use crate::audit::{Action, Entry};
use crate::error::{Error, Result};
use crate::id::UserId;
use crate::once;
use crate::users::Session;

impl App {
    /// Closes the account that the session belongs to: no key, no stored password, no session, no search, and an address that
    /// may register anew. `entry` makes the record of a change, of what it is done to.
    ///
    /// After a failure in the middle it is called again: what is done already is passed over, and the account itself may be
    /// gone.
    pub async fn close(&self, session: Session, entry: impl Fn(Action, String) -> Entry) -> Result<()> {
        self.empty(session.user, &entry).await?;
        self.users.close(session, &entry(Action::AccountClosed, session.user.into())).await?;
        // What was made during the first round. Nobody is let in to make more.
        self.empty(session.user, &entry).await?;
        self.analytics.forget(session.user).await?;
        self.warehouses.forget(session.user).await
    }

    /// Revokes every key, and destroys every connection with its credentials and what was found in it.
    async fn empty(&self, owner: UserId, entry: impl Fn(Action, String) -> Entry) -> Result<()> {
        self.keys.revoke_all(owner, |key| entry(Action::KeyRevoked, key.id.into())).await?;
        for database in self.databases.list(owner).await? {
            database.forget_credentials(&self.vault);
            let entry = entry(Action::ConnectionRemoved, database.id.into());
            unless_gone(self.databases.remove(owner, database.id, &entry).await)?;
        }
        for warehouse in self.warehouses.list(owner).await? {
            warehouse.forget_keyring(&self.vault);
            let entry = entry(Action::WarehouseRemoved, warehouse.id.into());
            unless_gone(self.warehouses.remove(owner, warehouse.id, &entry).await)?;
        }
        self.results.forget(owner).await;
        once::forget(&self.table, owner).await
    }
}

/// What came of a removal. Where another call has removed it meanwhile there is nothing left to do.
fn unless_gone(removed: Result<()>) -> Result<()> {
    match removed {
        Err(Error::NotFound(_)) => Ok(()),
        removed => removed,
    }
}
