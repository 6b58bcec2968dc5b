use serde::Serialize;
use shared::app::App;
use shared::databases::Database;
use shared::http::{Owned, Reply, State};
use shared::{Error, Result};

use crate::survey::read;

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
    let catalogue = read(&app, &database).await?.map_err(Error::DatabaseUnreachable)?;
    let took = app.clock.now().since(began);
    Ok(Reply::ok(Tested {
        connected: true,
        message: "Connection successful",
        response_time: took.as_millis(),
        version: catalogue.version,
    }))
}
