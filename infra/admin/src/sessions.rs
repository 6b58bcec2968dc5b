//! The sessions of somebody else.

use shared::app::App;
use shared::audit::{Action, Entry};

use crate::account::{Refused, account};

/// Ends every session of the account with this address, in all browsers. Its keys stay.
pub async fn end_sessions(app: &App, address: &str) -> Result<(), Refused> {
    let user = account(app, address).await?;
    let entry = Entry::by_operator(user.id, Action::LoggedOut, user.id, app.clock.now());
    Ok(app.users.end_sessions(&user, &entry).await?)
}
