use serde::Deserialize;
use shared::app::App;
use shared::error::{Misfit, Step};
use shared::http::{Caller, Query, Reply, State, may};
use shared::{Error, Result};

use super::view::TableView;

/// Of which connection, and perhaps which of its tables.
#[derive(Deserialize)]
pub struct Which {
    db_connection_id: Option<String>,
    table_name: Option<String>,
}

/// `GET /api/v1/table-descriptions`: what is stored, in the order in which the tables were found. A connection that is
/// not there has none.
pub async fn list(
    State(app): State<App>,
    caller: Caller<may::ManageDatabases>,
    Query(which): Query<Which>,
) -> Result<Reply<Vec<TableView>>> {
    let missing = || Error::Misshapen(vec![Misfit::missing(vec![Step::Name("query"), Step::Name("db_connection_id")])]);
    let Ok(id) = which.db_connection_id.ok_or_else(missing)?.parse() else { return Ok(Reply::ok(Vec::new())) };
    let Some(warehouse) = app.warehouses.get(caller.user, id).await? else { return Ok(Reply::ok(Vec::new())) };
    let mut tables = app.warehouses.tables(caller.user, id).await?;
    if let Some(name) = which.table_name.filter(|name| !name.is_empty()) {
        tables.retain(|table| table.name == name);
    }
    let (dialect, now) = (warehouse.settings.dialect, app.clock.now());
    Ok(Reply::ok(tables.into_iter().map(|table| TableView::new(table, dialect, now)).collect()))
}
