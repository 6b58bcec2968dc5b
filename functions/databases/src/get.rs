use shared::databases::Database;
use shared::http::{Owned, Reply};

use crate::view::DatabaseView;

/// `GET /api/v1/databases/{connectionId}`
pub async fn get(Owned(database): Owned<Database>) -> Reply<DatabaseView> {
    Reply::ok(DatabaseView::from(database))
}
