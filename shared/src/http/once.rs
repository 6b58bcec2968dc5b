//! `Idempotency-Key`: what a client calls a request that it may send again ("The Idempotency-Key HTTP Header Field", a draft of
//! the IETF's HTTPAPI group).

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::request::Parts;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::view::MintedKey;
use crate::app::App;
use crate::clock::Timestamp;
use crate::error::{Error, Invalid, InvalidKind, Resource, Result};
use crate::id::UserId;
use crate::keys::{ApiKey, Key, minted};
use crate::once::{IdempotencyKey, Stamp, Ticket};

/// The key of a request, if its client gave it one, and the route.
pub struct Once {
    key: Option<IdempotencyKey>,
    route: String,
}

impl FromRequestParts<App> for Once {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        let mut headers = parts.headers.get_all("idempotency-key").into_iter();
        let (header, another) = (headers.next(), headers.next());
        if another.is_some() {
            return Err(Invalid::new("Idempotency-Key", InvalidKind::TooBig, "must be sent once").into());
        }
        let key = header.map(|header| IdempotencyKey::parse(header.to_str().unwrap_or_default())).transpose()?;
        let path = parts.extensions.get::<MatchedPath>().map_or("none", MatchedPath::as_str);
        Ok(Self { key, route: format!("{} {path}", parts.method) })
    }
}

impl Once {
    /// The request of this account with this body, and with what its path names; nothing where it has no key.
    pub fn ticket(&self, owner: UserId, named: &str, body: &Map<String, Value>, at: Timestamp) -> Option<Ticket> {
        let body = Value::Object(body.clone()).to_string();
        self.key.as_ref().map(|key| key.ticket(owner, &self.route, &format!("{named}\n{body}"), at))
    }
}

impl MintedKey {
    /// The answer that the same request was given before, if there was one: the key as it is now, with its secret.
    pub async fn again(app: &App, ticket: Option<&Ticket>) -> Result<Option<Self>> {
        let Some(ticket) = ticket else { return Ok(None) };
        let Some(outcome) = ticket.outcome(&app.table).await? else { return Ok(None) };
        let secret = ticket.open(&outcome, &app.vault).await?;
        let secret = ApiKey::parse(secret.expose_secret()).map_err(|_| Error::internal("no key was kept"))?;
        let id = outcome.subject.parse().map_err(Error::internal)?;
        let key = app.keys.get(ticket.owner(), id).await?.ok_or(Error::NotFound(Resource::Key))?;
        Ok(Some(Self::new(&secret, key)))
    }

    /// What is kept for that: the secret, sealed.
    pub async fn stamp(app: &App, ticket: Option<Ticket>, secret: &ApiKey, key: &Key) -> Result<Option<Stamp>> {
        match ticket {
            Some(ticket) => minted(&ticket, secret, key, &app.vault).await.map(Some),
            None => Ok(None),
        }
    }
}
