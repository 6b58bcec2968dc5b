//! What nobody can do through the API, and whoever runs the service may.

use serde_json::json;
use shared::audit::{Action, Entry};
use shared::keys::{Environment, Holding, KeyName, NewKey, Permissions, Tier};

use crate::demo::{Client, Failed};
use crate::service::Service;

/// A key of the largest tier for this account: a free one ends after 1,000 searches in an hour.
async fn key(service: &Service, owner: &str) -> Result<String, Failed> {
    let (app, owner) = (&service.app, owner.parse()?);
    let new = NewKey {
        name: KeyName::try_from("A key of the operator's".to_owned()).map_err(|_| "the key has no name")?,
        environment: Environment::Test,
        permissions: Permissions::default(),
        tier: Tier::Enterprise,
        expires_at: None,
    };
    let (secret, key) = new.make(owner, app.clock.now())?;
    let entry = Entry::by_operator(owner, Action::KeyCreated, key.id, app.clock.now());
    app.keys.insert(&key, Holding::FewerThanMax, &entry).await?;
    Ok(secret.reveal())
}

/// An account with a session and such a key, as the tools that measure need it.
pub(crate) struct Account {
    /// The session's token.
    pub(crate) token: String,
    /// The key.
    pub(crate) key: String,
}

impl Account {
    /// Registers under this name, with this password.
    pub(crate) async fn open(client: &Client, service: &Service, name: &str, password: &str) -> Result<Self, Failed> {
        let account = json!({ "email": format!("{name}@example.com"), "name": name, "password": password });
        let registered = client.must("POST", "/api/v1/auth/register", "", account).await?;
        let text =
            |pointer| registered.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Ok(Self { token: text("/data/token"), key: key(service, &text("/data/user/id")).await? })
    }
}
