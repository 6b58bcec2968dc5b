use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::http::{Leaving, RefreshCookie, Reply, State, Witness};

use crate::view::Done;

/// `POST /api/v1/auth/logout`: ends every session of the account, in other browsers too.
pub async fn logout(State(app): State<App>, Leaving(user): Leaving, witness: Witness) -> Result<Reply<Done>> {
    if let Some(user) = user {
        app.users.end_sessions(&user, &witness.saw(user.id, Action::LoggedOut, user.id)).await?;
    }
    Ok(Reply::ok(Done::DONE).cookie(RefreshCookie::forget()?))
}
