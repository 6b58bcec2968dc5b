use serde::Serialize;
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::{Catalogue, Database, Fault, Status, discover};
use shared::http::{Owned, Reply, State};
use shared::{Error, Result};

/// What a good test found.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tested {
    connected: bool,
    message: &'static str,
    /// Milliseconds.
    response_time: u128,
    version: String,
}

/// `POST /api/v1/databases/{connectionId}/test`: connects and reads the schema, which is kept.
pub async fn test(State(app): State<App>, Owned(database): Owned<Database>) -> Result<Reply<Tested>> {
    let began = app.clock.now();
    let catalogue = reach(&app, &database, began).await?.map_err(Error::DatabaseUnreachable)?;
    let took = app.clock.now().since(began);
    Ok(Reply::ok(Tested {
        connected: true,
        message: "Connection successful",
        response_time: took.as_millis(),
        version: catalogue.version,
    }))
}

/// Reads the schema, and notes with the connection what came of it.
pub async fn reach(app: &App, database: &Database, now: Timestamp) -> Result<Result<Catalogue, Fault>> {
    let credentials = database.open_credentials(&app.vault).await?;
    let found = discover(&app.connector, database.target(&credentials), now).await;
    match &found {
        Ok(catalogue) => app.databases.note_catalogue(database, catalogue).await?,
        Err(_) => app.databases.note_test(database, Status::Error, now).await?,
    }
    Ok(found)
}
