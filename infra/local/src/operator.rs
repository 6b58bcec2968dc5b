//! What nobody can do through the API, and whoever runs the service may.

use shared::audit::{Action, Entry};
use shared::keys::{Environment, Holding, KeyName, NewKey, Permissions, Tier};

use crate::demo::Failed;
use crate::service::Service;

/// A key of the largest tier for this account: a free one ends after 1,000 searches in an hour.
pub(crate) async fn key(service: &Service, owner: &str) -> Result<String, Failed> {
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
