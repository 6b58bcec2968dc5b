use shared::Result;
use shared::app::App;
use shared::http::{Caller, Reply, State, may};

use crate::view::DatabaseView;

/// `GET /api/v1/databases`: newest first.
pub async fn list(State(app): State<App>, caller: Caller<may::ManageDatabases>) -> Result<Reply<Vec<DatabaseView>>> {
    let databases = app.databases.list(caller.user).await?;
    Ok(Reply::ok(databases.into_iter().map(DatabaseView::from).collect()))
}
