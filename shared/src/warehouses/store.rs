//! Where connections to warehouses are kept: `USER#id` / `WAREHOUSE#id`, and `USER#id` / `WAREHOUSES`, which counts them.
//! Their tables are `USER#id#W` / `TABLE#id`, where the id begins as that of the connection. There is no way to get one
//! of either without its owner.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::scans::scans_pk;
use super::tables::{Found, Said, Status, Table, part, status};
use super::{Refused, Warehouse};
use crate::audit::Entry;
use crate::aws::failed;
use crate::clock::Timestamp;
use crate::dynamo::{BATCH_GET_MAX, Change, Item, Transacted, item, key, number, read};
use crate::error::{Error, Resource, Result};
use crate::id::{TableId, UserId, WarehouseId};
use crate::users::{SessionRefused, still_there};

/// The most connections of an account.
pub const WAREHOUSES_MAX: usize = 50;

/// How many new tables go into one transaction: DynamoDB takes a hundred parts.
const TABLES_AT_ONCE: usize = 90;

/// How many items are written at once.
const WRITES: usize = 16;

/// The connections to warehouses, and their tables.
#[derive(Clone)]
pub struct Warehouses {
    pub(super) table: crate::dynamo::Table,
}

impl Warehouses {
    /// Those of a table.
    pub fn new(table: crate::dynamo::Table) -> Self {
        Self { table }
    }

