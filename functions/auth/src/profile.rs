use shared::Result;
use shared::app::App;
use shared::http::{Account, Reply, State};

use crate::view::UserView;

/// `GET /api/v1/auth/profile`
pub async fn profile(State(app): State<App>, Account(user): Account) -> Result<Reply<UserView>> {
    Ok(Reply::ok(UserView::of(&app, user).await?))
}
