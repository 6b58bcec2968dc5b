use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::clock::Timestamp;
use shared::http::{Owned, Reply, State};
use shared::id::KeyId;
use shared::keys::Key;

/// That a key is revoked, and since when.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Revocation {
    success: bool,
    key_id: KeyId,
    message: &'static str,
    revoked_at: Timestamp,
}

/// `DELETE /api/v1/keys/{keyId}`: revoking a key again changes nothing and is no error.
pub async fn revoke(State(app): State<App>, Owned(key): Owned<Key>) -> Result<Reply<Revocation>> {
    let now = app.clock.now();
    app.keys.revoke(&key, now).await?;
    Ok(Reply::ok(Revocation {
        success: true,
        key_id: key.id,
        message: "API key revoked successfully",
        revoked_at: key.revoked_at.unwrap_or(now),
    }))
}
