//! The shape that most endpoints answer with.

use serde::Serialize;
use shared::clock::Timestamp;
use shared::databases::{
    ConnectionName, ConnectionOptions, Database, Host, Port, Schema, SearchOptions, Status, Tls, TlsVerification,
    Username,
};
use shared::id::DatabaseId;

/// A connection, as its owner sees it: everything but its password.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseView {
    id: DatabaseId,
    name: ConnectionName,
    host: Host,
    port: Port,
    database: Schema,
    username: Username,
    ssl: bool,
    ssl_options: Option<SslOptions>,
    is_active: bool,
    status: Status,
    last_tested: Option<Timestamp>,
    last_connected: Option<Timestamp>,
    connection_options: ConnectionOptions,
    search_options: SearchOptions,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// How TLS is used. Whether a CA was given is told; the certificate is not sent back and forth.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SslOptions {
    enabled: bool,
    reject_unauthorized: bool,
    has_ca: bool,
}

impl SslOptions {
    fn of(tls: &Tls) -> Option<Self> {
        let on = |reject_unauthorized, has_ca| Some(Self { enabled: true, reject_unauthorized, has_ca });
        match tls {
            Tls::Off => None,
            Tls::On(TlsVerification::Full { ca }) => on(true, ca.is_some()),
            Tls::On(TlsVerification::None) => on(false, false),
        }
    }
}

impl From<Database> for DatabaseView {
    fn from(database: Database) -> Self {
        let settings = database.settings;
        Self {
            id: database.id,
            name: settings.name,
            host: settings.host,
            port: settings.port,
            database: settings.schema,
            username: settings.username,
            ssl: settings.tls != Tls::Off,
            ssl_options: SslOptions::of(&settings.tls),
            // A connection that is removed is gone; there is no third state.
            is_active: true,
            status: database.status,
            last_tested: database.last_tested,
            last_connected: database.last_connected,
            connection_options: settings.connection_options,
            search_options: settings.search_options,
            created_at: database.created_at,
            updated_at: database.updated_at,
        }
    }
}
