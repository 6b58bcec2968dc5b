//! Why a database did not do what was asked.

mod cloud;

use shared::databases::{Fault, Reason};

pub use cloud::Cloud;

/// A reason, with a sentence that holds nothing but what is written here: no text of a driver or a server, no secret, and
/// no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The name has no address.
    #[error("the host name could not be resolved")]
    Dns,
    /// The address is not one that may be dialled.
    #[error("the host is at an address that this service does not dial")]
    Forbidden,
    /// Nobody listens there.
    #[error("nothing accepts connections at this host and port")]
    Refused,
    /// The server has no connection left, or is just starting or ending.
    #[error("the server accepts no more connections at present")]
    Busy,
    /// Something answered, but not as a server of this dialect does.
    #[error("the server did not answer as one of this dialect does")]
    Protocol,
    /// The server did not take the limits of the session.
    #[error("the server did not take the limits of the session; a proxy may have dropped them")]
    Limits,
    /// No answer in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// No TLS, or not with this certificate.
    #[error(
        "no TLS connection could be made: the server has to offer TLS, and a certificate for its name that can be verified"
    )]
    Tls,
    /// Wrong user or password.
    #[error("the server refused the user name, the password, or a connection without TLS")]
    Auth,
    /// The server wants the password as it is, over a wire that others may read.
    #[error("the server wants the password in clear, which is sent only where sslmode is require and TLS is verified")]
    ClearPassword,
    /// The server has no such database.
    #[error("the server has no database of this name")]
    NoSuchDatabase,
    /// Athena has no such work group, or it is switched off.
    #[error("Athena has no work group of this name, or it is switched off")]
    NoSuchWorkGroup,
    /// There is no such file, or it is elsewhere, or no database: who asks shall not learn which.
    #[error("there is no SQLite database of this name in the folder that is allowed")]
    NoSuchFile,
    /// The user may not read it.
    #[error("the user may not read this")]
    Permission,
    /// The operator has named no folder.
    #[error("this service does not read SQLite files")]
    NoFiles,
    /// There are no tables.
    #[error("the database has no tables that this user can see")]
    Empty,
    /// The rows of a table can not be read, by whoever asks.
    #[error("the server could not read the rows of the table")]
    Unreadable,
    /// There is no such table any more.
    #[error("the table is not there")]
    NoSuchTable,
    /// The SSH server can not be reached.
    #[error("the SSH server could not be reached")]
    SshUnreachable,
    /// It is at an address that may not be dialled.
    #[error("the SSH server is at an address that this service does not dial")]
    SshForbidden,
    /// It answers, but not as SSH does.
    #[error("the SSH server did not answer as SSH does")]
    SshProtocol,
    /// It has another key than the one that is pinned.
    #[error("the SSH server has another host key than the one that is pinned")]
    SshHostKey,
    /// It refuses the user, the password or the key.
    #[error("the SSH server refused the user name, the password or the key")]
    SshAuth,
    /// It does not reach the database, or may not.
    #[error("the SSH server could not or would not connect to the database")]
    SshForward,
    /// The private key, or what else a file of credentials holds, can not be read.
    #[error("the private key or the file of credentials could not be read")]
    BadCredentialsFile,
    /// Nobody here speaks to databases of this kind.
    #[error("databases of this kind are not supported")]
    UnsupportedDialect,
    /// What a warehouse of a cloud has to say for itself.
    #[error(transparent)]
    Cloud(#[from] Cloud),
}

impl Refusal {
    /// The word for it in answers: one of thirteen, so that a client can decide by it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Forbidden
            | Self::Refused
            | Self::Busy
            | Self::Protocol
            | Self::Limits
            | Self::Unreadable
            | Self::SshUnreachable
            | Self::SshForbidden
            | Self::SshProtocol => "refused",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::Auth | Self::ClearPassword => "auth",
            Self::NoSuchDatabase | Self::NoSuchWorkGroup | Self::NoSuchFile => "no_such_database",
            Self::Permission | Self::NoFiles => "permission",
            Self::Empty | Self::NoSuchTable => "empty",
            Self::SshHostKey => "ssh_host_key",
            Self::SshAuth => "ssh_auth",
            Self::SshForward => "ssh_forward",
            Self::BadCredentialsFile => "bad_credentials_file",
            Self::UnsupportedDialect => "unsupported_dialect",
            Self::Cloud(cloud) => cloud.code(),
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault.reason {
            Reason::Dns => Self::Dns,
            Reason::Forbidden => Self::Forbidden,
            Reason::Refused => Self::Refused,
            Reason::Timeout => Self::Timeout,
            Reason::Tls => Self::Tls,
            Reason::Auth => Self::Auth,
            Reason::NoSuchDatabase => Self::NoSuchDatabase,
            Reason::Permission => Self::Permission,
            Reason::TooManyConnections | Reason::Busy | Reason::Inactive => Self::Busy,
            Reason::SchemaChanged => Self::NoSuchTable,
            Reason::Protocol => Self::Protocol,
            Reason::Limits => Self::Limits,
            Reason::Sealed | Reason::SshKey => Self::BadCredentialsFile,
            Reason::SshUnreachable => Self::SshUnreachable,
            Reason::SshForbidden => Self::SshForbidden,
            Reason::SshProtocol => Self::SshProtocol,
            Reason::SshHostKey => Self::SshHostKey,
            Reason::SshAuth => Self::SshAuth,
            Reason::SshForward => Self::SshForward,
        }
    }
}
