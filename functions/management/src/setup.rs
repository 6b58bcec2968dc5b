use serde::{Deserialize, Deserializer};
use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::clock::Timestamp;
use shared::http::{Account, MintedKey, Once, Reply, Sent, State, Witness};
use shared::keys::{Environment, Holding, KeyName, NewKey, Permissions, Tier};

/// What an account may ask of its first key. Other fields, which some clients send, are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Setup {
    #[serde(default = "KeyName::initial")]
    name: KeyName,
    #[serde(default, deserialize_with = "lenient_environment")]
    environment: Environment,
    #[serde(default)]
    permissions: Permissions,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// `POST /api/v1/management/setup` and `POST /api/v1/management/setup-initial-api-key`
pub async fn setup(
    State(app): State<App>,
    Account(user): Account,
    witness: Witness,
    once: Once,
    Sent { body: request, object }: Sent<Setup>,
) -> Result<Reply<MintedKey>> {
    let ticket = once.ticket(user.id, "", &object, app.clock.now());
    if let Some(minted) = MintedKey::again(&app, ticket.as_ref()).await? {
        return Ok(Reply::created(minted));
    }
    let (secret, key) = request.into_key().make(user.id, app.clock.now())?;
    let stamp = MintedKey::stamp(&app, ticket, &secret, &key).await?;
    let entry = witness.saw(user.id, Action::KeyCreated, key.id).stamped(stamp);
    app.keys.insert(&key, Holding::None, &entry).await?;
    Ok(Reply::created(MintedKey::new(&secret, key)))
}

impl Setup {
    fn into_key(self) -> NewKey {
        NewKey {
            name: self.name,
            environment: self.environment,
            permissions: self.permissions,
            tier: Tier::Free,
            expires_at: self.expires_at,
        }
    }
}

/// The SDK names environments of its own here, such as `staging`: production is live, everything else is a test.
fn lenient_environment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Environment, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(match text.as_deref() {
        Some("live" | "production") => Environment::Live,
        _ => Environment::Test,
    })
}
