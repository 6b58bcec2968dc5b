//! Who calls, and whether they may. A handler that needs a caller can not be written without one of these.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::edge::Notes;
use crate::app::App;
use crate::error::{Error, Result};
use crate::id::{KeyId, UserId};
use crate::keys::{ApiKey, Key, KeyRefused, Permission};
use crate::users::{Role, Session, SessionRefused, User};

/// What one may do, as types, so that it stands in a handler's signature.
pub mod may {
    use super::Right;
    use crate::keys::Permission;

    /// Connect databases and read their schemas.
    pub struct ManageDatabases;
    /// Search, and read one's history.
    pub struct Search;
    /// Read one's figures.
    pub struct ReadAnalytics;
    /// Have one's searches looked into, on the routes of searching.
    pub struct AnalyzeSearches;
    /// Read the figures of all accounts, if one's own is an administrator's.
    pub struct ReadSystem;

    impl Right for ManageDatabases {
        const PERMISSION: Permission = Permission::Admin;
        const IS_FOR_KEYS: bool = false;
    }

    impl Right for Search {
        const PERMISSION: Permission = Permission::Search;
        const IS_FOR_KEYS: bool = true;
    }

    impl Right for ReadAnalytics {
        const PERMISSION: Permission = Permission::Analytics;
        const IS_FOR_KEYS: bool = false;
    }

    impl Right for ReadSystem {
        const PERMISSION: Permission = Permission::Admin;
        const IS_FOR_KEYS: bool = false;
    }

    impl Right for AnalyzeSearches {
        const PERMISSION: Permission = Permission::Analytics;
        const IS_FOR_KEYS: bool = true;
    }
}

/// Something that one may do with an API key of the right permission, or as the owner with a session.
pub trait Right: Send + Sync {
    /// What the key needs.
    const PERMISSION: Permission;
    /// Whether clients of the reference come here with keys, so that a refusal wears the code for keys.
    const IS_FOR_KEYS: bool;
}

/// An account, by its session: no key opens what only its owner may do.
pub struct Account(pub User);

/// An administrator's account, by its session or by a key of its own that has the permission `admin`. The permission alone
/// is not enough, because the keys of ordinary accounts may have it.
pub struct Administrator;

/// The account of this request, once its session was checked.
#[derive(Clone)]
struct SignedIn(User);

/// An account that may do `R`, by a key or by its session.
pub struct Caller<R> {
    /// Whose call it is.
    pub user: UserId,
    /// How it was proved.
    pub via: Via,
    right: PhantomData<R>,
}

/// How a caller was proved.
pub enum Via {
    /// By a session.
    Session,
    /// By a key.
    Key(KeyId),
}

impl Via {
    /// The key, if there was one.
    pub fn key(&self) -> Option<KeyId> {
        match self {
            Self::Session => None,
            Self::Key(id) => Some(*id),
        }
    }
}

impl FromRequestParts<App> for Account {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        // A handler may ask for the account and for something that it owns: one call, checked and counted once.
        if let Some(SignedIn(user)) = parts.extensions.get() {
            return Ok(Self(user.clone()));
        }
        let user = session(parts, app, bearer(parts)?).await?;
        parts.extensions.insert(SignedIn(user.clone()));
        Ok(Self(user))
    }
}

impl<R: Right> FromRequestParts<App> for Caller<R> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let token = match bearer(parts) {
            Ok(token) => token.to_owned(),
            Err(SessionRefused::Missing) if R::IS_FOR_KEYS => return Err(KeyRefused::Missing.into()),
            Err(_) if R::IS_FOR_KEYS => return Err(KeyRefused::Malformed.into()),
            Err(refused) => return Err(refused.into()),
        };
        // A token of ours has two dots (RFC 7515, 3.1), a key has none.
        let (user, via) = if token.starts_with("altus4_sk_") || (R::IS_FOR_KEYS && !token.contains('.')) {
            let key = key(parts, app, &token, R::PERMISSION).await?;
            (key.owner, Via::Key(key.id))
        } else {
            (Account::from_request_parts(parts, app).await?.0.id, Via::Session)
        };
        Ok(Self { user, via, right: PhantomData })
    }
}

impl FromRequestParts<App> for Administrator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Caller::<may::ReadSystem>::from_request_parts(parts, app).await?;
        let user = match parts.extensions.get() {
            Some(SignedIn(user)) => user.clone(),
            None => app.users.get(caller.user).await?.ok_or(KeyRefused::Unknown)?,
        };
        if user.role == Role::Admin { Ok(Self) } else { Err(Error::PrivilegeMissing("read these figures")) }
    }
}

async fn session(parts: &Parts, app: &App, token: &str) -> Result<User> {
    let session = app.sessions.verify(token).await?;
    let user = holder(parts, app, session).await?.ok_or(SessionRefused::Invalid)?;
    let quota = app.keys.spend_session(user.id, app.clock.now()).await?;
    note(parts, |notes| notes.note_quota(quota));
    Ok(user)
}

/// The account of a session, unless one of the two has ended.
pub(super) async fn holder(parts: &Parts, app: &App, session: Session) -> Result<Option<User>> {
    let user = app.users.get(session.user).await?.filter(|user| user.epoch == session.epoch);
    if let Some(user) = &user {
        note(parts, |notes| notes.note_user(user.id));
    }
    Ok(user)
}

async fn key(parts: &Parts, app: &App, token: &str, permission: Permission) -> Result<Key> {
    let presented = ApiKey::parse(token).map_err(|_| KeyRefused::Malformed)?;
    let used = app.keys.spend(&presented.hash(), &endpoint(parts), app.clock.now()).await?;
    note(parts, |notes| {
        notes.note_user(used.key.owner);
        notes.note_quota(used.quota);
        notes.note_key(&used.key);
    });
    if !used.key.allows(permission) {
        return Err(Error::PermissionMissing { required: permission, available: used.key.permissions });
    }
    Ok(used.key)
}

/// What stands after `Bearer`, in whatever case, in the one `Authorization` header.
pub(super) fn bearer(parts: &Parts) -> Result<&str, SessionRefused> {
    let mut headers = parts.headers.get_all(AUTHORIZATION).into_iter();
    let (header, another) = (headers.next().ok_or(SessionRefused::Missing)?, headers.next());
    let text = header.to_str().map_err(|_| SessionRefused::NotBearer)?.trim();
    if text.is_empty() {
        return Err(SessionRefused::Missing);
    }
    let (scheme, token) = text.split_once(' ').ok_or(SessionRefused::NotBearer)?;
    // Two headers are two callers, and a proxy before us may have checked the other one.
    if another.is_some() || !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(SessionRefused::NotBearer);
    }
    Ok(token.trim_start())
}

/// The route that was called, such as `POST /api/v1/search`. There are as many as the route tables have lines.
fn endpoint(parts: &Parts) -> String {
    let path = parts.extensions.get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    format!("{} {path}", parts.method)
}

pub(super) fn note(parts: &Parts, write: impl FnOnce(&Notes)) {
    if let Some(notes) = parts.extensions.get::<Notes>() {
        write(notes);
    }
}
