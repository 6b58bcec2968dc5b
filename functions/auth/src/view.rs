//! Shapes that several endpoints answer with.

use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::clock::Timestamp;
use shared::id::{DatabaseId, UserId};
use shared::users::{Email, PersonName, Role, Token, User};

/// An account, as its owner sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    id: UserId,
    email: Email,
    name: PersonName,
    role: Role,
    connected_databases: Vec<DatabaseId>,
    created_at: Timestamp,
    last_active: Timestamp,
}

impl UserView {
    /// The account with the connections it has.
    pub async fn of(app: &App, user: User) -> Result<Self> {
        let connected_databases = app.databases.ids(user.id).await?;
        Ok(Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            connected_databases,
            created_at: user.created_at,
            last_active: user.last_active,
        })
    }
}

/// An account and a new token for it.
#[derive(Serialize)]
pub struct SignedIn {
    user: UserView,
    #[serde(flatten)]
    token: Token,
}

impl SignedIn {
    /// Issues a token.
    pub async fn of(app: &App, user: User) -> Result<Self> {
        let token = app.sessions.issue(&user).await?;
        Ok(Self { user: UserView::of(app, user).await?, token })
    }
}
