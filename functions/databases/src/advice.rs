use serde::Serialize;
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::{Database, Recommendation, advise};
use shared::http::{Owned, Reply, State};
use shared::{Error, Result};

use crate::survey::survey;

/// What would make a database better to search.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    recommendations: Vec<Recommendation>,
    /// When the schema was read that this is about.
    read_at: Timestamp,
}

/// `GET /api/v1/databases/{connectionId}/advice`: the schema is read anew, and nothing in it is changed.
pub async fn advice(State(app): State<App>, Owned(database): Owned<Database>) -> Result<Reply<Advice>> {
    let (catalogue, sample) = survey(&app, &database).await?.map_err(Error::DatabaseFailed)?;
    Ok(Reply::ok(Advice { recommendations: advise(&catalogue, &sample), read_at: catalogue.read_at }))
}
