//! Who is an administrator.

use shared::app::App;
use shared::audit::{Action, Entry};
use shared::users::Role;

use crate::account::{Refused, account};

/// Gives the account with this address a role. Its sessions end, so that the next one has it; nothing ends where it has
/// that role already.
pub async fn set_role(app: &App, address: &str, role: Role) -> Result<(), Refused> {
    let user = account(app, address).await?;
    if user.role == role {
        return Ok(());
    }
    let entry = Entry::by_operator(user.id, Action::RoleChanged, user.id, app.clock.now());
    app.users.set_role(&user, role, &entry).await?.map(drop).ok_or(Refused::Overtaken)
}
