use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::error::{InvalidKind, Refusal};
use shared::http::{MintedKey, Once, Owned, Reply, Sent, State, Witness};
use shared::id::KeyId;
use shared::keys::Key;

/// What an account may ask when it replaces a key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Regenerate {
    #[serde(default)]
    grace_period_seconds: Grace,
}

/// How long the old key is good beside the new one: at most a week; not at all, where nothing is said.
#[derive(Default, Deserialize)]
#[serde(try_from = "u64")]
pub struct Grace(Duration);

/// The new key, with its secret, and which one it replaces.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Regenerated {
    #[serde(flatten)]
    minted: MintedKey,
    old_key_id: KeyId,
}

/// `POST /api/v1/keys/{keyId}/regenerate`
pub async fn regenerate(
    State(app): State<App>,
    Owned(key): Owned<Key>,
    witness: Witness,
    once: Once,
    Sent { body: request, object }: Sent<Regenerate>,
) -> Result<Reply<Regenerated>> {
    let ticket = once.ticket(key.owner, &key.id.to_string(), &object, app.clock.now());
    if let Some(minted) = MintedKey::again(&app, ticket.as_ref()).await? {
        return Ok(Reply::ok(Regenerated { minted, old_key_id: key.id }));
    }
    let Grace(grace) = request.grace_period_seconds;
    let entry = witness.saw(key.owner, Action::KeyRegenerated, key.id);
    let once = ticket.map(|ticket| (ticket, &app.vault));
    let (secret, new) = app.keys.regenerate(&key, grace, &entry, once).await?;
    Ok(Reply::ok(Regenerated { minted: MintedKey::new(&secret, new), old_key_id: key.id }))
}

impl TryFrom<u64> for Grace {
    type Error = Refusal;

    fn try_from(seconds: u64) -> Result<Self, Refusal> {
        match seconds {
            0..=604_800 => Ok(Self(Duration::from_secs(seconds))),
            _ => Err(Refusal(InvalidKind::TooBig, "must be at most 604800, a week")),
        }
    }
}
