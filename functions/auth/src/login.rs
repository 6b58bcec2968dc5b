use serde::Deserialize;
use shared::app::App;
use shared::http::{Body, Reply, State, Visitor};
use shared::users::{Email, Password, PasswordHash, User};
use shared::{Error, Result};

use crate::view::SignedIn;

/// What somebody sends who has an account.
#[derive(Deserialize)]
pub struct Login {
    email: Email,
    password: Password,
}

/// `POST /api/v1/auth/login`
pub async fn login(State(app): State<App>, _: Visitor, Body(request): Body<Login>) -> Result<Reply<SignedIn>> {
    let user = request.check(&app).await?;
    let now = app.clock.now();
    app.users.touch(user.id, now).await?;
    let (signed_in, cookie) = SignedIn::of(&app, User { last_active: now, ..user }).await?;
    Ok(Reply::ok(signed_in).cookie(cookie))
}

impl Login {
    /// The account, if there is one and the password is its own. Either way the same work is done.
    async fn check(self, app: &App) -> Result<User> {
        let user = app.users.by_email(&self.email).await?;
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let matches = PasswordHash::verify(hash, self.password).await?;
        user.filter(|_| matches).ok_or(Error::BadCredentials)
    }
}
