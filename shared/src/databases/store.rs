//! Where connections are kept: `USER#id` / `DB#id`. There is no way to get one without its owner.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use super::{Catalogue, Database, Status, vocabulary};
use crate::audit::Entry;
use crate::clock::Timestamp;
use crate::dynamo::{Change, Item, Table, Transacted, Written, item, key, number, read, text};
use crate::error::{Error, Resource, Result};
use crate::id::{DatabaseId, UserId};
use crate::packed::Packed;
use crate::users::{SessionRefused, still_there};

/// The connections.
#[derive(Clone)]
pub struct Databases {
    table: Table,
}

impl Databases {
    /// The connections of a table.
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Stores a new connection, unless its owner's account was closed while it was tested.
    pub async fn insert(&self, database: &Database, entry: &Entry) -> Result<()> {
        let record = item(database_key(database.owner, database.id), database)?;
        let parts =
            vec![still_there(&self.table, database.owner)?, self.table.insertion(record)?, entry.part(&self.table)?];
        match self.table.transact_once(entry.stamp_part(&self.table)?, parts).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(0) => Err(SessionRefused::Invalid.into()),
            Transacted::Refused(_) => Err(Error::internal("a new connection has the id of another")),
        }
    }

    /// The connection of this owner with this id.
    pub async fn get(&self, owner: UserId, id: DatabaseId) -> Result<Option<Database>> {
        self.table.get(format!("USER#{owner}"), format!("DB#{id}")).await
    }

    /// All connections of an owner, newest first.
    pub async fn list(&self, owner: UserId) -> Result<Vec<Database>> {
        let mut databases: Vec<Database> = self.table.list(format!("USER#{owner}"), "DB#").await?;
        databases.sort_by_key(|database| (std::cmp::Reverse(database.created_at), database.id));
        Ok(databases)
    }

    /// Those of them that are searched.
    pub async fn list_active(&self, owner: UserId) -> Result<Vec<Database>> {
        Ok(self.list_active_after(owner, "DB#").await?.0)
    }

    /// The same, and in the same call the item of the account with this sort key, which is before those of connections.
    pub async fn list_active_after(&self, owner: UserId, beside: &str) -> Result<(Vec<Database>, Option<Item>)> {
        let items = self.table.range(format!("USER#{owner}"), beside.to_owned(), "DB#~".to_owned()).await?;
        let (found, others): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| has_sk(item, "DB#", false));
        let found: Vec<Database> = found.into_iter().map(read).collect::<Result<_>>()?;
        let mut active: Vec<Database> = found.into_iter().filter(|database| database.active).collect();
        active.sort_by_key(|database| (std::cmp::Reverse(database.created_at), database.id));
        Ok((active, others.into_iter().find(|item| has_sk(item, beside, true))))
    }

    /// The ids of all connections of an owner.
    pub async fn ids(&self, owner: UserId) -> Result<Vec<DatabaseId>> {
        #[derive(Deserialize)]
        struct Only {
            id: DatabaseId,
        }
        let found: Vec<Only> = self.table.list_only(format!("USER#{owner}"), "DB#", "id").await?;
        Ok(found.into_iter().map(|only| only.id).collect())
    }

    /// The connections of an owner with these ids, in the order of the ids; an error where one is not theirs. In the same
    /// call some items more, by their keys, of whatever kind: those of them that there are.
    pub async fn get_all(
        &self,
        owner: UserId,
        ids: &[DatabaseId],
        beside: Vec<Item>,
    ) -> Result<(Vec<Database>, Vec<Item>)> {
        let keys: Vec<Item> = ids.iter().map(|id| database_key(owner, *id)).collect();
        let all = self.table.items(keys.into_iter().chain(beside).collect()).await?;
        let (found, others): (Vec<Item>, Vec<Item>) = all.into_iter().partition(|item| has_sk(item, "DB#", false));
        let found: Vec<Database> = found.into_iter().map(read).collect::<Result<_>>()?;
        let of_id = |id: &DatabaseId| found.iter().find(|database| database.id == *id).cloned();
        let databases = ids.iter().map(|id| of_id(id).ok_or(Error::NotFound(Resource::SearchedDatabase)));
        Ok((databases.collect::<Result<_>>()?, others))
    }

    /// Puts a changed connection in the place of the one that it was made from, unless that was changed meanwhile.
    pub async fn replace(&self, changed: &Database, entry: &Entry) -> Result<()> {
        let item = item(database_key(changed.owner, changed.id), changed)?;
        let before = [(":before", number(changed.revision - 1))];
        let put = self.table.replacement(item, "revision = :before", before)?;
        match self.table.transact(vec![put, entry.part(&self.table)?]).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(_) => Err(Error::ConnectionChanged),
        }
    }

    /// Whose and which connections there are in the whole table: for the operator alone, no function may scan.
    pub async fn of_everybody(&self) -> Result<Vec<(UserId, DatabaseId)>> {
        self.table.owned("DB#").await
    }

    /// Notes what a test found, unless the connection has been changed or removed meanwhile.
    pub async fn note_test(&self, database: &Database, status: Status, now: Timestamp) -> Result<()> {
        let now = text(now.to_string());
        match status {
            Status::Connected => {
                self.update(database, status, [("last_tested", now.clone()), ("last_connected", now)]).await
            }
            Status::Error => self.update(database, status, [("last_tested", now)]).await,
        }
    }

    /// Keeps what the schema holds now, unless the connection has been changed or removed meanwhile.
    pub async fn note_catalogue(&self, database: &Database, catalogue: &Catalogue) -> Result<()> {
        let packed = catalogue.clone().storable().as_ref().map(Packed::of).transpose()?;
        let stored = serde_dynamo::to_attribute_value(packed).map_err(Error::internal)?;
        let now = text(catalogue.read_at.to_string());
        let found = [("catalogue", stored), ("last_tested", now.clone()), ("last_connected", now)];
        self.update(database, Status::Connected, found).await
    }

    /// Removes a connection with its sealed password and its words.
    pub async fn remove(&self, owner: UserId, id: DatabaseId, entry: &Entry) -> Result<()> {
        let removed = self.table.removal(database_key(owner, id))?;
        let parts = vec![removed, vocabulary::removal(&self.table, owner, id)?, entry.part(&self.table)?];
        match self.table.transact(parts).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(_) => Err(Error::NotFound(Resource::Connection)),
        }
    }

    async fn update<const N: usize>(
        &self,
        database: &Database,
        status: Status,
        values: [(&str, AttributeValue); N],
    ) -> Result<()> {
        let status = serde_dynamo::to_attribute_value(status).map_err(Error::internal)?;
        let revision = [(":revision", number(database.revision))];
        let change = Change::default().set("status", status).only_if("revision = :revision", revision);
        let change = values.into_iter().fold(change, |change, (name, value)| change.set(name, value));
        match self.table.update(database_key(database.owner, database.id), change).await? {
            // What was found is true of a connection that is another one by now.
            Written::Done(_) | Written::Refused(Some(_)) => Ok(()),
            Written::Refused(None) => Err(Error::NotFound(Resource::Connection)),
        }
    }
}

/// Whether an item has this sort key, or one that begins so.
fn has_sk(item: &Item, expected: &str, whole: bool) -> bool {
    let sk = item.get("sk").and_then(|sk| sk.as_s().ok());
    sk.is_some_and(|sk| if whole { sk == expected } else { sk.starts_with(expected) })
}

/// The key of a connection.
pub(super) fn database_key(owner: UserId, id: DatabaseId) -> Item {
    key(format!("USER#{owner}"), format!("DB#{id}"))
}
