//! Sessions: tokens signed with a secret of Secrets Manager (JWT, RFC 7519, HS256).
//!
//! A token names the version of the secret that signed it (`kid`), and both the current and the previous version are
//! accepted, so that a rotation logs nobody out. What the token says is checked against the account at every call.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

use super::{Email, PersonName, Role, User};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::id::{SessionId, UserId};

/// How long a token is good: seven days, as clients of the reference expect.
const LIFETIME: Duration = Duration::from_hours(168);

/// How long the versions of the secret are kept before they are read again.
const RING_FRESH: Duration = Duration::from_mins(5);

/// How soon a token that names an unknown version makes us read them again; it may only just have been rotated in.
const RING_RETRY: Duration = Duration::from_secs(10);

/// The fewest bytes of a secret that signs with HS256 (RFC 7518, 3.2).
const SECRET_BYTES_MIN: usize = 32;

/// Issues and checks tokens.
#[derive(Clone)]
pub struct Sessions {
    secrets: aws_sdk_secretsmanager::Client,
    secret: String,
    clock: Clock,
    ring: Arc<RwLock<Option<Ring>>>,
}

/// A token, for the client that it was issued to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The token itself.
    pub token: String,
    /// Seconds until it ends.
    pub expires_in: u64,
}

/// What a good token says.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// Whose it is.
    pub user: UserId,
    /// The account's epoch when it was issued.
    pub epoch: u64,
}

/// Why no session stands behind a call. Clients of the reference tell these apart by code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionRefused {
    /// There is no `Authorization` header, or an empty one.
    #[error("A token is required: send it as «Authorization: Bearer …»")]
    Missing,
    /// The header is there, but not in the Bearer scheme.
    #[error("The Authorization header must be «Bearer», a blank and the token")]
    NotBearer,
    /// The token is not one of ours, or no longer good.
    #[error("The token is not valid")]
    Invalid,
    /// The token was one of ours.
    #[error("The token has expired")]
    Expired,
}

impl From<SessionRefused> for Error {
    fn from(refused: SessionRefused) -> Self {
        Self::SessionRefused(refused)
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    id: UserId,
    email: Email,
    name: PersonName,
    role: Role,
    iat: i64,
    exp: i64,
    jti: SessionId,
    epoch: u64,
}

/// The versions of the secret that are accepted.
struct Ring {
    current: String,
    keys: HashMap<String, (EncodingKey, DecodingKey)>,
    read_at: Timestamp,
}

impl Sessions {
    /// Sessions signed with the named secret.
    pub fn new(secrets: aws_sdk_secretsmanager::Client, secret: String, clock: Clock) -> Self {
        Self { secrets, secret, clock, ring: Arc::default() }
    }

    /// A token for the account, signed with the current version of the secret.
    pub async fn issue(&self, user: &User) -> Result<Token> {
        self.refresh(RING_FRESH).await?;
        let now = self.clock.now();
        let claims = Claims {
            id: user.id,
            email: user.email.clone(),
            name: user.name.clone(),
            role: user.role,
            iat: now.epoch_s(),
            exp: now.plus(LIFETIME).epoch_s(),
            jti: SessionId::fresh(),
            epoch: user.epoch,
        };
        let ring = self.ring.read().await;
        let ring = ring.as_ref().ok_or_else(|| Error::internal("the secret was not read"))?;
        let header = Header { kid: Some(ring.current.clone()), ..Header::new(Algorithm::HS256) };
        let (key, _) = ring.keys.get(&ring.current).ok_or_else(|| Error::internal("no current secret"))?;
        let token = jsonwebtoken::encode(&header, &claims, key).map_err(Error::internal)?;
        Ok(Token { token, expires_in: LIFETIME.as_secs() })
    }

    /// What the token says, if it is one of ours and not over.
    pub async fn verify(&self, token: &str) -> Result<Session> {
        let kid =
            jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid).ok_or(SessionRefused::Invalid)?;
        self.refresh(RING_FRESH).await?;
        if !self.knows(&kid).await {
            self.refresh(RING_RETRY).await?;
        }
        let ring = self.ring.read().await;
        let (_, key) = ring.as_ref().and_then(|ring| ring.keys.get(&kid)).ok_or(SessionRefused::Invalid)?;
        let claims =
            jsonwebtoken::decode::<Claims>(token, key, &validation()).map_err(|_| SessionRefused::Invalid)?.claims;
        if claims.exp <= self.clock.now().epoch_s() {
            return Err(SessionRefused::Expired.into());
        }
        Ok(Session { user: claims.id, epoch: claims.epoch })
    }

    async fn knows(&self, kid: &str) -> bool {
        self.ring.read().await.as_ref().is_some_and(|ring| ring.keys.contains_key(kid))
    }

    /// Reads the versions of the secret, unless they were read within `age_max`.
    async fn refresh(&self, age_max: Duration) -> Result<()> {
        let now = self.clock.now();
        let is_fresh = |ring: &Option<Ring>| ring.as_ref().is_some_and(|ring| now.since(ring.read_at) < age_max);
        if is_fresh(&*self.ring.read().await) {
            return Ok(());
        }
        let mut ring = self.ring.write().await;
        // Another call may have read them while this one waited for the lock.
        if !is_fresh(&ring) {
            *ring = Some(self.read(now).await?);
        }
        Ok(())
    }

    async fn read(&self, now: Timestamp) -> Result<Ring> {
        let (current, secret) =
            self.version("AWSCURRENT").await?.ok_or_else(|| Error::internal("the session secret has no value"))?;
        let mut keys = HashMap::from([(current.clone(), secret)]);
        keys.extend(self.version("AWSPREVIOUS").await?);
        Ok(Ring { current, keys, read_at: now })
    }

    async fn version(&self, stage: &str) -> Result<Option<(String, (EncodingKey, DecodingKey))>> {
        let answer = self.secrets.get_secret_value().secret_id(&self.secret).version_stage(stage).send().await;
        let value = match answer {
            Ok(value) => value,
            // A secret that was never rotated has no previous version.
            Err(e) if e.as_service_error().is_some_and(aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError::is_resource_not_found_exception) => return Ok(None),
            Err(e) => return Err(Error::internal(e)),
        };
        let secret =
            Zeroizing::new(value.secret_string.ok_or_else(|| Error::internal("the session secret is no text"))?);
        if secret.len() < SECRET_BYTES_MIN {
            return Err(Error::internal(format!("the session secret has fewer than {SECRET_BYTES_MIN} bytes")));
        }
        let kid = value.version_id.ok_or_else(|| Error::internal("the session secret has no version"))?;
        let bytes = secret.as_bytes();
        Ok(Some((kid, (EncodingKey::from_secret(bytes), DecodingKey::from_secret(bytes)))))
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
