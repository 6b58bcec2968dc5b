//! The connector of MySQL and MariaDB.

use std::time::Duration;

use super::connection::{Connection, Deadlines, by};
use super::credentials::Credentials;
use super::dial::Dialer;
use super::door::Door;
use super::fault::{Fault, Reason};
use super::permits::Permits;
use super::settings::Settings;
use crate::id::DatabaseId;

/// Opens connections to customers' databases.
#[derive(Clone)]
pub struct Connector {
    dialer: Dialer,
    timeout: Duration,
    permits: Permits,
}

/// A database and the secrets that open it.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The stored connection, whose limit of open ones holds; none for one that is not stored yet.
    pub id: Option<DatabaseId>,
    /// Where it is, and who logs in.
    pub settings: &'a Settings,
    /// With what.
    pub credentials: &'a Credentials,
}

impl Connector {
    /// A connector that goes this dialer's ways. `timeout` is how long one database may take in all: from resolving its name
    /// to its last row.
    pub fn new(dialer: Dialer, timeout: Duration) -> Self {
        Self { dialer, timeout, permits: Permits::default() }
    }

    /// The ways that it goes.
    pub fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// How long this database may take in all: as its owner says, but no longer than any may.
    pub fn time_for(&self, settings: &Settings) -> Duration {
        let asked = settings.connection_options.timeout.map(|ms| Duration::from_millis(ms.get()));
        asked.map_or(self.timeout, |asked| asked.min(self.timeout))
    }

    /// Connects and logs in.
    pub async fn open(&self, target: Target<'_>) -> Result<Connection, Fault> {
        self.open_within(target, self.timeout).await
    }

    /// The same for something that must not take longer than this in all, whatever else the database may take.
    pub async fn open_within(&self, target: Target<'_>, most: Duration) -> Result<Connection, Fault> {
        let options = &target.settings.connection_options;
        let deadlines = Deadlines::after(self.time_for(target.settings).min(most));
        by(deadlines.last, async {
            let permit = self.permits.take(&target, deadlines.last).await?;
            let door = self.door(&target).await?;
            // In a box, so that whoever waits for a connection does not carry the room for all of a login.
            let conn = by(deadlines.statement, Box::pin(door.enter())).await?;
            Ok(Connection { conn, door, deadlines, zone: options.timezone.clone(), _permit: permit })
        })
        .await
    }

    async fn door(&self, target: &Target<'_>) -> Result<Door, Fault> {
        let settings = target.settings;
        let through = match &settings.ssh {
            None => None,
            Some(ssh) => Some((ssh, target.credentials.ssh.as_ref().ok_or(Reason::SshAuth.alone())?)),
        };
        Door::new(self.dialer.road(&settings.host, settings.port, through).await?, target)
    }
}
