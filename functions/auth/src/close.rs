use shared::Result;
use shared::app::App;
use shared::http::{Closing, RefreshCookie, Reply, State, Witness};

use crate::view::Done;

/// `DELETE /api/v1/auth/account`: no key, no stored password, no session, no search, and an address that may register anew.
///
/// After a failure in the middle it is called again, by the same session: until the account is closed that session is
/// good, and from then on it is remembered as the one that closed it.
pub async fn close(State(app): State<App>, Closing(session): Closing, witness: Witness) -> Result<Reply<Done>> {
    app.close(session, |action, subject| witness.saw(session.user, action, subject)).await?;
    Ok(Reply::ok(Done::DONE).cookie(RefreshCookie::forget()?))
}
