//! Shapes that several endpoints answer with.

use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::clock::Timestamp;
use shared::http::RefreshCookie;
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
        let connected = app.databases.ids(user.id).await?;
        Ok(Self::with(user, connected))
    }

    /// The account with these connections.
    pub fn with(user: User, connected_databases: Vec<DatabaseId>) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            connected_databases,
            created_at: user.created_at,
            last_active: user.last_active,
        }
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
    /// Issues a token, and the cookie by which a browser gets the next one.
    pub async fn of(app: &App, user: User) -> Result<(Self, RefreshCookie)> {
        let (token, cookie) = tokens(app, &user).await?;
        Ok((Self { user: UserView::of(app, user).await?, token }, cookie))
    }

    /// The same for an account that was made just now and has no connections. Nothing more is read of it.
    pub async fn new(app: &App, user: User) -> Result<(Self, RefreshCookie)> {
        let (token, cookie) = tokens(app, &user).await?;
        Ok((Self { user: UserView::with(user, Vec::new()), token }, cookie))
    }

    /// The token, for clients that look for it beside `data`.
    pub fn token(&self) -> &Token {
        &self.token
    }
}

/// A new token and a new cookie for an account.
pub async fn tokens(app: &App, user: &User) -> Result<(Token, RefreshCookie)> {
    let token = app.sessions.issue(user).await?;
    let cookie = RefreshCookie::keep(&app.sessions.issue_refresh(user).await?)?;
    Ok((token, cookie))
}

/// That something was done which has no other answer.
#[derive(Serialize)]
pub struct Done {
    success: bool,
}

impl Done {
    /// It was.
    pub const DONE: Self = Self { success: true };
}
