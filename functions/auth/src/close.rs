use shared::app::App;
use shared::audit::Action;
use shared::error::{Error, Result};
use shared::http::{Closing, RefreshCookie, Reply, State, Witness};
use shared::id::UserId;
use shared::once;

use crate::view::Done;

/// `DELETE /api/v1/auth/account`: no key, no stored password, no session, no search, and an address that may register anew.
///
/// After a failure in the middle it is called again, by the same session: until the account is closed that session is
/// good, and from then on it is remembered as the one that closed it.
pub async fn close(State(app): State<App>, Closing(session): Closing, witness: Witness) -> Result<Reply<Done>> {
    empty(&app, session.user, &witness).await?;
    app.users.close(session, &witness.saw(session.user, Action::AccountClosed, session.user)).await?;
    // What was made during the first round. Nobody is let in to make more.
    empty(&app, session.user, &witness).await?;
    app.analytics.forget(session.user).await?;
    app.warehouses.forget(session.user).await?;
    Ok(Reply::ok(Done::DONE).cookie(RefreshCookie::forget()?))
}

/// Revokes every key, and destroys every connection with its credentials and what was found in it.
async fn empty(app: &App, owner: UserId, witness: &Witness) -> Result<()> {
    app.keys.revoke_all(owner, |key| witness.saw(owner, Action::KeyRevoked, key.id)).await?;
    for database in app.databases.list(owner).await? {
        database.forget_credentials(&app.vault);
        let entry = witness.saw(owner, Action::ConnectionRemoved, database.id);
        match app.databases.remove(owner, database.id, &entry).await {
            // Another call has removed it meanwhile.
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(e) => return Err(e),
        }
    }
    for warehouse in app.warehouses.list(owner).await? {
        warehouse.forget_keyring(&app.vault);
        let entry = witness.saw(owner, Action::WarehouseRemoved, warehouse.id);
        match app.warehouses.remove(owner, warehouse.id, &entry).await {
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(e) => return Err(e),
        }
    }
    app.results.forget(owner).await;
    once::forget(&app.table, owner).await
}
