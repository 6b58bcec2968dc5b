use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::http::{Owned, Reply, State, Witness};
use shared::id::WarehouseId;
use shared::warehouses::Warehouse;

use crate::view::Instant;

/// That a connection is gone, and since when.
#[derive(Serialize)]
pub struct Removal {
    id: WarehouseId,
    deleted_at: Instant,
}

/// `DELETE /api/v1/database-connections/{warehouseId}`: the record goes with its secrets at once, and what is known of its
/// tables after it.
pub async fn remove(
    State(app): State<App>,
    Owned(warehouse): Owned<Warehouse>,
    witness: Witness,
) -> Result<Reply<Removal>> {
    let entry = witness.saw(warehouse.owner, Action::WarehouseRemoved, warehouse.id);
    warehouse.forget_keyring(&app.vault);
    app.warehouses.remove(warehouse.owner, warehouse.id, &entry).await?;
    Ok(Reply::ok(Removal { id: warehouse.id, deleted_at: Instant(app.clock.now()) }))
}
