//! Who is an administrator.

use shared::app::App;
use shared::audit::{Action, Entry};
use shared::users::{Email, Role};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// What was given can not be an address.
    #[error("{0:?} is no e-mail address")]
    NoAddress(String),
    /// The address has no account.
    #[error("{0} has no account: register it first")]
    NoAccount(String),
    /// The account was changed at the same moment.
    #[error("the account was changed at the same moment: try again")]
    Overtaken,
    /// Whatever else.
    #[error("the account could not be changed")]
    Failed(#[from] shared::Error),
}

/// Gives the account with this address a role. Its sessions end, so that the next one has it; nothing ends where it has
/// that role already.
pub async fn set_role(app: &App, address: &str, role: Role) -> Result<(), Refused> {
    let email = Email::try_from(address.to_owned()).map_err(|_| Refused::NoAddress(address.to_owned()))?;
    let user = app.users.by_email(&email).await?.ok_or_else(|| Refused::NoAccount(email.into()))?;
    if user.role == role {
        return Ok(());
    }
    let entry = Entry::by_operator(user.id, Action::RoleChanged, user.id, app.clock.now());
    app.users.set_role(&user, role, &entry).await?.map(drop).ok_or(Refused::Overtaken)
}
