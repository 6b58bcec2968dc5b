use serde::{Deserialize, Deserializer};
use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::clock::Timestamp;
use shared::http::{Account, Body, Compat, Owned, Reply, State, Witness};
use shared::keys::{Expiry, Key, KeyEdit, KeyName, Permissions, Tier};

use crate::tier::may_give;
use crate::view::OneKey;

/// What an account asks to be different about a key. What is not there stays as it is; other fields are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    #[serde(default)]
    name: Option<KeyName>,
    #[serde(default)]
    permissions: Option<Permissions>,
    #[serde(default)]
    rate_limit_tier: Option<Tier>,
    /// `null` is an end that never comes.
    #[serde(default, deserialize_with = "expiry")]
    expires_at: Option<Expiry>,
}

/// `PUT /api/v1/keys/{keyId}`: a revoked key is not found, like one that never was.
pub async fn update(
    State(app): State<App>,
    Account(user): Account,
    Owned(key): Owned<Key>,
    compat: Compat,
    witness: Witness,
    Body(request): Body<Update>,
) -> Result<Reply<OneKey>> {
    may_give(&user, request.rate_limit_tier.unwrap_or_default())?;
    let entry = witness.saw(user.id, Action::KeyUpdated, key.id);
    let key = app.keys.update(&key, &request.into_edit(), &entry).await?;
    Ok(Reply::ok(OneKey::new(key, compat)))
}

impl Update {
    fn into_edit(self) -> KeyEdit {
        KeyEdit {
            name: self.name,
            permissions: self.permissions,
            tier: self.rate_limit_tier,
            expires_at: self.expires_at,
        }
    }
}

/// An expiry that is there, of which `null` is one. For a field that is not there nothing is called.
fn expiry<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Expiry>, D::Error> {
    Option::<Timestamp>::deserialize(deserializer).map(|end| Some(end.into()))
}
