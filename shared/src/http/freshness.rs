//! Whether an answer may be one that was made before, as `Cache-Control` of the request says.

use axum::extract::FromRequestParts;
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;

use crate::app::App;
use crate::error::{Error, Result};

/// What a client says of caches (RFC 9111, 5.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Nothing: an answer may have been kept.
    Any,
    /// `no-cache`: it has to be made now, and may be kept.
    New,
    /// `no-store`: it has to be made now, and may not be kept.
    Unkept,
}

impl FromRequestParts<App> for Freshness {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        let headers = parts.headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
        let directives: Vec<&str> = headers.flat_map(|value| value.split(',')).map(str::trim).collect();
        let has = |name: &str| directives.iter().any(|directive| directive.eq_ignore_ascii_case(name));
        Ok(match (has("no-store"), has("no-cache")) {
            (true, _) => Self::Unkept,
            (false, true) => Self::New,
            (false, false) => Self::Any,
        })
    }
}
