//! The account that an operator means.

use shared::app::App;
use shared::users::{Email, User};

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

/// The account with this address.
pub(crate) async fn account(app: &App, address: &str) -> Result<User, Refused> {
    let email = Email::try_from(address.to_owned()).map_err(|_| Refused::NoAddress(address.to_owned()))?;
    app.users.by_email(&email).await?.ok_or_else(|| Refused::NoAccount(email.into()))
}
