//! The shape that most endpoints answer with.

use serde::Serialize;
use shared::clock::Timestamp;
use shared::databases::{
    ConnectionName, ConnectionOptions, Database, Host, HostKey, Language, Port, Schema, SearchOptions, Ssh, Status,
    Tls, TlsVerification, Username,
};
use shared::id::DatabaseId;

/// A connection, as its owner sees it: everything but its secrets.
#[derive(Clone, Serialize)]
pub struct DatabaseView {
    #[serde(flatten)]
    sides: Sides,
    database: Schema,
}

/// Everything of it but the name of its schema: in one dialect the whole connection stands where that name does in the
/// other.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sides {
    id: DatabaseId,
    name: ConnectionName,
    host: Host,
    port: Port,
    username: Username,
    ssl: bool,
    ssl_options: Option<SslOptions>,
    ssh: Option<SshView>,
    is_active: bool,
    status: &'static str,
    last_tested: Option<Timestamp>,
    last_connected: Option<Timestamp>,
    connection_options: ConnectionOptions,
    search_options: SearchOptions,
    /// The one that it is searched in.
    language: Language,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Which shape the answer to a change has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The connection itself, as in the reference and its SDK.
    Flat,
    /// The connection as `database` with a message, as in the samples of the seed, and its fields beside it.
    Sample,
}

/// The answer to a change, in its dialect.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Stored {
    /// The connection itself.
    Flat(Box<DatabaseView>),
    /// The connection one level deeper.
    Sample(Box<Sample>),
}

/// The answer that the samples of the seed read.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    database: DatabaseView,
    message: &'static str,
    database_name: Schema,
    #[serde(flatten)]
    sides: Sides,
}

/// How TLS is used. Whether a CA and a certificate were given is told; they are not sent back and forth.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four answers to four questions of a client, and nothing branches on them"
)]
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SslOptions {
    enabled: bool,
    reject_unauthorized: bool,
    has_ca: bool,
    has_cert: bool,
}

/// The way through another server.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SshView {
    host: Host,
    port: Port,
    username: Username,
    host_key_fingerprint: Option<HostKey>,
}

impl Stored {
    /// The answer in this dialect.
    pub fn new(database: Database, dialect: Dialect, message: &'static str) -> Self {
        let view = DatabaseView::from(database);
        match dialect {
            Dialect::Flat => Self::Flat(Box::new(view)),
            Dialect::Sample => {
                let (database_name, sides) = (view.database.clone(), view.sides.clone());
                Self::Sample(Box::new(Sample { database: view, message, database_name, sides }))
            }
        }
    }
}

impl SslOptions {
    fn of(tls: &Tls) -> Option<Self> {
        let Tls::On(options) = tls else { return None };
        let (reject_unauthorized, has_ca) = match &options.verification {
            TlsVerification::Full { ca } => (true, ca.is_some()),
            TlsVerification::None => (false, false),
        };
        Some(Self { enabled: true, reject_unauthorized, has_ca, has_cert: options.certificate.is_some() })
    }
}

impl From<Ssh> for SshView {
    fn from(ssh: Ssh) -> Self {
        Self { host: ssh.host, port: ssh.port, username: ssh.username, host_key_fingerprint: ssh.host_key }
    }
}

impl From<Database> for DatabaseView {
    fn from(database: Database) -> Self {
        let language = database.language(database.catalogue.as_ref());
        let settings = database.settings;
        let sides = Sides {
            id: database.id,
            name: settings.name,
            host: settings.host,
            port: settings.port,
            username: settings.username,
            ssl: settings.tls != Tls::Off,
            ssl_options: SslOptions::of(&settings.tls),
            ssh: settings.ssh.map(SshView::from),
            is_active: database.active,
            status: match database.status {
                _ if !database.active => "disconnected",
                Status::Connected => "connected",
                Status::Error => "error",
            },
            last_tested: database.last_tested,
            last_connected: database.last_connected,
            connection_options: settings.connection_options,
            search_options: settings.search_options,
            language,
            created_at: database.created_at,
            updated_at: database.updated_at,
        };
        Self { sides, database: settings.schema }
    }
}
