use serde::Deserialize;
use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::clock::Timestamp;
use shared::http::{Account, MintedKey, Once, Reply, Sent, State, Witness};
use shared::keys::{Environment, Holding, KeyName, NewKey, Permissions, Tier};
use shared::users::User;

use crate::tier::may_give;

/// What an account asks of a new key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Create {
    name: KeyName,
    #[serde(default)]
    environment: Environment,
    #[serde(default)]
    permissions: Permissions,
    #[serde(default)]
    rate_limit_tier: Tier,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// `POST /api/v1/keys`
pub async fn create(
    State(app): State<App>,
    Account(user): Account,
    witness: Witness,
    once: Once,
    Sent { body: request, object }: Sent<Create>,
) -> Result<Reply<MintedKey>> {
    let ticket = once.ticket(user.id, "", &object, app.clock.now());
    if let Some(minted) = MintedKey::again(&app, ticket.as_ref()).await? {
        return Ok(Reply::created(minted));
    }
    let (secret, key) = request.into_key_for(&user)?.make(user.id, app.clock.now())?;
    let stamp = MintedKey::stamp(&app, ticket, &secret, &key).await?;
    let entry = witness.saw(user.id, Action::KeyCreated, key.id).stamped(stamp);
    app.keys.insert(&key, Holding::FewerThanMax, &entry).await?;
    Ok(Reply::created(MintedKey::new(&secret, key)))
}

impl Create {
    fn into_key_for(self, user: &User) -> Result<NewKey> {
        may_give(user, self.rate_limit_tier)?;
        Ok(NewKey {
            name: self.name,
            environment: self.environment,
            permissions: self.permissions,
            tier: self.rate_limit_tier,
            expires_at: self.expires_at,
        })
    }
}
