use shared::http::{Owned, Reply};
use shared::warehouses::Warehouse;

use crate::view::WarehouseView;

/// `GET /api/v1/database-connections/{warehouseId}`
pub async fn get(Owned(warehouse): Owned<Warehouse>) -> Reply<WarehouseView> {
    Reply::ok(WarehouseView::from(warehouse))
}
