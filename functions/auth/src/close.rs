use shared::app::App;
use shared::error::{Error, Result};
use shared::http::{Closing, RefreshCookie, Reply, State};
use shared::id::UserId;

use crate::view::Done;

/// `DELETE /api/v1/auth/account`: no key, no stored password, no session, and an address that may register anew.
///
/// After a failure in the middle it is called again, by the same session: until the account is closed that session is
/// good, and from then on it is remembered as the one that closed it.
pub async fn close(State(app): State<App>, Closing(session): Closing) -> Result<Reply<Done>> {
    empty(&app, session.user).await?;
    app.users.close(session, app.clock.now()).await?;
    // What was made during the first round. Nobody is let in to make more.
    empty(&app, session.user).await?;
    Ok(Reply::ok(Done::DONE).cookie(RefreshCookie::forget()?))
}

/// Revokes every key and destroys every connection with its password.
async fn empty(app: &App, owner: UserId) -> Result<()> {
    for key in app.keys.list(owner).await? {
        app.keys.revoke(&key, app.clock.now()).await?;
    }
    for database in app.databases.list(owner).await? {
        database.forget_password(&app.vault);
        match app.databases.remove(owner, database.id).await {
            // Another call has removed it meanwhile.
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
