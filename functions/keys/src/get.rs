use serde::Serialize;
use shared::http::{KeyView, Owned, Reply};
use shared::keys::Key;

/// A key at both levels, for clients that look in either.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OneKey {
    api_key: KeyView,
    #[serde(flatten)]
    flat: KeyView,
}

/// `GET /api/v1/keys/{keyId}`
pub async fn get(Owned(key): Owned<Key>) -> Reply<OneKey> {
    let view = KeyView::from(key);
    Reply::ok(OneKey { api_key: view.clone(), flat: view })
}
