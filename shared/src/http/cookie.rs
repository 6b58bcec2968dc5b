//! The one cookie: a refresh token that no script can read (RFC 6265).

use axum::http::HeaderValue;
use axum::http::header::{COOKIE, HeaderMap};
use secrecy::ExposeSecret;

use crate::error::{Error, Result};
use crate::users::RefreshToken;

/// Its prefix makes browsers refuse it from whatever is no secure origin (RFC 6265bis, 4.1.3). `__Host-` would ask for
/// `Path=/`, and every route would receive it.
const NAME: &str = "__Secure-altus4_refresh";

/// What is said of the cookie whenever it is set.
///
/// `SameSite=None`, because pages of other sites than the API's own call it with credentials, as the SDK does; that makes
/// `origin::check` necessary. `Path`, so that no other route ever receives it.
const ATTRIBUTES: &str = "Path=/api/v1/auth; HttpOnly; Secure; SameSite=None";

/// A `Set-Cookie` header.
pub struct RefreshCookie(HeaderValue);

impl RefreshCookie {
    /// Makes the browser keep this token for as long as it is good.
    pub fn keep(token: &RefreshToken) -> Result<Self> {
        Self::new(token.0.expose_secret(), RefreshToken::LIFETIME.as_secs())
    }

    /// Makes the browser forget its token.
    pub fn forget() -> Result<Self> {
        Self::new("", 0)
    }

    fn new(token: &str, age_max_s: u64) -> Result<Self> {
        let text = format!("{NAME}={token}; Max-Age={age_max_s}; {ATTRIBUTES}");
        let mut value = HeaderValue::from_str(&text).map_err(Error::internal)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl From<RefreshCookie> for HeaderValue {
    fn from(cookie: RefreshCookie) -> Self {
        cookie.0
    }
}

/// The token that the browser kept, if it sends one.
pub(super) fn refresh_token(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == NAME && !value.is_empty()).map(|(_, value)| value)
}
