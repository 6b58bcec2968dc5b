use shared::Result;
use shared::app::App;
use shared::http::{Caller, Reply, State, may};

use crate::view::WarehouseView;

/// `GET /api/v1/database-connections`: the caller's own, oldest first.
pub async fn list(State(app): State<App>, caller: Caller<may::ManageDatabases>) -> Result<Reply<Vec<WarehouseView>>> {
    let warehouses = app.warehouses.list(caller.user).await?;
    Ok(Reply::ok(warehouses.into_iter().map(WarehouseView::from).collect()))
}
