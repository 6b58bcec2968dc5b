//! Where keys are kept. `KEY#sha256` / `KEY` is the key; `USER#id` / `KEY#id` leads its owner to it; and
//! `USER#id` / `KEYS` counts those that are held. See `docs/adr/0001-keys-without-an-index.md`.

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};

use super::account::account_key;
use super::meter::KeyRow;
use super::{Key, KeyHash};
use crate::audit::Entry;
use crate::dynamo::{BATCH_GET_MAX, Item, Table, Transacted, item, key, number};
use crate::error::{Error, Result};
use crate::id::{KeyId, UserId};
use crate::users::{SessionRefused, still_there};

/// The most keys that an account may hold at a time: as many as one read of the table brings.
const ACTIVE_MAX: usize = BATCH_GET_MAX;

/// The keys.
#[derive(Clone)]
pub struct Keys {
    pub(super) table: Table,
}

/// How many keys an account may hold already for another to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// None: the new one is to be its first.
    None,
    /// Fewer than an account may hold.
    FewerThanMax,
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    hash: KeyHash,
}

impl Keys {
    /// The keys of a table.
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Stores a new key, unless its owner holds too many, or was closed meanwhile.
    pub async fn insert(&self, new: &Key, holding: Holding, entry: &Entry) -> Result<()> {
        let (held_max, refusal) = match holding {
            Holding::None => (1, Error::KeyExists),
            Holding::FewerThanMax => (ACTIVE_MAX, Error::TooMany { what: "API keys", limit: ACTIVE_MAX }),
        };
        let count = Self::holding(new.tier, 1)
            .only_if("attribute_not_exists(active) OR active < :max", [(":max", number(held_max))])
            .part(&self.table, account_key(new.owner))?;
        let owner = still_there(&self.table, new.owner)?;
        let parts = self.insertions(new)?.into_iter().chain([count, owner, entry.part(&self.table)?]).collect();
        match self.table.transact_once(entry.stamp_part(&self.table)?, parts).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(2) => Err(refusal),
            Transacted::Refused(3) => Err(SessionRefused::Invalid.into()),
            Transacted::Refused(_) => Err(Error::internal("a new key has the hash or the id of another")),
        }
    }

    /// The keys that an account holds, newest first.
    pub async fn list(&self, owner: UserId) -> Result<Vec<Key>> {
        let mut keys = self.all(owner).await?;
        keys.retain(Key::is_active);
        keys.sort_by_key(|key| (std::cmp::Reverse(key.created_at), key.id));
        Ok(keys)
    }

    /// The key of this owner with this id, revoked or not.
    pub async fn get(&self, owner: UserId, id: KeyId) -> Result<Option<Key>> {
        let Some(Pointer { hash }) = self.table.get(owner_pk(owner), format!("KEY#{id}")).await? else {
            return Ok(None);
        };
        self.table.get(format!("KEY#{hash}"), "KEY".to_owned()).await
    }

    /// Every key that an account ever had, in no order.
    pub(super) async fn all(&self, owner: UserId) -> Result<Vec<Key>> {
        let pointers: Vec<Pointer> = self.table.list(owner_pk(owner), "KEY#").await?;
        let mut keys = Vec::new();
        for batch in pointers.chunks(BATCH_GET_MAX) {
            let wanted = batch.iter().map(|pointer| key_of(&pointer.hash)).collect();
            keys.extend(self.table.get_all::<Key>(wanted).await?);
        }
        Ok(keys)
    }

    /// The item of a key as it is now.
    pub(super) async fn row(&self, hash: &KeyHash) -> Result<KeyRow> {
        let found = self.table.item(format!("KEY#{hash}"), "KEY".to_owned()).await?;
        KeyRow::read(found.ok_or_else(|| Error::internal("a key has gone, though keys are never deleted"))?)
    }

    /// The parts of a transaction that store a new key and lead its owner to it.
    pub(super) fn insertions(&self, new: &Key) -> Result<[TransactWriteItem; 2]> {
        let mut record = item(key_of(&new.hash), new)?;
        record.insert("hourly_limit".to_owned(), hourly_limit(new));
        let pointer = key(owner_pk(new.owner), format!("KEY#{}", new.id));
        let pointer = item(pointer, &Pointer { hash: new.hash.clone() })?;
        Ok([self.table.insertion(record)?, self.table.insertion(pointer)?])
    }
}

/// What the condition of every call compares with.
pub(super) fn hourly_limit(key: &Key) -> aws_sdk_dynamodb::types::AttributeValue {
    number(i64::try_from(key.tier.allowance().calls).unwrap_or(i64::MAX))
}

pub(super) fn key_of(hash: &KeyHash) -> Item {
    key(format!("KEY#{hash}"), "KEY")
}

pub(super) fn owner_pk(owner: UserId) -> String {
    format!("USER#{owner}")
}
