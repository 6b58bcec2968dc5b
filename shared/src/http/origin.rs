//! Origins of browsers that may call with credentials.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

use crate::config::Config;
use crate::error::{Error, Result};

/// Refuses a call that a page of another origin made a browser send. CORS would only keep the answer from that page, and
/// the cookie would have done its work by then. Browsers name the origin of every call across origins that is no GET;
/// who names none is no browser, and has no cookie that it did not mean to send.
pub(super) fn check(headers: &HeaderMap, config: &Config) -> Result<()> {
    let mut origins = headers.get_all(ORIGIN).into_iter();
    let is_allowed = origins.all(|origin| config.allowed_origins.iter().any(|allowed| origin == allowed.as_str()));
    if is_allowed { Ok(()) } else { Err(Error::OriginRefused) }
}
