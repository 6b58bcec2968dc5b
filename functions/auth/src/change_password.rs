use serde::{Deserialize, Serialize};
use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::http::{Account, Body, Reply, State, Witness};
use shared::users::{NewPassword, Password, PasswordHash, PasswordRefused, Token, User};

use crate::view::tokens;

/// The password as it is, and as it is to be.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangePassword {
    current_password: Password,
    new_password: NewPassword,
}

/// That the password was changed, and a token for the caller, whose own session has ended with all others.
#[derive(Serialize)]
pub struct PasswordChanged {
    success: bool,
    #[serde(flatten)]
    token: Token,
}

/// `POST /api/v1/auth/change-password`
pub async fn change_password(
    State(app): State<App>,
    Account(user): Account,
    witness: Witness,
    Body(request): Body<ChangePassword>,
) -> Result<Reply<PasswordChanged>> {
    let hash = request.check(&user).await?;
    // Every session ends with the old password: there has to be another to go on with.
    app.sessions.ready().await?;
    let entry = witness.saw(user.id, Action::PasswordChanged, user.id);
    let user = app.users.change_password(&user, hash, &entry).await?;
    let (token, cookie) = tokens(&app, &user).await?;
    Ok(Reply::ok(PasswordChanged { success: true, token }).cookie(cookie))
}

impl ChangePassword {
    /// The new hash, if the new password is strong and the current one right.
    async fn check(self, user: &User) -> Result<PasswordHash> {
        let new_password = self.new_password.strong()?;
        if !PasswordHash::verify(Some(user.password_hash.clone()), self.current_password).await? {
            return Err(PasswordRefused::WrongCurrent.into());
        }
        new_password.hash().await
    }
}
