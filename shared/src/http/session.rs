//! Callers who want something of their session itself: to renew it, to end it, or to close the account.
//!
//! The first two may come with nothing but the cookie, which a browser sends by itself. So the origin is checked there.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::caller::{bearer, holder};
use super::cookie::refresh_token;
use super::origin;
use super::witness::Witness;
use crate::app::App;
use crate::audit::Action;
use crate::error::{Error, Result};
use crate::users::{Session, SessionRefused, User};

/// An account whose session may be renewed: by its token, even one that is over for a short while, or by its cookie.
pub struct Renewing(pub User);

/// An account whose session is to end: by its token or by its cookie. None, where the cookie's session has ended before.
pub struct Leaving(pub Option<User>);

/// A session whose account is to be closed, or was closed by that very session. So it can be asked for again after a
/// failure in the middle.
pub struct Closing(pub Session);

impl FromRequestParts<App> for Renewing {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let user = match by_token(parts, app).await {
            // Clients send a token that is long over beside a cookie that is not.
            Err(Error::SessionRefused(refused)) => by_cookie(parts, app).await?.unwrap_or(Err(refused))?,
            proved => proved?,
        };
        spend_cookie(parts, app, &user).await?;
        Ok(Self(user))
    }
}

impl FromRequestParts<App> for Leaving {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        match by_token(parts, app).await {
            Err(Error::SessionRefused(refused)) => match by_cookie(parts, app).await? {
                Some(proved) => Ok(Self(proved.ok())),
                None if refused == SessionRefused::Ended => Err(SessionRefused::Invalid.into()),
                None => Err(refused.into()),
            },
            proved => Ok(Self(Some(proved?))),
        }
    }
}

impl FromRequestParts<App> for Closing {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let session = app.sessions.verify(bearer(parts)?).await?;
        if holder(parts, app, session).await?.is_none() && !app.users.was_closed_by(session).await? {
            return Err(SessionRefused::Invalid.into());
        }
        Ok(Self(session))
    }
}

async fn by_token(parts: &Parts, app: &App) -> Result<User> {
    let session = app.sessions.verify_renewable(bearer(parts)?).await?;
    holder(parts, app, session).await?.ok_or_else(|| SessionRefused::Ended.into())
}

/// None without a cookie; a refusal where it is there and no good.
async fn by_cookie(parts: &Parts, app: &App) -> Result<Option<Result<User, SessionRefused>>> {
    let Some(token) = refresh_token(&parts.headers) else {
        return Ok(None);
    };
    origin::check(&parts.headers, &app.config)?;
    let refresh = match app.sessions.verify_refresh(token).await {
        Err(Error::SessionRefused(refused)) => return Ok(Some(Err(refused))),
        verified => verified?,
    };
    Ok(Some(holder(parts, app, refresh.session).await?.ok_or(SessionRefused::Ended)))
}

/// A cookie is good for one renewal, also where a token beside it would have done: the answer sets the next. One that comes
/// again was copied, and which of the two is the owner nobody can tell. So every session ends.
async fn spend_cookie(parts: &mut Parts, app: &App, user: &User) -> Result<()> {
    let Some(token) = refresh_token(&parts.headers) else { return Ok(()) };
    let refresh = match app.sessions.verify_refresh(token).await {
        Err(Error::SessionRefused(_)) => return Ok(()),
        verified => verified?,
    };
    let Session { user: owner, epoch } = refresh.session;
    if (owner, epoch) != (user.id, user.epoch) || app.users.spend(&refresh, app.clock.now()).await? {
        return Ok(());
    }
    let witness = Witness::from_request_parts(parts, app).await?;
    app.users.end_sessions(user, &witness.saw(owner, Action::RefreshTokenReused, owner)).await?;
    Err(SessionRefused::Reused.into())
}
