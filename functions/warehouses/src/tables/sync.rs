use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use shared::app::App;
use shared::error::{Misfit, Resource};
use shared::http::{Caller, FromBody, Lax, Reply, State, may};
use shared::id::{TableId, UserId, WarehouseId};
use shared::warehouses::{Dialect, Refused, Status, TABLES_MAX, Table};
use shared::{Error, Result};

use super::view::TableView;
use crate::lax::whole;

/// Which tables are to be looked into.
pub enum Sync {
    /// Those with these names, or all, of one connection: the first generation.
    OfConnection {
        /// The connection.
        connection: String,
        /// The names.
        tables: Option<Vec<String>>,
    },
    /// These: the second.
    Tables(Vec<String>),
}

impl FromBody for Sync {
    fn read(body: Value) -> Result<Self, Vec<Misfit>> {
        whole(body, |fields| {
            if !fields.has("ids") {
                let connection = fields.text("db_connection_id", 64);
                return Self::OfConnection { connection, tables: fields.texts("table_names", TABLES_MAX, 255) };
            }
            let ids = fields.texts("ids", TABLES_MAX, 64).unwrap_or_default();
            if ids.is_empty() {
                fields.refuse("ids", "value_error.list.min_items", "ensure this value has at least 1 items");
            }
            Self::Tables(ids)
        })
    }
}

/// What the two generations are answered.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Begun {
    /// That it has begun.
    Yes(bool),
    /// The tables as they are now.
    Tables(Vec<TableView>),
}

/// `POST /api/v1/table-descriptions/sync-schemas`: looks into tables, behind the answer.
pub async fn sync(
    State(app): State<App>,
    caller: Caller<may::ManageDatabases>,
    Lax(request): Lax<Sync>,
) -> Result<Reply<Begun>> {
    let owner = caller.user;
    match request {
        Sync::OfConnection { connection, tables } => {
            let wanted = of_connection(&app, owner, &connection, tables).await?;
            app.warehouses.begin_scans(owner, wanted, app.clock.now()).await?;
            Ok(Reply::created(Begun::Yes(true)))
        }
        Sync::Tables(ids) => {
            let mut begun = Vec::new();
            for (dialect, tables) in by_ids(&app, owner, &ids).await? {
                let now = app.clock.now();
                let tables = app.warehouses.begin_scans(owner, tables, now).await?;
                begun.extend(tables.into_iter().map(|table| TableView::new(table, dialect, now)));
            }
            Ok(Reply::created(Begun::Tables(begun)))
        }
    }
}

async fn of_connection(app: &App, owner: UserId, id: &str, names: Option<Vec<String>>) -> Result<Vec<Table>> {
    let missing = || Error::NotFound(Resource::Warehouse);
    let id: WarehouseId = id.parse().map_err(|_| missing())?;
    app.warehouses.get(owner, id).await?.ok_or_else(missing)?;
    let mut tables = app.warehouses.tables(owner, id).await?;
    let Some(names) = names else {
        let now = app.clock.now();
        tables.retain(|table| table.status(now).0 != Status::Deprecated);
        return Ok(tables);
    };
    let is_named = |table: &Table, name: &str| table.name == name || format!("{}.{}", table.schema, table.name) == name;
    if let Some(unknown) = names.iter().find(|name| !tables.iter().any(|table| is_named(table, name))) {
        return Err(Refused::UnknownTable(unknown.clone()).into());
    }
    tables.retain(|table| names.iter().any(|name| is_named(table, name)));
    Ok(tables)
}

/// The tables with these ids, by their connections. All of them have to be the caller's.
async fn by_ids(app: &App, owner: UserId, ids: &[String]) -> Result<Vec<(Dialect, Vec<Table>)>> {
    let missing = || Error::NotFound(Resource::Table);
    let mut ids: Vec<TableId> = ids.iter().map(|id| id.parse()).collect::<Result<_, _>>().map_err(|_| missing())?;
    ids.sort_unstable();
    ids.dedup();
    let found = app.warehouses.tables_of(owner, &ids).await?;
    if found.len() < ids.len() {
        return Err(missing());
    }
    let mut by_connection: BTreeMap<WarehouseId, Vec<Table>> = BTreeMap::new();
    for table in found {
        by_connection.entry(table.id.warehouse()).or_default().push(table);
    }
    let mut all = Vec::new();
    for (id, tables) in by_connection {
        let warehouse = app.warehouses.get(owner, id).await?.ok_or_else(missing)?;
        all.push((warehouse.settings.dialect, tables));
    }
    Ok(all)
}
