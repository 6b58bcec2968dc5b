use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::clock::Timestamp;
use shared::http::{Owned, Reply, State, Witness};
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
pub async fn revoke(State(app): State<App>, Owned(key): Owned<Key>, witness: Witness) -> Result<Reply<Revocation>> {
    let entry = witness.saw(key.owner, Action::KeyRevoked, key.id);
    app.keys.revoke(&key, &entry).await?;
    Ok(Reply::ok(Revocation {
        success: true,
        key_id: key.id,
        message: "API key revoked successfully",
        revoked_at: key.revoked_at.unwrap_or(entry.at),
    }))
}
