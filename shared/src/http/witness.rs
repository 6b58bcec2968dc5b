//! What a change is remembered with: the request, the address, and who was behind it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::edge::Notes;
use super::visitor::address;
use crate::app::App;
use crate::audit::{Action, Entry};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::{RequestId, UserId};

/// A request that changes something. Stores ask for an [`Entry`] with every change, and this makes it.
pub struct Witness {
    notes: Notes,
    request: RequestId,
    address: Option<std::net::IpAddr>,
    at: Timestamp,
}

impl FromRequestParts<App> for Witness {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
        let request = parts.extensions.get().copied().unwrap_or_else(RequestId::fresh);
        Ok(Self { notes, request, address: address(parts), at: app.clock.now() })
    }
}

impl Witness {
    /// That this request did this, to a thing of this account.
    pub fn saw(&self, owner: UserId, action: Action, subject: impl Into<String>) -> Entry {
        Entry {
            owner,
            key: self.notes.key(),
            action,
            subject: subject.into(),
            at: self.at,
            address: self.address,
            request: self.request,
            stamp: None,
        }
    }
}
