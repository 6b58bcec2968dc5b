//! A connection as its owner sees it, with the fields of both generations: every secret as its token.

use serde::{Serialize, Serializer};
use shared::clock::Timestamp;
use shared::id::WarehouseId;
use shared::warehouses::{Dialect, Field, FileStorage, Metadata, SshSettings, Tokens, Warehouse};

/// A connection. A secret that is not there is an empty text, as in the original.
#[derive(Serialize)]
pub struct WarehouseView {
    id: WarehouseId,
    alias: String,
    use_ssh: bool,
    uri: String,
    connection_uri: String,
    path_to_credentials_file: Option<String>,
    llm_api_key: String,
    ssh_settings: Option<SshView>,
    file_storage: Option<FileStorageView>,
    dialect: Dialect,
    schemas: Option<Vec<String>>,
    bigquery_credential_file_content: String,
    metadata: Option<Metadata>,
    created_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

#[derive(Serialize)]
struct SshView {
    db_name: Option<String>,
    host: Option<String>,
    username: Option<String>,
    password: String,
    remote_host: Option<String>,
    remote_db_name: Option<String>,
    remote_db_password: String,
    private_key_password: String,
    db_driver: Option<String>,
    port: Option<String>,
    remote_port: Option<String>,
    private_key: String,
    host_key_fingerprint: Option<String>,
}

#[derive(Serialize)]
struct FileStorageView {
    name: String,
    access_key_id: String,
    secret_access_key: String,
    region: Option<String>,
    bucket: String,
}

/// An instant as the original writes it: with microseconds, and UTC as an offset.
pub struct Instant(pub Timestamp);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.to_string();
        serializer.collect_str(&format_args!("{}000+00:00", text.trim_end_matches('Z')))
    }
}

impl WarehouseView {
    /// The same with something to be told besides.
    #[must_use]
    pub fn warned(self, warning: Option<String>) -> Self {
        Self { warning, ..self }
    }
}

impl From<Warehouse> for WarehouseView {
    fn from(warehouse: Warehouse) -> Self {
        let (settings, tokens) = (warehouse.settings, &warehouse.tokens);
        let uri = token(tokens, Field::ConnectionUri);
        Self {
            id: warehouse.id,
            alias: settings.alias,
            use_ssh: settings.use_ssh,
            uri: uri.clone(),
            connection_uri: uri,
            path_to_credentials_file: settings.path_to_credentials_file,
            llm_api_key: token(tokens, Field::LlmApiKey),
            ssh_settings: settings.ssh.map(|ssh| SshView::new(ssh, tokens)),
            file_storage: settings.file_storage.map(|storage| FileStorageView::new(storage, tokens)),
            dialect: settings.dialect,
            schemas: settings.schemas,
            bigquery_credential_file_content: token(tokens, Field::ServiceAccount),
            metadata: settings.metadata,
            created_at: Instant(warehouse.created_at),
            warning: None,
        }
    }
}

impl SshView {
    fn new(ssh: SshSettings, tokens: &Tokens) -> Self {
        Self {
            db_name: ssh.db_name,
            host: ssh.host,
            username: ssh.username,
            password: token(tokens, Field::SshPassword),
            remote_host: ssh.remote_host,
            remote_db_name: ssh.remote_db_name,
            remote_db_password: token(tokens, Field::RemoteDbPassword),
            private_key_password: token(tokens, Field::PrivateKeyPassword),
            db_driver: ssh.db_driver,
            port: ssh.port,
            remote_port: ssh.remote_port,
            private_key: token(tokens, Field::PrivateKey),
            host_key_fingerprint: ssh.host_key_fingerprint,
        }
    }
}

impl FileStorageView {
    fn new(storage: FileStorage, tokens: &Tokens) -> Self {
        Self {
            name: storage.name,
            access_key_id: token(tokens, Field::AccessKeyId),
            secret_access_key: token(tokens, Field::SecretAccessKey),
            region: storage.region,
            bucket: storage.bucket,
        }
    }
}

fn token(tokens: &Tokens, field: Field) -> String {
    tokens.get(&field).cloned().unwrap_or_default()
}
