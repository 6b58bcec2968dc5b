//! What is connected to, and by which way.

use std::path::PathBuf;

use secrecy::SecretString;
use shared::databases::{Certificates, Host, Port, Ssh, SshCredentials, Username};

use super::{Account, AthenaPlace, Project, Workspace};

/// A database, and the secrets that open it.
pub enum Target {
    /// PostgreSQL and what speaks as it does, such as Redshift.
    Postgres(Server),
    /// MySQL and MariaDB.
    MySql(Server),
    /// A file of SQLite.
    Sqlite(SqliteFile),
    /// Amazon Athena.
    Athena(AthenaPlace),
    /// A project of BigQuery.
    BigQuery(Project),
    /// A workspace of Databricks.
    Databricks(Workspace),
    /// An account of Snowflake.
    Snowflake(Account),
}

/// A server that is dialled.
pub struct Server {
    /// Where it is; behind an SSH server, as that one knows it.
    pub host: Host,
    /// On which port.
    pub port: Port,
    /// Who logs in.
    pub user: Username,
    /// With what. Empty where there is none.
    pub password: SecretString,
    /// The database. PostgreSQL takes the name of the user where there is none; MySQL needs one.
    pub database: Option<String>,
    /// The schemas that are meant where a call names none: `search_path`, or `schemas` of a request. PostgreSQL's own is
    /// `public`; MySQL has the database itself and nothing else.
    pub schemas: Vec<String>,
    /// How the wire is protected.
    pub tls: TlsWish,
}

/// What a URI says of TLS, with the words of `sslmode` (PostgreSQL manual, "SSL Mode Descriptions").
///
/// `require` of libpq encrypts and asks nobody for a proof, so that whoever sits between can read along. It is not offered
/// here: who asks for TLS gets it verified. Who says nothing gets what is better than nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TlsWish {
    /// None at all: `disable`.
    Off,
    /// TLS where PostgreSQL offers it, with whatever certificate it has, and none where it does not: `allow`, `prefer`,
    /// or nothing said. A password never goes over such a wire in clear. MySQL gets it only where
    /// it asks for the password itself.
    #[default]
    IfOffered,
    /// TLS with a certificate for the host's own name, from a public authority or one of these: `require`, `verify-ca`,
    /// `verify-full`.
    Verified {
        /// Certificates of further authorities.
        ca: Option<Certificates>,
    },
}

/// A file of SQLite, and where such files may be.
pub struct SqliteFile {
    /// The folder of the operator's that files may be read from; none where they may not be read at all.
    pub folder: Option<PathBuf>,
    /// The file as it is named: within that folder, or with its whole path.
    pub path: PathBuf,
}

/// How a server is reached.
pub enum Reach {
    /// By dialling it.
    Direct,
    /// Through a server of its owner's. Where the database is, that server decides.
    Ssh {
        /// The server, with the key that is pinned.
        server: Ssh,
        /// What opens it.
        credentials: SshCredentials,
    },
}

impl Reach {
    /// The SSH server that the way leads through.
    pub(super) fn through(&self) -> Option<(&Ssh, &SshCredentials)> {
        match self {
            Self::Direct => None,
            Self::Ssh { server, credentials } => Some((server, credentials)),
        }
    }
}

impl TlsWish {
    /// What these words mean as `sslmode` of a URI, or as `ssl_mode` and `ssl-mode` of one for MySQL; none where they mean
    /// nothing.
    pub fn of_mode(words: &str) -> Option<Self> {
        match words.to_ascii_lowercase().replace('_', "-").as_str() {
            "disable" | "disabled" => Some(Self::Off),
            "allow" | "prefer" | "preferred" => Some(Self::IfOffered),
            "require" | "required" | "verify-ca" | "verify-full" | "verify-identity" => {
                Some(Self::Verified { ca: None })
            }
            _ => None,
        }
    }
}
