//! Sessions: tokens signed with a secret of Secrets Manager (JWT, RFC 7519, HS256).
//!
//! A token names the version of the secret that signed it (`kid`), and both the current and the previous version are
//! accepted, so that a rotation logs nobody out. What the token says is checked against the account at every call.

mod claims;
mod ring;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jsonwebtoken::{Algorithm, Header};
use secrecy::SecretString;
use serde::Serialize;
use tokio::sync::RwLock;

use super::User;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::id::{SessionId, UserId};
use crate::later::Later;
use claims::{AccessClaims, Claims, Purpose, version_of};
use ring::{RING_FRESH, Ring};

pub use ring::SigningKey;

/// How long a token is good: seven days, as clients of the reference expect.
const LIFETIME: Duration = Duration::from_hours(168);

/// How long a token that is over may still be exchanged for a new one.
const RENEWABLE: Duration = Duration::from_hours(168);

/// How soon a token that names an unknown version makes us read the secret again. Versions are known before they sign, so
/// that this is for an operator who sets the secret by hand.
const RING_RETRY: Duration = Duration::from_secs(10);

/// Issues and checks tokens.
#[derive(Clone)]
pub struct Sessions {
    secrets: Later<aws_sdk_secretsmanager::Client>,
    secret: String,
    clock: Clock,
    ring: Arc<RwLock<Option<Ring>>>,
    /// How often there was nothing to sign with.
    failures: Arc<AtomicU64>,
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

/// What a browser keeps in a cookie that no script can read, and exchanges for a new token.
pub struct RefreshToken(pub SecretString);

impl RefreshToken {
    /// How long it is good.
    pub const LIFETIME: Duration = Duration::from_hours(30 * 24);
}

/// What a good token says.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// Whose it is.
    pub user: UserId,
    /// The account's epoch when it was issued.
    pub epoch: u64,
}

/// What a good refresh token says.
#[derive(Debug, Clone, Copy)]
pub struct Refresh {
    /// Which token it is.
    pub id: SessionId,
    /// The session that it renews.
    pub session: Session,
    /// When it ends.
    pub ends_at: Timestamp,
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
    /// The token is one of ours, but its session was ended: there is nothing to renew.
    #[error("The session has ended: log in again")]
    Ended,
    /// The refresh token was exchanged before, so that two have it: every session was ended.
    #[error("This refresh token was used before. Every session has ended: log in again")]
    Reused,
}

impl From<SessionRefused> for Error {
    fn from(refused: SessionRefused) -> Self {
        Self::SessionRefused(refused)
    }
}

impl Sessions {
    /// Sessions signed with the named secret.
    pub fn new(secrets: Later<aws_sdk_secretsmanager::Client>, secret: String, clock: Clock) -> Self {
        Self { secrets, secret, clock, ring: Arc::default(), failures: Arc::default() }
    }

    /// Makes sure that tokens can be signed: what can not be taken back asks for this before it is done.
    pub async fn ready(&self) -> Result<()> {
        self.reread(RING_FRESH).await
    }

    /// A token for the account.
    pub async fn issue(&self, user: &User) -> Result<Token> {
        let claims = self.claims(user, Purpose::Access, LIFETIME);
        let claims = AccessClaims { email: &user.email, name: &user.name, role: user.role, claims };
        Ok(Token { token: self.sign(&claims).await?, expires_in: LIFETIME.as_secs() })
    }

    /// A refresh token for the account. It says nothing about the person.
    pub async fn issue_refresh(&self, user: &User) -> Result<RefreshToken> {
        let claims = self.claims(user, Purpose::Refresh, RefreshToken::LIFETIME);
        Ok(RefreshToken(self.sign(&claims).await?.into()))
    }

    /// What the token says, if it is one of ours and not over.
    pub async fn verify(&self, token: &str) -> Result<Session> {
        Ok(self.check(token, Purpose::Access, Duration::ZERO).await?.session())
    }

    /// What the token says, if it is one of ours and not over for too long.
    pub async fn verify_renewable(&self, token: &str) -> Result<Session> {
        Ok(self.check(token, Purpose::Access, RENEWABLE).await?.session())
    }

    /// What the refresh token says, if it is one of ours and not over.
    pub async fn verify_refresh(&self, token: &str) -> Result<Refresh> {
        let claims = self.check(token, Purpose::Refresh, Duration::ZERO).await?;
        let ends_at = Timestamp::from_epoch_ms(claims.exp.saturating_mul(1_000));
        Ok(Refresh { id: claims.jti, session: claims.session(), ends_at })
    }

    fn claims(&self, user: &User, purpose: Purpose, lifetime: Duration) -> Claims {
        let now = self.clock.now();
        let (iat, exp) = (now.epoch_s(), now.plus(lifetime).epoch_s());
        Claims { id: user.id, iat, exp, jti: SessionId::fresh(), epoch: user.epoch, purpose }
    }

    async fn sign(&self, claims: &impl Serialize) -> Result<String> {
        self.reread(RING_FRESH).await?;
        let ring = self.ring.read().await;
        let (kid, key) = ring.as_ref().ok_or_else(|| Error::internal("the secret was not read"))?.signing()?;
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, claims, &key.encoding).map_err(Error::internal)
    }

    async fn check(&self, token: &str, purpose: Purpose, grace: Duration) -> Result<Claims> {
        let claims = self.open(token).await?;
        if claims.purpose != purpose {
            return Err(SessionRefused::Invalid.into());
        }
        let ends_s = claims.exp.saturating_add_unsigned(grace.as_secs());
        if ends_s <= self.clock.now().epoch_s() {
            return Err(SessionRefused::Expired.into());
        }
        Ok(claims)
    }

    /// The claims of a token that we signed.
    async fn open(&self, token: &str) -> Result<Claims> {
        let kid = version_of(token)?;
        self.reread(RING_FRESH).await?;
        if !self.knows(&kid).await {
            self.reread(RING_RETRY).await?;
        }
        let ring = self.ring.read().await;
        let key = ring.as_ref().ok_or(SessionRefused::Invalid)?.accepting(&kid)?;
        Ok(key.claims(token)?)
    }

    async fn knows(&self, kid: &str) -> bool {
        self.ring.read().await.as_ref().is_some_and(|ring| ring.get(kid).is_some())
    }

    /// Reads the versions of the secret, unless they were read within `age_max`.
    async fn reread(&self, age_max: Duration) -> Result<()> {
        let now = self.clock.now();
        let is_fresh = |ring: &Option<Ring>| ring.as_ref().is_some_and(|ring| ring.is_fresh(age_max, now));
        let failures = self.failures.load(Ordering::Relaxed);
        if is_fresh(&*self.ring.read().await) {
            return Ok(());
        }
        let mut ring = self.ring.write().await;
        // Another call may have read them while this one waited for the lock, or may have waited in vain: then all who stood
        // behind it know, and do not wait one after the other.
        if is_fresh(&ring) {
            return Ok(());
        }
        if self.failures.load(Ordering::Relaxed) != failures {
            return Err(Error::unavailable("the session secret could not be read just now"));
        }
        match (Ring::read(&self.secrets, &self.secret, now).await, &mut *ring) {
            (Ok(read), ring) => *ring = Some(read),
            (Err(error), Some(old)) => old.stand_in(error, now).inspect_err(|_| self.count_failure())?,
            (Err(error), None) => {
                self.count_failure();
                return Err(error);
            }
        }
        Ok(())
    }

    fn count_failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }
}
