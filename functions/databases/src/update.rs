use secrecy::ExposeSecret;
use serde::{Deserialize, Deserializer};
use shared::app::App;
use shared::audit::Action;
use shared::databases::{
    ConnectionName, ConnectionOptions, Credentials, Database, Host, Port, Schema, SearchOptions, Settings, Tls,
    Username, probe,
};
use shared::http::{Body, Compat, Owned, Reply, State, Witness, optional_object};
use shared::{Error, Result};

use crate::secret::Password;
use crate::ssh::{SshRequest, one_of_two};
use crate::ssl::Ssl;
use crate::view::{Dialect, Stored};

/// What is to be different about a connection. What is not there stays as it is; other fields are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateDatabase {
    name: Option<ConnectionName>,
    host: Option<Host>,
    port: Option<Port>,
    database: Option<Schema>,
    username: Option<Username>,
    /// An empty one says nothing: forms send it where a person has left the field alone.
    password: Option<Password>,
    ssl: Option<Ssl>,
    #[serde(default, deserialize_with = "ssh")]
    ssh: SshChange,
    #[serde(default, deserialize_with = "optional_object")]
    connection_options: Option<ConnectionOptions>,
    #[serde(default, deserialize_with = "optional_object")]
    search_options: Option<SearchOptions>,
    is_active: Option<bool>,
}

/// What becomes of the way through another server.
#[derive(Default)]
enum SshChange {
    /// Nothing.
    #[default]
    Unsaid,
    /// There is none any more: `null`.
    Removed,
    /// It leads through this one.
    Through(Box<SshRequest>),
}

/// `PUT /api/v1/databases/{connectionId}`: what can make a difference to connecting is tried before it is stored.
pub async fn update(
    State(app): State<App>,
    Owned(database): Owned<Database>,
    compat: Compat,
    witness: Witness,
    Body(request): Body<UpdateDatabase>,
) -> Result<Reply<Stored>> {
    let (owner, id) = (database.owner, database.id);
    let changed = request.apply(&app, &database).await?;
    if let Some(changed) = &changed {
        app.databases.replace(changed, &witness.saw(owner, Action::ConnectionUpdated, id)).await?;
        database.forget_credentials(&app.vault);
        app.results.forget(owner).await;
    }
    let dialect = if compat == Compat::Sdk { Dialect::Flat } else { Dialect::Sample };
    Ok(Reply::ok(Stored::new(changed.unwrap_or(database), dialect, "Database connection updated successfully")))
}

impl UpdateDatabase {
    /// The connection as it is to be, tried where need be; none where it stays as it is.
    async fn apply(self, app: &App, database: &Database) -> Result<Option<Database>> {
        let active = self.is_active.unwrap_or(database.active);
        let settings = self.settings(&database.settings);
        let names_secrets = self.names_secrets();
        if settings == database.settings && active == database.active && !names_secrets {
            return Ok(None);
        }
        let changed = Database { settings, active, ..database.clone() };
        let leads_elsewhere = changed.settings.leads_elsewhere(&database.settings);
        let changed = if names_secrets || leads_elsewhere || (active && !database.active) {
            self.tried(app, changed, names_secrets).await?
        } else {
            changed
        };
        Ok(Some(changed.changed(app.clock.now())))
    }

    async fn tried(self, app: &App, changed: Database, names_secrets: bool) -> Result<Database> {
        let known = changed.open_credentials(&app.vault).await?;
        let credentials = self.credentials(known, &changed.settings)?;
        let target = changed.target(&credentials);
        let probe = probe(&app.connector, target, app.clock.now()).await.map_err(Error::DatabaseChangeRefused)?;
        let changed = changed.seen(probe);
        if names_secrets { changed.with_credentials(&credentials, &app.vault).await } else { Ok(changed) }
    }

    fn settings(&self, known: &Settings) -> Settings {
        let known = known.clone();
        Settings {
            name: self.name.clone().unwrap_or(known.name),
            host: self.host.clone().unwrap_or(known.host),
            port: self.port.unwrap_or(known.port),
            schema: self.database.clone().unwrap_or(known.schema),
            username: self.username.clone().unwrap_or(known.username),
            tls: self.ssl.as_ref().map_or(known.tls, |ssl| ssl.tls.clone()),
            ssh: match &self.ssh {
                SshChange::Unsaid => known.ssh,
                SshChange::Removed => None,
                SshChange::Through(request) => Some(request.ssh(known.ssh.as_ref())),
            },
            connection_options: self.connection_options.clone().unwrap_or(known.connection_options),
            search_options: self.search_options.clone().unwrap_or(known.search_options),
        }
    }

    /// Whether the sealed credentials are to be others, or fewer.
    fn names_secrets(&self) -> bool {
        self.password.as_ref().is_some_and(|password| !password.0.expose_secret().is_empty())
            || self.ssl.is_some()
            || !matches!(self.ssh, SshChange::Unsaid)
    }

    fn credentials(self, known: Credentials, settings: &Settings) -> Result<Credentials> {
        let password = self.password.map(|password| password.0).filter(|password| !password.expose_secret().is_empty());
        let tls_key = self.ssl.map_or(known.tls_key, |ssl| ssl.key);
        let ssh = match self.ssh {
            SshChange::Unsaid => known.ssh,
            SshChange::Removed => None,
            SshChange::Through(request) => Some(request.into_credentials()?.or(known.ssh).ok_or_else(one_of_two)?),
        };
        Ok(Credentials {
            password: password.unwrap_or(known.password),
            tls_key: tls_key.filter(|_| settings.tls != Tls::Off),
            ssh,
        })
    }
}

/// A field that is there, of which `null` is one. For a field that is not there nothing is called.
fn ssh<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SshChange, D::Error> {
    let request = Option::<SshRequest>::deserialize(deserializer)?;
    Ok(request.map_or(SshChange::Removed, |request| SshChange::Through(Box::new(request))))
}
