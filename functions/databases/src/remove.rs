use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::clock::Timestamp;
use shared::databases::Database;
use shared::http::{Owned, Reply, State, Witness};
use shared::id::DatabaseId;

/// That a connection is gone, and since when.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Removal {
    success: bool,
    id: DatabaseId,
    message: &'static str,
    removed_at: Timestamp,
}

/// `DELETE /api/v1/databases/{connectionId}`: the record goes with its sealed credentials, and the answers that were
/// kept with it. Nothing of it can be brought back.
pub async fn remove(
    State(app): State<App>,
    Owned(database): Owned<Database>,
    witness: Witness,
) -> Result<Reply<Removal>> {
    let entry = witness.saw(database.owner, Action::ConnectionRemoved, database.id);
    app.databases.remove(database.owner, database.id, &entry).await?;
    database.forget_credentials(&app.vault);
    app.results.forget(database.owner).await;
    Ok(Reply::ok(Removal {
        success: true,
        id: database.id,
        message: "Database connection removed successfully",
        removed_at: app.clock.now(),
    }))
}
