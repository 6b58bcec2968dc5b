use serde::Deserialize;
use shared::app::App;
use shared::audit::Action;
use shared::clock::Timestamp;
use shared::http::{Once, Reply, Sent, State, Visitor, Witness};
use shared::id::UserId;
use shared::once::Ticket;
use shared::users::{Email, NewPassword, Password, PasswordHash, PersonName, Role, User};
use shared::{Error, Result};

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
    once: Once,
    Sent { body: request, mut object }: Sent<Register>,
) -> Result<Reply<SignedIn>> {
    // No trace of a password is kept but its slow hash, which says whether it is the same.
    object.remove("password");
    let (id, now, password) = (UserId::fresh(), app.clock.now(), request.password.again());
    let ticket = |id| once.ticket(id, "", &object, now);
    let user = request.into_user(id, now).await?;
    let stamp = ticket(id).map(|ticket| ticket.stamp(id));
    let entry = witness.saw(id, Action::AccountRegistered, id).stamped(stamp);
    // An account whose owner gets no token of it would be one that nobody has asked for.
    app.sessions.ready().await?;
    let (signed_in, cookie) = match app.users.insert(&user, &entry).await {
        Err(Error::EmailTaken) => SignedIn::of(&app, before(&app, &user.email, password, ticket).await?).await?,
        made => {
            made?;
            SignedIn::new(&app, user).await?
        }
    };
    Ok(Reply::created(signed_in).cookie(cookie))
}

/// The account that the same request has made before, for who knows its password. It gets a session of its own, since none
/// is kept.
async fn before(
    app: &App,
    email: &Email,
    password: Password,
    ticket: impl Fn(UserId) -> Option<Ticket>,
) -> Result<User> {
    let user = app.users.by_email(email).await?.ok_or(Error::EmailTaken)?;
    let Some(ticket) = ticket(user.id) else { return Err(Error::EmailTaken) };
    let is_again = ticket.outcome(&app.table).await.is_ok_and(|outcome| outcome.is_some());
    let is_own = is_again && PasswordHash::verify(Some(user.password_hash.clone()), password).await?;
    if is_own { Ok(user) } else { Err(Error::EmailTaken) }
}

impl Register {
    async fn into_user(self, id: UserId, now: Timestamp) -> Result<User> {
        Ok(User {
            id,
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