    /// Stores a new connection, unless its owner has too many, or was closed meanwhile.
    pub async fn insert(&self, warehouse: &Warehouse, entry: &Entry) -> Result<()> {
        let room = ("attribute_not_exists(held) OR held < :most", [(":most", number(WAREHOUSES_MAX))]);
        let count = Change::default().add("held", number(1)).only_if(room.0, room.1);
        let parts = vec![
            still_there(&self.table, warehouse.owner)?,
            count.part(&self.table, count_key(warehouse.owner))?,
            self.table.insertion(item(warehouse_key(warehouse.owner, warehouse.id), warehouse)?)?,
            entry.part(&self.table)?,
        ];
        match self.table.transact_once(entry.stamp_part(&self.table)?, parts).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(0) => Err(SessionRefused::Invalid.into()),
            Transacted::Refused(1) => Err(Error::TooMany { what: "database connections", limit: WAREHOUSES_MAX }),
            Transacted::Refused(_) => Err(Error::internal("a new connection has the id of another")),
        }
    }

    /// The connection of this owner with this id.
    pub async fn get(&self, owner: UserId, id: WarehouseId) -> Result<Option<Warehouse>> {
        self.table.get(format!("USER#{owner}"), format!("WAREHOUSE#{id}")).await
    }

    /// All connections of an owner, oldest first, as in the original of this API.
    pub async fn list(&self, owner: UserId) -> Result<Vec<Warehouse>> {
        let mut warehouses: Vec<Warehouse> = self.table.list(format!("USER#{owner}"), "WAREHOUSE#").await?;
        warehouses.sort_by_key(|warehouse| (warehouse.created_at, warehouse.id));
        Ok(warehouses)
    }

    /// Whose and which connections there are in the whole table: for the operator alone, no function may scan.
    pub async fn of_everybody(&self) -> Result<Vec<(UserId, WarehouseId)>> {
        self.table.owned("WAREHOUSE#").await
    }

    /// Puts a changed connection in the place of the one that it was made from, unless that was changed meanwhile.
    pub async fn replace(&self, changed: &Warehouse, entry: &Entry) -> Result<()> {
        let item = item(warehouse_key(changed.owner, changed.id), changed)?;
        let before = [(":before", number(changed.revision - 1)), (":numbered", number(changed.numbered))];
        // Its tables may have been numbered on meanwhile.
        let put = self.table.replacement(item, "revision = :before AND numbered = :numbered", before)?;
        match self.table.transact(vec![put, entry.part(&self.table)?]).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(_) => Err(Error::ConnectionChanged),
        }
    }

    /// Removes a connection with its secrets, and then what is known of its tables.
    pub async fn remove(&self, owner: UserId, id: WarehouseId, entry: &Entry) -> Result<()> {
        let count = Change::default().add("held", number(-1)).part(&self.table, count_key(owner))?;
        let parts = vec![self.table.removal(warehouse_key(owner, id))?, count, entry.part(&self.table)?];
        if let Transacted::Refused(_) = self.table.transact(parts).await? {
            return Err(Error::NotFound(Resource::Warehouse));
        }
        // Nobody finds them any more. What a failure leaves of them goes with the account.
        let _ = self.table.remove_beginning_with(tables_pk(owner), &format!("TABLE#{}", id.prefix())).await;
        Ok(())
    }

    /// Destroys what is left of an account that was closed. May be done again.
    pub async fn forget(&self, owner: UserId) -> Result<()> {
        self.table.remove_all(&tables_pk(owner)).await?;
        self.table.remove_all(&scans_pk(owner)).await?;
        let count = self.table.client.delete_item().table_name(&self.table.name).set_key(Some(count_key(owner)));
        count.send().await.map(drop).map_err(failed)
    }

    /// The tables of a connection, in the order in which they were found.
    pub async fn tables(&self, owner: UserId, id: WarehouseId) -> Result<Vec<Table>> {
        self.table.list(tables_pk(owner), &format!("TABLE#{}", id.prefix())).await
    }

    /// Those of these tables that there are, in the order of their ids.
    pub async fn tables_of(&self, owner: UserId, ids: &[TableId]) -> Result<Vec<Table>> {
        let mut tables: Vec<Table> = Vec::new();
        for some in ids.chunks(BATCH_GET_MAX) {
            tables.extend(self.table.get_all(some.iter().map(|id| table_key(owner, *id)).collect()).await?);
        }
        tables.sort_by_key(|table: &Table| table.id);
        Ok(tables)
    }

    /// The table of this owner with this id, and its connection, if that is still there.
    pub async fn table(&self, owner: UserId, id: TableId) -> Result<Option<(Warehouse, Table)>> {
        let keys = vec![warehouse_key(owner, id.warehouse()), table_key(owner, id)];
        let mut found = self.table.items(keys).await?;
        // Only connections have settings.
        found.sort_by_key(|item| !item.contains_key("settings"));
        let Ok([warehouse, table]) = <[Item; 2]>::try_from(found) else { return Ok(None) };
        Ok(Some((read(warehouse)?, read(table)?)))
    }

    /// Adds tables that a server has listed, under numbers of their own; whether the connection was still as it was read.
    pub async fn add_tables(&self, warehouse: &mut Warehouse, found: Vec<Found>, now: Timestamp) -> Result<bool> {
        let mut found = found.into_iter().peekable();
        while found.peek().is_some() {
            let before = warehouse.numbered;
            let mut parts = Vec::new();
            for found in found.by_ref().take(TABLES_AT_ONCE) {
                warehouse.numbered += 1;
                let table = Table::new(warehouse.id.table(warehouse.numbered), found, now);
                parts.push(self.table.insertion(item(table_key(warehouse.owner, table.id), &table)?)?);
            }
            let numbered = Change::default()
                .set("numbered", number(warehouse.numbered))
                .only_if("numbered = :before", [(":before", number(before))]);
            parts.push(numbered.part(&self.table, warehouse_key(warehouse.owner, warehouse.id))?);
            if let Transacted::Refused(_) = self.table.transact(parts).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Notes of tables that they are there no more, or again. One that is just being looked into is left to who does it.
    pub async fn note_tables(&self, owner: UserId, ids: &[TableId], to: Status, now: Timestamp) -> Result<()> {
        let note = |id: TableId| async move {
            let change = Change::default()
                .set("status", status(to)?)
                .remove("error_message")
                .only_if("attribute_exists(pk)", [])
                .only_if("attribute_not_exists(lease_until) OR lease_until < :now", [(":now", number(now.epoch_s()))]);
            self.table.update(table_key(owner, id), change).await.map(drop)
        };
        stream::iter(ids.iter().copied().map(note)).buffer_unordered(WRITES).try_collect().await
    }

    /// Keeps what an owner says of a table, unless something else was said meanwhile.
    pub async fn say(&self, owner: UserId, table: &Table, said: &Said, entry: &Entry) -> Result<()> {
        let said = part(said)?.ok_or(Refused::TooLarge("the description"))?;
        let change = Change::default()
            .set("said", said)
            .set("revision", number(table.revision + 1))
            .only_if("revision = :before", [(":before", number(table.revision))]);
        let parts = vec![change.part(&self.table, table_key(owner, table.id))?, entry.part(&self.table)?];
        match self.table.transact(parts).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(_) => Err(Error::ConnectionChanged),
        }
    }
}

pub(super) fn table_key(owner: UserId, id: TableId) -> Item {
    key(tables_pk(owner), format!("TABLE#{id}"))
}

fn tables_pk(owner: UserId) -> String {
    format!("USER#{owner}#W")
}

fn warehouse_key(owner: UserId, id: WarehouseId) -> Item {
    key(format!("USER#{owner}"), format!("WAREHOUSE#{id}"))
}

fn count_key(owner: UserId) -> Item {
    key(format!("USER#{owner}"), "WAREHOUSES")
}
