//! What a client says about itself where two generations of clients need different answers.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// Which shape an answer has, where there is no shape for everybody: `X-Altus4-Compat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compat {
    /// As documented, for who says nothing.
    Current,
    /// As the types of the JavaScript SDK have it (`sdk`).
    Sdk,
}

impl<S: Sync> FromRequestParts<S> for Compat {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get("x-altus4-compat");
        Ok(match header {
            Some(value) if value.as_bytes().eq_ignore_ascii_case(b"sdk") => Self::Sdk,
            _ => Self::Current,
        })
    }
}
