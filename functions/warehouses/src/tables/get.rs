use shared::app::App;
use shared::http::{OwnedTable, Reply, State};

use super::view::TableView;

/// `GET /api/v1/table-descriptions/{tableId}`
pub async fn get(State(app): State<App>, owned: OwnedTable) -> Reply<TableView> {
    Reply::ok(TableView::new(owned.table, owned.warehouse.settings.dialect, app.clock.now()))
}
