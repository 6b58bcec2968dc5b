use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::http::{Account, KeyView, Reply, State};

/// The keys of an account, newest first, without those that were revoked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyList {
    api_keys: Vec<KeyView>,
    total: usize,
}

/// `GET /api/v1/keys`
pub async fn list(State(app): State<App>, Account(user): Account) -> Result<Reply<KeyList>> {
    let api_keys: Vec<KeyView> = app.keys.list(user.id).await?.into_iter().map(KeyView::from).collect();
    Ok(Reply::ok(KeyList { total: api_keys.len(), api_keys }))
}
