use serde::Deserialize;
use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::clock::Timestamp;
use shared::http::{Body, Reply, State, Visitor, Witness};
use shared::id::UserId;
use shared::users::{Email, NewPassword, PersonName, Role, User};

use crate::view::SignedIn;

/// What a new user sends. A role that is asked for is passed over: nobody becomes an administrator by asking.
#[derive(Deserialize)]
pub struct Register {
    email: Email,
    password: NewPassword,
    name: PersonName,
}

/// `POST /api/v1/auth/register`
pub async fn register(
    State(app): State<App>,
    _: Visitor,
    witness: Witness,
    Body(request): Body<Register>,
) -> Result<Reply<SignedIn>> {
    let user = request.into_user(app.clock.now()).await?;
    // An account whose owner gets no token of it would be one that nobody has asked for.
    app.sessions.ready().await?;
    app.users.insert(&user, &witness.saw(user.id, Action::AccountRegistered, user.id)).await?;
    let (signed_in, cookie) = SignedIn::new(&app, user).await?;
    Ok(Reply::created(signed_in).cookie(cookie))
}

impl Register {
    async fn into_user(self, now: Timestamp) -> Result<User> {
        Ok(User {
            id: UserId::fresh(),
            email: self.email,
            name: self.name,
            role: Role::User,
            epoch: 0,
            password_hash: self.password.hash().await?,
            created_at: now,
            last_active: now,
        })
    }
}
