use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::http::{Account, Compat, KeyView, Reply, State};

/// The keys of an account, newest first, without those that were revoked or replaced.
#[derive(Serialize)]
#[serde(untagged)]
pub enum KeyList {
    /// With their number.
    #[serde(rename_all = "camelCase")]
    Counted {
        /// The keys.
        api_keys: Vec<KeyView>,
        /// How many.
        total: usize,
    },
    /// Alone, as the SDK has it.
    Bare(Vec<KeyView>),
}

/// `GET /api/v1/keys`
pub async fn list(State(app): State<App>, Account(user): Account, compat: Compat) -> Result<Reply<KeyList>> {
    let api_keys: Vec<KeyView> = app.keys.list(user.id).await?.into_iter().map(KeyView::from).collect();
    Ok(Reply::ok(match compat {
        Compat::Current => KeyList::Counted { total: api_keys.len(), api_keys },
        Compat::Sdk => KeyList::Bare(api_keys),
    }))
}
