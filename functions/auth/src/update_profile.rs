use serde::Deserialize;
use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::http::{Account, Body, Reply, State, Witness};
use shared::users::{Email, PersonName};

use crate::view::UserView;

/// What is to change.
#[derive(Deserialize)]
pub struct UpdateProfile {
    name: Option<PersonName>,
    email: Option<Email>,
}

/// `PUT /api/v1/auth/profile`: tokens stay as they are, since nobody is known by what they say of name and address.
pub async fn update_profile(
    State(app): State<App>,
    Account(user): Account,
    witness: Witness,
    Body(request): Body<UpdateProfile>,
) -> Result<Reply<UserView>> {
    // Read before anything is written: what fails has changed nothing.
    let connected = app.databases.ids(user.id).await?;
    let entry = witness.saw(user.id, Action::AccountUpdated, user.id);
    let user = app.users.change_profile(user.id, request.name, request.email, &entry).await?;
    Ok(Reply::ok(UserView::with(user, connected)))
}
