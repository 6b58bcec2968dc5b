//! Who calls before anybody is known to stand behind the call: an address, and how often it came.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lambda_http::request::RequestContext;

use super::caller::note;
use crate::app::App;
use crate::error::{Error, Result};

/// A client without credentials, by its address: so many calls a minute, and then 429.
pub struct Visitor {
    /// The address, as the gateway saw it.
    pub address: Option<IpAddr>,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let address = address(parts);
        if let Some(quota) = app.addresses.count_auth(address, app.clock.now()).await? {
            note(parts, |notes| notes.note_quota(quota));
        }
        Ok(Self { address })
    }
}

/// The address of the client as the gateway saw it. No header is looked at: anybody can write one.
pub(super) fn address(parts: &Parts) -> Option<IpAddr> {
    match parts.extensions.get::<RequestContext>()? {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_deref()?.parse().ok(),
        _ => None,
    }
}
