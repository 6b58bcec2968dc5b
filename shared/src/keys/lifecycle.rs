//! What happens to a key after it was made: it is edited, replaced and revoked.
//!
//! Each change asks that the key is still as it was read, and is tried anew with what it is by then.

use std::time::Duration;

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::account::account_key;
use super::store::{hourly_limit, key_of};
use super::{ApiKey, Key, KeyEdit, Keys};
use crate::audit::{Action, Entry};
use crate::clock::Timestamp;
use crate::dynamo::{Change, Item, Transacted, item, text};
use crate::error::{Error, Resource, Result};
use crate::id::UserId;
use crate::once::{Stamp, Ticket};
use crate::users::{SessionRefused, still_there};
use crate::vault::Vault;

/// Attempts to change a key, against others who do the same.
const ATTEMPTS_MAX: usize = 16;

/// What an edit may change of the record.
const EDITED: [&str; 5] = ["name", "permissions", "tier", "expires_at", "usable_until"];

impl Keys {
    /// Changes a key that its account holds, and says what it is now. Where it is that already, nothing is written, once it
    /// was seen that it still is.
    pub async fn update(&self, key: &Key, edit: &KeyEdit, entry: &Entry) -> Result<Key> {
        let mut key = key.clone();
        for _ in 0..ATTEMPTS_MAX {
            let held = held(&key)?;
            let edited = edit.apply(held, entry.at)?;
            let is_same = held.is_same_as(&edited);
            let mut parts = self.edition(held, &edited)?;
            parts.push(entry.part(&self.table)?);
            if !is_same && self.table.transact(parts).await? == Transacted::Done {
                return Ok(edited);
            }
            let read = self.row(&key.hash).await?.key;
            if is_same && read.updated_at == key.updated_at {
                return Ok(read);
            }
            key = read;
        }
        Err(contended())
    }

    /// Makes a new key in the place of one that its account holds, both or neither. The old one ends after `grace`, or
    /// at once where there is none; never later than it would have.
    ///
    /// `once` is the request, where it may be sent again, and what seals the new key for that.
    pub async fn regenerate(
        &self,
        key: &Key,
        grace: Duration,
        entry: &Entry,
        once: Option<(Ticket, &Vault)>,
    ) -> Result<(ApiKey, Key)> {
        let now = entry.at;
        for _ in 0..ATTEMPTS_MAX {
            // Read anew at once: what was expired when it was read may have been given more time since.
            let key = self.row(&key.hash).await?.key;
            let held = held(&key)?;
            let (secret, new) = held.successor(now)?;
            let stamp = match &once {
                Some((ticket, vault)) => Some(minted(ticket, &secret, &new, vault).await?.part(&self.table)?),
                None => None,
            };
            let [record, pointer] = self.insertions(&new)?;
            let end = if grace.is_zero() { ended(held, now) } else { ending(held, now.plus(grace), now) };
            let end = end.set("replaced_by", text(new.id.to_string())).part(&self.table, key_of(&key.hash))?;
            let owner = still_there(&self.table, new.owner)?;
            let created = Entry { action: Action::KeyCreated, subject: new.id.into(), ..entry.clone() };
            let entries = [entry.part(&self.table)?, created.part(&self.table)?];
            let parts = [end, record, pointer, owner].into_iter().chain(entries).collect();
            match self.table.transact_once(stamp, parts).await? {
                Transacted::Done => return Ok((secret, new)),
                Transacted::Refused(3) => return Err(SessionRefused::Invalid.into()),
                Transacted::Refused(_) => {}
            }
        }
        Err(contended())
    }

    /// Revokes a key, in its time of grace too: it is refused from the next call on. Revoking it again changes nothing.
    pub async fn revoke(&self, key: &Key, entry: &Entry) -> Result<()> {
        let mut key = key.clone();
        for _ in 0..ATTEMPTS_MAX {
            if key.revoked_at.is_some() {
                return Ok(());
            }
            let mut parts = vec![ended(&key, entry.at).part(&self.table, key_of(&key.hash))?, entry.part(&self.table)?];
            // One that was replaced is not held any more: the new one is counted in its stead.
            if key.is_active() {
                parts.push(Self::holding(key.tier, -1).part(&self.table, account_key(key.owner))?);
            }
            if self.table.transact(parts).await? == Transacted::Done {
                return Ok(());
            }
            key = self.row(&key.hash).await?.key;
        }
        Err(contended())
    }

    /// Revokes every key with which an account could still be used, those in their time of grace included.
    pub async fn revoke_all(&self, owner: UserId, entry: impl Fn(&Key) -> Entry) -> Result<()> {
        for key in self.all(owner).await? {
            self.revoke(&key, &entry(&key)).await?;
        }
        Ok(())
    }

    fn edition(&self, old: &Key, edited: &Key) -> Result<Vec<TransactWriteItem>> {
        let mut attributes = item(Item::new(), edited)?;
        let edited_attributes = EDITED.into_iter().filter_map(|name| Some((name, attributes.remove(name)?)));
        let mut change = edited_attributes.fold(changing(old, edited), |change, (name, value)| change.set(name, value));
        let mut parts = Vec::new();
        if old.tier != edited.tier {
            // A block ends, in case there is room now; where there is none, the next call blocks again.
            change = change.set("hourly_limit", hourly_limit(edited)).remove("blocked");
            parts.push(self.moving(old.owner, old.tier, edited.tier)?);
        }
        parts.push(change.part(&self.table, key_of(&old.hash))?);
        Ok(parts)
    }
}

/// What is kept of a request that has made a key, so that the same answer can be given again: the key, sealed.
pub async fn minted(ticket: &Ticket, secret: &ApiKey, key: &Key, vault: &Vault) -> Result<Stamp> {
    ticket.clone().stamp_with(key.id, &secret.reveal().into(), vault).await
}

/// A key, if its account holds it.
fn held(key: &Key) -> Result<&Key> {
    if key.is_active() { Ok(key) } else { Err(Error::NotFound(Resource::Key)) }
}

/// The end of a key, now. The mark alone refuses it, whatever time another function's clock has.
fn ended(key: &Key, now: Timestamp) -> Change {
    ending(key, now, now).set("revoked_at", text(now.to_string()))
}

/// The end of a key at this instant, if it does not end before.
fn ending(key: &Key, at: Timestamp, now: Timestamp) -> Change {
    changing(key, &key.changed(now)).set("usable_until", text(at.min(key.usable_until).to_string()))
}

/// A change of a key that is still as it was read.
fn changing(old: &Key, new: &Key) -> Change {
    Change::default()
        .set("updated_at", text(new.updated_at.to_string()))
        .only_if("updated_at = :read", [(":read", text(old.updated_at.to_string()))])
}

fn contended() -> Error {
    Error::unavailable("a key changed under every attempt to change it")
}
