//! The versions of the secret that are accepted, and the one that signs.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::zeroize::Zeroizing;

use super::SessionRefused;
use crate::aws::failed;
use crate::clock::Timestamp;
use crate::error::{Error, Result, chain};

/// How long the versions are kept before they are read again.
pub(super) const RING_FRESH: Duration = Duration::from_mins(5);

/// When every ring there is holds a version: it was made longer ago than any ring is kept, and as much again for clocks
/// that differ.
const KNOWN_EVERYWHERE: Duration = Duration::from_mins(10);

/// How long versions are used that can not be read again.
const STANDS_IN: Duration = Duration::from_hours(1);

/// A secret that is fit to sign with HS256, and to check what it signed.
pub struct SigningKey {
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
}

impl SigningKey {
    /// The fewest bytes of a secret that signs with HS256 (RFC 7518, 3.2).
    const BYTES_MIN: usize = 32;

    /// The key that a secret's text is.
    pub fn parse(text: &str) -> Result<Self> {
        let bytes = text.as_bytes();
        if bytes.len() < Self::BYTES_MIN {
            return Err(Error::unavailable(format!("the session secret has fewer than {} bytes", Self::BYTES_MIN)));
        }
        Ok(Self { encoding: EncodingKey::from_secret(bytes), decoding: DecodingKey::from_secret(bytes) })
    }
}

/// What was read of the secret, and when.
pub(super) struct Ring {
    signing: String,
    keys: HashMap<String, SigningKey>,
    read_at: Timestamp,
    /// When the versions could not be read again.
    failed_at: Option<Timestamp>,
}

impl Ring {
    /// Reads the versions that sign, did sign or will.
    ///
    /// A version is accepted from the moment it is made (`AWSPENDING`), and signs only once every other environment of
    /// every function has had the time to see it. So no token is ever met by somebody who does not know its version.
    pub(super) async fn read(secrets: &Client, secret: &str, now: Timestamp) -> Result<Self> {
        let current = version(secrets, secret, "AWSCURRENT").await?;
        let current = current.ok_or_else(|| Error::unavailable("the session secret has no value"))?;
        // Read in this order: what a rotation takes the first label from meanwhile is found under the second.
        let previous = version(secrets, secret, "AWSPREVIOUS").await?;
        // Nobody signs with it yet, so whatever is wrong with it must not keep anybody out.
        let pending = version(secrets, secret, "AWSPENDING").await.ok().flatten();
        let is_known = now.since(current.made_at) >= KNOWN_EVERYWHERE;
        let signing = previous.as_ref().filter(|_| !is_known).unwrap_or(&current).kid.clone();
        let versions = [Some(current), previous, pending].into_iter().flatten();
        Ok(Self {
            signing,
            keys: versions.map(|version| (version.kid, version.key)).collect(),
            read_at: now,
            failed_at: None,
        })
    }

    /// Whether it was read within this time, or can not be read just now.
    pub(super) fn is_fresh(&self, age_max: Duration, now: Timestamp) -> bool {
        let tried_at = self.failed_at.map_or(self.read_at, |failed_at| failed_at.max(self.read_at));
        now.since(tried_at) < age_max
    }

    /// Notes that the versions could not be read. What was read before stands in for them for an hour: nobody is logged out
    /// because Secrets Manager does not answer, or because somebody has put something there that signs nothing.
    pub(super) fn stand_in(&mut self, error: Error, now: Timestamp) -> Result<()> {
        if now.since(self.read_at) >= STANDS_IN {
            return Err(error);
        }
        tracing::warn!(error = chain(&error), "the session secret was not read again: its versions of before stand in");
        self.failed_at = Some(now);
        Ok(())
    }

    /// The key of a version that a token names. One that is not here may be one that could not be read.
    pub(super) fn accepting(&self, kid: &str) -> Result<&SigningKey> {
        match (self.get(kid), self.failed_at) {
            (Some(key), _) => Ok(key),
            (None, None) => Err(SessionRefused::Invalid.into()),
            (None, Some(_)) => Err(Error::unavailable("a token names a version of the secret that can not be read")),
        }
    }

    /// The key that signs, with its version.
    pub(super) fn signing(&self) -> Result<(&str, &SigningKey)> {
        let key = self.get(&self.signing).ok_or_else(|| Error::internal("the ring has lost its key"))?;
        Ok((&self.signing, key))
    }

    /// The key of a version that is accepted.
    pub(super) fn get(&self, kid: &str) -> Option<&SigningKey> {
        self.keys.get(kid)
    }
}

struct Version {
    kid: String,
    key: SigningKey,
    made_at: Timestamp,
}

async fn version(secrets: &Client, secret: &str, stage: &str) -> Result<Option<Version>> {
    let value = match secrets.get_secret_value().secret_id(secret).version_stage(stage).send().await {
        Ok(value) => value,
        // A secret that was never rotated has no previous version, and one that is not being rotated no pending one.
        Err(e) if e.as_service_error().is_some_and(GetSecretValueError::is_resource_not_found_exception) => {
            return Ok(None);
        }
        Err(e) => return Err(failed(e)),
    };
    let text = Zeroizing::new(value.secret_string.ok_or_else(|| Error::unavailable("the session secret is no text"))?);
    let kid = value.version_id.ok_or_else(|| Error::unavailable("the session secret has no version"))?;
    let made_ms = value.created_date.and_then(|date| date.to_millis().ok()).unwrap_or(0);
    Ok(Some(Version { kid, key: SigningKey::parse(&text)?, made_at: Timestamp::from_epoch_ms(made_ms) }))
}
