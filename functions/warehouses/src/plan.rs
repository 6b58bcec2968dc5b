//! From what an owner says to what an engine is asked: which database, and by which way.

mod clouds;

use secrecy::SecretString;
use shared::clock::Timestamp;
use shared::config::Config;
use shared::databases::{Host, HostKey, Port, Ssh, SshCredentials, Username};
use shared::warehouses::{Dialect, Field, Refused, SshSettings};

use clouds::Around;

use crate::engine::{AthenaPlace, Reach, Server, SqliteFile, Target, TlsWish};
use crate::secrets::Secrets;
use crate::uri::Uri;

/// PostgreSQL's own port.
const POSTGRES_PORT: u64 = 5_432;

/// What an engine is asked.
pub struct Plan {
    /// The kind of the database.
    pub dialect: Dialect,
    /// The database.
    pub target: Target,
    /// The way to it.
    pub reach: Reach,
    /// The schemas that are looked into; none where the kind has no such thing.
    pub schemas: Option<Vec<String>>,
}

/// What is said of a connection, whether it is stored or was sent just now.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    /// Whether the way leads through an SSH server.
    pub use_ssh: bool,
    /// That server.
    pub ssh: Option<&'a SshSettings>,
    /// The schemas that are named.
    pub schemas: Option<&'a [String]>,
    /// A file with the private key, on a server that is not this one.
    pub credentials_file: Option<&'a str>,
    /// The secrets.
    pub secrets: &'a Secrets,
}

impl Plan {
    /// Reads what is said, where an operator allows what the settings say.
    pub fn of(said: Said<'_>, config: &Config, now: Timestamp) -> Result<Self, Refused> {
        let uri = match said.secrets.get(Field::ConnectionUri) {
            Some(text) => Uri::parse(text)?,
            None => of_ssh_settings(said)?,
        };
        let named = said.schemas.filter(|schemas| !schemas.is_empty());
        let schemas = schemas(&uri, named)?;
        let (around, meant) = (Around { emulator: config.cloud_endpoint, now }, schemas.clone().unwrap_or_default());
        let target = match uri.dialect {
            dialect if said.use_ssh && dialect.is_of_https() => return Err(Refused::SshUnsupported(dialect)),
            Dialect::Bigquery => Target::BigQuery(clouds::bigquery(&uri, said, meant, around)?),
            Dialect::Databricks => Target::Databricks(clouds::databricks(&uri, meant, around)?),
            Dialect::Snowflake => Target::Snowflake(clouds::snowflake(&uri, meant, around)?),
            Dialect::Postgresql => Target::Postgres(server(&uri, meant, POSTGRES_PORT)?),
            Dialect::Mysql => Target::MySql(server(&uri, Vec::new(), u64::from(Port::MYSQL.get()))?),
            Dialect::Sqlite => Target::Sqlite(SqliteFile {
                folder: config.sqlite_folder.clone(),
                path: uri.path.clone().unwrap_or_default().into(),
            }),
            Dialect::Awsathena => Target::Athena(athena(&uri, config.endpoints.athena.clone())?),
            other => return Err(Refused::UnsupportedDialect(other)),
        };
        let reach = if said.use_ssh { reach(said)? } else { Reach::Direct };
        Ok(Self { dialect: uri.dialect, target, reach, schemas })
    }
}

/// The database as the first generation describes it: what is called the database's name there is its user.
fn of_ssh_settings(said: Said<'_>) -> Result<Uri, Refused> {
    let ssh = said.ssh.ok_or(Refused::UriMissing)?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let password = said.secrets.get(Field::RemoteDbPassword).cloned().unwrap_or_default();
    let mut uri = Uri::of_fields(&text(&ssh.db_driver), text(&ssh.remote_db_name), password, text(&ssh.db_name))?;
    uri.host.clone_from(&ssh.remote_host);
    uri.port = ssh.remote_port.as_deref().filter(|port| !port.is_empty()).map(port_of).transpose()?.map(Port::get);
    Ok(uri)
}

/// The schemas that are looked into.
fn schemas(uri: &Uri, named: Option<&[String]>) -> Result<Option<Vec<String>>, Refused> {
    if let Some(named) = named {
        return if uri.dialect.has_schemas() {
            Ok(Some(named.to_vec()))
        } else {
            Err(Refused::SchemasUnsupported(uri.dialect))
        };
    }
    let of_uri = uri.search_path();
    Ok(match uri.dialect {
        Dialect::Postgresql if of_uri.is_empty() => Some(vec!["public".to_owned()]),
        Dialect::Postgresql => Some(of_uri),
        Dialect::Sqlite => Some(vec!["main".to_owned()]),
        Dialect::Bigquery | Dialect::Databricks | Dialect::Snowflake => Some(clouds::schemas(uri)),
        _ => None,
    })
}

