//! Origins of browsers that may call with credentials.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

use crate::config::Config;
use crate::error::{Error, Result};

/// Browsers on a developer's own machine, which the reference always let in.
const LOCAL: [&str; 8] = [
    "http://localhost:3000",
    "http://localhost:3001",
    "http://localhost:4173",
    "http://localhost:5173",
    "http://localhost:5174",
    "http://localhost:8080",
    "http://127.0.0.1:3000",
    "http://127.0.0.1:5174",
];

/// Every origin that is let in.
pub(super) fn allowed(config: &Config) -> impl Iterator<Item = &str> {
    LOCAL.into_iter().chain(config.allowed_origins.iter().map(String::as_str))
}

/// Refuses a call that a page of another origin made a browser send. CORS would only keep the answer from that page, and
/// the cookie would have done its work by then. Browsers name the origin of every call across origins that is no GET;
/// who names none is no browser, and has no cookie that it did not mean to send.
pub(super) fn check(headers: &HeaderMap, config: &Config) -> Result<()> {
    let mut origins = headers.get_all(ORIGIN).into_iter();
    let is_allowed = origins.all(|origin| allowed(config).any(|allowed| origin == allowed));
    if is_allowed { Ok(()) } else { Err(Error::OriginRefused) }
}
