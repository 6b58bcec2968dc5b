//! Trying a connection before anything of it is stored.

use super::catalogue::Catalogue;
use super::connect::{Connector, Target};
use super::discover::read;
use super::fault::Fault;
use super::settings::Settings;
use super::ssh::{HostKey, Ssh};
use crate::clock::Timestamp;

/// What was seen when a connection was tried.
pub struct Probe {
    /// What its schema holds.
    pub catalogue: Catalogue,
    /// The key that the server showed which the way leads through.
    pub host_key: Option<HostKey>,
}

/// Connects, reads the schema and closes.
pub async fn probe(connector: &Connector, target: Target<'_>, now: Timestamp) -> Result<Probe, Fault> {
    let mut connection = connector.open(target).await?;
    let catalogue = read(&mut connection, now).await?;
    let host_key = connection.host_key().cloned();
    connection.close().await;
    Ok(Probe { catalogue, host_key })
}

impl Probe {
    /// The settings with the host key that was seen: from now on no other is accepted.
    pub(super) fn pinned(&self, settings: Settings) -> Settings {
        let pin = |ssh: Ssh| Ssh { host_key: self.host_key.clone().or(ssh.host_key), ..ssh };
        Settings { ssh: settings.ssh.map(pin), ..settings }
    }
}
