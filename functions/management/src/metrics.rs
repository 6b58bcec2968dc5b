use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::http::{Account, Reply, State};

/// How much an account has and has done. Figures of the whole system are for administrators, and elsewhere.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    api_keys: usize,
    databases: usize,
    searches: u64,
}

/// `GET /api/v1/metrics`
pub async fn metrics(State(app): State<App>, Account(user): Account) -> Result<Reply<Metrics>> {
    Ok(Reply::ok(Metrics {
        api_keys: app.keys.list(user.id).await?.len(),
        databases: app.databases.ids(user.id).await?.len(),
        searches: app.analytics.count(user.id).await?,
    }))
}