fn server(uri: &Uri, schemas: Vec<String>, port: u64) -> Result<Server, Refused> {
    let host = uri.host.clone().ok_or(Refused::UriFormat("the URI names no host"))?;
    let user = uri.user.clone().ok_or(Refused::UriFormat("the URI names no user"))?;
    if uri.dialect == Dialect::Mysql && uri.path.is_none() {
        return Err(Refused::UriFormat("the URI names no database, as in mysql://user:password@host/database"));
    }
    Ok(Server {
        host: Host::try_from(host).map_err(|_| Refused::UriFormat("the host is no host name and no address"))?,
        port: Port::try_from(uri.port.map_or(port, u64::from))
            .map_err(|_| Refused::UriFormat("the port is no number from 1 to 65535"))?,
        user: Username::try_from(user)
            .map_err(|_| Refused::UriFormat("the user's name has more than 80 characters"))?,
        password: uri.password.clone().unwrap_or_default(),
        database: uri.path.clone(),
        schemas,
        tls: tls(uri)?,
    })
}

fn athena(uri: &Uri, endpoint: Option<String>) -> Result<AthenaPlace, Refused> {
    let region = uri.region().ok_or(Refused::UriFormat("the host has to be athena.<region>.amazonaws.com"))?;
    let option = |name: &str| uri.option(name).filter(|value| !value.is_empty()).map(str::to_owned);
    Ok(AthenaPlace {
        region,
        access_key: uri.user.clone().unwrap_or_default().into(),
        secret_key: uri.password.clone().unwrap_or_default(),
        database: uri.path.clone().unwrap_or_else(|| "default".to_owned()),
        work_group: option("work_group").unwrap_or_else(|| "primary".to_owned()),
        staging: option("s3_staging_dir").unwrap_or_default(),
        endpoint,
    })
}

fn tls(uri: &Uri) -> Result<TlsWish, Refused> {
    let mode = ["sslmode", "ssl_mode", "ssl-mode"].iter().find_map(|name| uri.option(name));
    let wrong = Refused::UriFormat("sslmode is one of disable, prefer, require, verify-ca and verify-full");
    mode.map_or_else(|| Ok(TlsWish::default()), |mode| TlsWish::of_mode(mode).ok_or(wrong))
}

fn reach(said: Said<'_>) -> Result<Reach, Refused> {
    let ssh = said.ssh.ok_or(Refused::SshIncomplete("host and username"))?;
    let host = ssh.host.clone().unwrap_or_default();
    let username = ssh.username.clone().unwrap_or_default();
    let key = ssh.host_key_fingerprint.clone().map(HostKey::try_from).transpose();
    let port = ssh.port.as_deref().filter(|port| !port.is_empty()).map(port_of).transpose()?;
    let server = Ssh {
        host: Host::try_from(host).map_err(|_| Refused::SshIncomplete("a host that is a host name or an address"))?,
        port: port.unwrap_or(Port::SSH),
        username: Username::try_from(username)
            .map_err(|_| Refused::SshIncomplete("a username of 80 characters at most"))?,
        host_key: key.map_err(|_| Refused::SshIncomplete("a host_key_fingerprint as printed by ssh-keygen -lf"))?,
    };
    Ok(Reach::Ssh { server, credentials: credentials(said)? })
}

fn credentials(said: Said<'_>) -> Result<SshCredentials, Refused> {
    let secret = |field| said.secrets.get(field).cloned();
    if let Some(key) = secret(Field::PrivateKey) {
        return Ok(SshCredentials::PrivateKey { key, passphrase: secret(Field::PrivateKeyPassword) });
    }
    if said.credentials_file.is_some_and(|path| !path.is_empty()) {
        return Err(Refused::CredentialsFile(Field::PrivateKey));
    }
    let password: Option<SecretString> = secret(Field::SshPassword);
    password.map(SshCredentials::Password).ok_or(Refused::SshIncomplete("a password or a private_key"))
}

/// A port as clients send it: as a text.
fn port_of(text: &str) -> Result<Port, Refused> {
    let number: Option<u64> = text.trim().parse().ok();
    let port = number.and_then(|number| Port::try_from(number).ok());
    port.ok_or(Refused::SshIncomplete("ports that are numbers from 1 to 65535"))
}
