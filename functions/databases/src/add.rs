use serde::Deserialize;
use shared::app::App;
use shared::audit::Action;
use shared::databases::{
    ConnectionName, ConnectionOptions, Credentials, Database, Host, Port, Schema, SearchOptions, Settings, Target,
    Username, Wish, probe,
};
use shared::error::Resource;
use shared::http::{Caller, Compat, Once, Reply, Sent, State, Witness, may, object, optional_object};
use shared::id::UserId;
use shared::once::Ticket;
use shared::{Error, Result};

use crate::secret::Password;
use crate::ssh::{SshRequest, one_of_two};
use crate::ssl::Ssl;
use crate::view::{Dialect, Stored};

const ADDED: &str = "Database connection added successfully";

/// What an owner says of a database.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddDatabase {
    name: ConnectionName,
    host: Host,
    #[serde(default = "mysql_port")]
    port: Port,
    database: Schema,
    username: Username,
    password: Password,
    #[serde(default)]
    ssl: Ssl,
    ssh: Option<SshRequest>,
    #[serde(default, deserialize_with = "optional_object")]
    connection_options: Option<ConnectionOptions>,
    #[serde(default, deserialize_with = "object")]
    search_options: SearchOptions,
}

/// `POST /api/v1/databases`: nothing is stored of a database that can not be connected.
pub async fn add(
    State(app): State<App>,
    caller: Caller<may::ManageDatabases>,
    compat: Compat,
    witness: Witness,
    once: Once,
    Sent { body: request, object }: Sent<AddDatabase>,
) -> Result<Reply<Stored>> {
    let dialect = request.dialect(compat);
    let ticket = once.ticket(caller.user, "", &object, app.clock.now());
    if let Some(id) = Ticket::made_before(ticket.as_ref(), &app.table).await? {
        // As it is now. No secret is in its answer.
        let database = app.databases.get(caller.user, id).await?.ok_or(Error::NotFound(Resource::Connection))?;
        return Ok(Reply::created(Stored::new(database, dialect, ADDED)));
    }
    let wish = request.into_wish(caller.user)?;
    let target = Target { id: None, settings: &wish.settings, credentials: &wish.credentials };
    let probe = probe(&app.connector, target, app.clock.now()).await.map_err(Error::DatabaseRefused)?;
    let database = Database::new(wish, probe, &app.vault).await?;
    let stamp = ticket.map(|ticket| ticket.stamp(database.id));
    let entry = witness.saw(caller.user, Action::ConnectionAdded, database.id).stamped(stamp);
    app.databases.insert(&database, &entry).await?;
    Ok(Reply::created(Stored::new(database, dialect, ADDED)))
}

impl AddDatabase {
    /// The samples of the seed send objects, and read their answer one level deeper than everybody else.
    fn dialect(&self, compat: Compat) -> Dialect {
        let is_sample = self.ssl.is_object || self.connection_options.is_some();
        if is_sample && compat == Compat::Current { Dialect::Sample } else { Dialect::Flat }
    }

    fn into_wish(self, owner: UserId) -> Result<Wish> {
        let settings = Settings {
            name: self.name,
            host: self.host,
            port: self.port,
            schema: self.database,
            username: self.username,
            tls: self.ssl.tls,
            ssh: self.ssh.as_ref().map(|ssh| ssh.ssh(None)),
            connection_options: self.connection_options.unwrap_or_default(),
            search_options: self.search_options,
        };
        let ssh = self.ssh.map(|ssh| ssh.into_credentials()?.ok_or_else(one_of_two)).transpose()?;
        let credentials = Credentials { password: self.password.0, tls_key: self.ssl.key, ssh };
        Ok(Wish { owner, settings, credentials })
    }
}

fn mysql_port() -> Port {
    Port::MYSQL
}
