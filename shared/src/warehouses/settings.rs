//! What an owner says of a warehouse, without secrets. These are the words of the request: what they mean for connecting is
//! read when it is connected.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::dialect::Dialect;
use crate::packed;

/// Whatever an owner wants to keep beside a connection or a table.
pub type Metadata = Map<String, Value>;

/// Everything about a connection but its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// What its owner calls it. Two may have one name.
    pub alias: String,
    /// Whether the way leads through an SSH server.
    pub use_ssh: bool,
    /// Which kind it is of.
    pub dialect: Dialect,
    /// The schemas that are looked into; none where the kind has no such thing.
    pub schemas: Option<Vec<String>>,
    /// A file that the original of this API read on its server. It is kept, and read nowhere.
    pub path_to_credentials_file: Option<String>,
    /// The SSH server, and in the first form of requests the database behind it.
    pub ssh: Option<SshSettings>,
    /// Where files are put that are made of its rows.
    pub file_storage: Option<FileStorage>,
    /// Whatever its owner wants to keep beside it.
    #[serde(with = "packed")]
    pub metadata: Option<Metadata>,
}

/// The SSH server of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshSettings {
    /// Where it is.
    pub host: Option<String>,
    /// Who logs in there.
    pub username: Option<String>,
    /// On which port, as it was sent.
    pub port: Option<String>,
    /// The key that it has to show: named by the owner, or seen at the first time.
    pub host_key_fingerprint: Option<String>,
    /// The database: where it is, as the SSH server knows it.
    pub remote_host: Option<String>,
    /// On which port, as it was sent.
    pub remote_port: Option<String>,
    /// Who logs in to the database. It is called so in the first form of requests, and means the user.
    pub remote_db_name: Option<String>,
    /// The database's name.
    pub db_name: Option<String>,
    /// Its kind and driver, as at the beginning of a URI.
    pub db_driver: Option<String>,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStorage {
    /// Whose; `S3` is meant.
    pub name: String,
    /// Where.
    pub region: Option<String>,
    /// Its name.
    pub bucket: String,
}
