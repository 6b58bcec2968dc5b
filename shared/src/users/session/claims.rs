//! What a token says, and how it is read.

use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};

use super::{Session, SessionRefused, SigningKey};
use crate::id::{SessionId, UserId};
use crate::users::{Email, PersonName, Role};

/// What is checked of a token.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) id: UserId,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) jti: SessionId,
    pub(super) epoch: u64,
    #[serde(rename = "use")]
    pub(super) purpose: Purpose,
}

impl Claims {
    pub(super) fn session(&self) -> Session {
        Session { user: self.id, epoch: self.epoch }
    }
}

/// What a token is for. One is never taken for the other: a script can read the first kind, and a browser sends the
/// second by itself.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Purpose {
    Access,
    Refresh,
}

/// The claims of a bearer token, with what clients of the reference read from it. We do not.
#[derive(Serialize)]
pub(super) struct AccessClaims<'a> {
    pub(super) email: &'a Email,
    pub(super) name: &'a PersonName,
    pub(super) role: Role,
    #[serde(flatten)]
    pub(super) claims: Claims,
}

/// The version of the secret that a token says it was signed with.
pub(super) fn version_of(token: &str) -> Result<String, SessionRefused> {
    jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid).ok_or(SessionRefused::Invalid)
}

impl SigningKey {
    /// What a token says, if this has signed it: whether it is over, or of another purpose, is not looked at.
    pub fn session(&self, token: &str) -> Result<Session, SessionRefused> {
        version_of(token)?;
        Ok(self.claims(token)?.session())
    }

    pub(super) fn claims(&self, token: &str) -> Result<Claims, SessionRefused> {
        let opened = jsonwebtoken::decode(token, &self.decoding, &validation());
        opened.map(|opened| opened.claims).map_err(|_| SessionRefused::Invalid)
    }
}

/// HS256 and nothing else. The library would ask the machine for the time; `exp` is checked with our own clock.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_required_spec_claims::<&str>(&[]);
    validation
}
