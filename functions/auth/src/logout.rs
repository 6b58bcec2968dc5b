use shared::Result;
use shared::app::App;
use shared::http::{Leaving, RefreshCookie, Reply, State};

use crate::view::Done;

/// `POST /api/v1/auth/logout`: ends every session of the account, in other browsers too.
pub async fn logout(State(app): State<App>, Leaving(user): Leaving) -> Result<Reply<Done>> {
    if let Some(user) = user {
        app.users.end_sessions(&user).await?;
    }
    Ok(Reply::ok(Done::DONE).cookie(RefreshCookie::forget()?))
}
