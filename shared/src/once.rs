//! Requests that their client may send again: `USER#id#I` / a hash of the key that the client gave its request.
//!
//! What came of a request is a part of the transaction of its change, so that there is neither without the other, whatever is
//! cut short. It ends after 24 hours, by its own time and by TTL. The key itself is not kept: its hash names the item, and the
//! fingerprint of the body is made with it, so that who reads the table can not try what the body may have held.

use std::str::FromStr;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::dynamo::{Table, item, key, number};
use crate::error::{Error, Invalid, InvalidKind, Result};
use crate::id::UserId;
use crate::vault::{Context, Sealed, Vault};

/// For how long the same request is known again.
const KNOWN: Duration = Duration::from_hours(24);

/// How long a key is: shorter ones can be guessed, and longer ones nobody needs.
const CHARS: std::ops::RangeInclusive<usize> = 16..=255;

/// What a client calls one request of its own.
pub struct IdempotencyKey(SecretString);

/// A request that its client may send again.
#[derive(Debug, Clone)]
pub struct Ticket {
    owner: UserId,
    name: String,
    fingerprint: String,
    at: Timestamp,
}

/// What came of a request, to be kept with it.
#[derive(Debug, Clone)]
pub struct Stamp {
    ticket: Ticket,
    subject: String,
    sealed: Option<Sealed>,
}

/// What came of it, as it was kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    fingerprint: String,
    /// The id of what was made.
    pub subject: String,
    sealed: Option<Sealed>,
    ttl: i64,
}

impl IdempotencyKey {
    /// Reads one: 16 to 255 visible characters of ASCII. None is a comma, by which the gateway joins a header that was sent twice.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
        if is_plain && CHARS.contains(&text.len()) {
            return Ok(Self(text.into()));
        }
        let reason = "must have 16 to 255 visible characters of ASCII and no comma, such as a UUID has";
        Err(Invalid::new("Idempotency-Key", InvalidKind::Text, reason))
    }

    /// The request of an account to this route with this body.
    pub fn ticket(&self, owner: UserId, route: &str, body: &str, at: Timestamp) -> Ticket {
        let key = self.0.expose_secret();
        let name = HEXLOWER.encode(digest(&SHA256, format!("{route}\n{key}").as_bytes()).as_ref());
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), body.as_bytes());
        Ticket { owner, name, fingerprint: HEXLOWER.encode(mac.as_ref()), at }
    }
}

impl Ticket {
    /// Whose request it is.
    pub fn owner(&self) -> UserId {
        self.owner
    }

    /// What came of the same request before, if it was made in the last 24 hours. Another one with the same key is refused.
    pub async fn outcome(&self, table: &Table) -> Result<Option<Outcome>> {
        let found: Option<Outcome> = table.get(pk(self.owner), self.name.clone()).await?;
        let Some(outcome) = found.filter(|outcome| outcome.ttl > self.at.epoch_s()) else { return Ok(None) };
        if outcome.fingerprint == self.fingerprint { Ok(Some(outcome)) } else { Err(Error::IdempotencyKeyReused) }
    }

    /// The id of what the same request has made before, if it has a key and was sent before.
    pub async fn made_before<Id: FromStr>(ticket: Option<&Self>, table: &Table) -> Result<Option<Id>>
    where
        Id::Err: std::error::Error + Send + Sync + 'static,
    {
        let Some(ticket) = ticket else { return Ok(None) };
        let outcome = ticket.outcome(table).await?;
        outcome.map(|outcome| outcome.subject.parse().map_err(Error::internal)).transpose()
    }

    /// That this was made.
    pub fn stamp(self, subject: impl Into<String>) -> Stamp {
        Stamp { ticket: self, subject: subject.into(), sealed: None }
    }

    /// The same with a secret that the answer shows: one call of KMS.
    pub async fn stamp_with(self, subject: impl Into<String>, secret: &SecretString, vault: &Vault) -> Result<Stamp> {
        let subject = subject.into();
        let sealed = Some(vault.seal(&self.context(&subject), secret).await?);
        Ok(Stamp { sealed, ..self.stamp(subject) })
    }

    /// The secret that was kept with an outcome: one call of KMS, or none while it is warm.
    pub async fn open(&self, outcome: &Outcome, vault: &Vault) -> Result<SecretString> {
        let sealed = outcome.sealed.as_ref().ok_or_else(|| Error::internal("an answer was kept without its secret"))?;
        vault.open(&self.context(&outcome.subject), sealed).await
    }

    /// Of two at once each seals what it has made, and one of them is kept: neither may be taken for the other.
    fn context(&self, subject: &str) -> Context {
        Context { owner: self.owner, record: format!("{}/{subject}", self.name), purpose: "answer", version: 1 }
    }
}

impl Stamp {
    /// The part of a transaction that keeps it, unless the same request was kept meanwhile.
    pub fn part(&self, table: &Table) -> Result<TransactWriteItem> {
        let Ticket { owner, name, fingerprint, at } = &self.ticket;
        let outcome = Outcome {
            fingerprint: fingerprint.clone(),
            subject: self.subject.clone(),
            sealed: self.sealed.clone(),
            ttl: at.plus(KNOWN).epoch_s(),
        };
        let put = Put::builder()
            .table_name(&table.name)
            .set_item(Some(item(key(pk(*owner), name.clone()), &outcome)?))
            .condition_expression("attribute_not_exists(pk) OR #ttl <= :now")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", number(at.epoch_s()))
            .build()
            .map_err(Error::internal)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// Destroys what is kept of the requests of an account.
pub async fn forget(table: &Table, owner: UserId) -> Result<()> {
    table.remove_all(&pk(owner)).await
}

fn pk(owner: UserId) -> String {
    format!("USER#{owner}#I")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_can_be_guessed_or_are_no_text_are_refused() {
        for (text, is_good) in [
            ("9c81d4cf-fff8-48d0-994a-adc07e56bff3", true),
            ("0123456789abcdef", true),
            (&"x".repeat(255), true),
            ("0123456789abcde", false),
            (&"x".repeat(256), false),
            ("0123456789 abcdef", false),
            ("0123456789,abcdef", false),
            ("0123456789abcdefé", false),
            ("", false),
        ] {
            assert_eq!(IdempotencyKey::parse(text).is_ok(), is_good, "{text}");
        }
    }

    #[test]
    fn neither_the_key_nor_the_body_can_be_told_from_what_is_kept() {
        let key = IdempotencyKey::parse("0123456789abcdef").unwrap();
        let (owner, at) = (UserId::fresh(), Timestamp::from_epoch_ms(0));
        let ticket = key.ticket(owner, "POST /x", "a body", at);
        let plain = HEXLOWER.encode(digest(&SHA256, b"a body").as_ref());
        assert!(!format!("{ticket:?}").contains("0123456789abcdef") && ticket.fingerprint != plain);
        assert_ne!(ticket.name, key.ticket(owner, "POST /y", "a body", at).name, "each route has keys of its own");
    }
}
