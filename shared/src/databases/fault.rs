//! Why a customer's database did not do what was asked: few reasons, each with something that a person can do.

/// What a client may know of a failure: the reason and the server's numbers, never the server's text, which can hold
/// addresses and names that the client did not send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", reason.message())]
pub struct Fault {
    /// Why.
    pub reason: Reason,
    /// The server's error number, where the server said no.
    pub errno: Option<u16>,
    /// Its SQLSTATE.
    pub sql_state: Option<String>,
}

/// The reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The name has no address.
    Dns,
    /// The address is not one that may be dialled.
    Forbidden,
    /// Nobody listens there.
    Refused,
    /// No answer in time.
    Timeout,
    /// No TLS, or not with this certificate.
    Tls,
    /// What the server asks for is not sent without TLS, or nothing is that it hears.
    NeedsTls,
    /// Wrong user or password.
    Auth,
    /// The server has no such schema.
    NoSuchDatabase,
    /// The user may not read it.
    Permission,
    /// The server has no connection left.
    TooManyConnections,
    /// A table, column or index is not there any more.
    SchemaChanged,
    /// Something answered, but not as MySQL does.
    Protocol,
    /// The server did not take the limits of the session.
    Limits,
    /// As many connections are open as its owner allows.
    Busy,
    /// Its owner has switched it off.
    Inactive,
    /// The stored credentials do not open.
    Sealed,
    /// The server that the way leads through can not be reached.
    SshUnreachable,
    /// It is at an address that may not be dialled.
    SshForbidden,
    /// It answers, but not as SSH does.
    SshProtocol,
    /// It has another key than before.
    SshHostKey,
    /// The private key can not be read, or not with this passphrase.
    SshKey,
    /// It refuses the user, the password or the key.
    SshAuth,
    /// It does not reach the database, or may not.
    SshForward,
}

impl Reason {
    /// The word for it in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Forbidden => "forbidden",
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Tls | Self::NeedsTls => "tls",
            Self::Auth => "auth",
            Self::NoSuchDatabase => "no_such_database",
            Self::Permission => "permission",
            Self::TooManyConnections => "too_many_connections",
            Self::SchemaChanged => "schema_changed",
            Self::Protocol => "protocol",
            Self::Limits => "limits",
            Self::Busy => "busy",
            Self::Inactive => "inactive",
            Self::Sealed => "sealed",
            Self::SshUnreachable => "ssh_unreachable",
            Self::SshForbidden => "ssh_forbidden",
            Self::SshProtocol => "ssh_protocol",
            Self::SshHostKey => "ssh_host_key",
            Self::SshKey => "ssh_key",
            Self::SshAuth => "ssh_auth",
            Self::SshForward => "ssh_forward",
        }
    }

    /// What happened, in a sentence without a full stop.
    pub fn message(self) -> &'static str {
        match self {
            Self::Dns => "the host name could not be resolved",
            Self::Forbidden => "the host is at an address that this service does not dial",
            Self::Refused => "nothing accepts connections at this host and port",
            Self::Timeout => "the server did not answer in time",
            Self::Tls => "no TLS connection could be made",
            Self::NeedsTls => "the server lets this user in over TLS only",
            Self::Auth => "the server refused the user name or the password",
            Self::NoSuchDatabase => "the server has no database of this name",
            Self::Permission => "the user may not read this database",
            Self::TooManyConnections => "the server accepts no more connections",
            Self::SchemaChanged => "a table, column or index is no longer there",
            Self::Protocol => "the server did not answer as MySQL or MariaDB does",
            Self::Limits => "the server did not take the limits of the session",
            Self::Busy => "as many connections to this database are open as its connectionLimit allows",
            Self::Inactive => "the connection is switched off",
            Self::Sealed => "the stored credentials could not be opened",
            Self::SshUnreachable => "the SSH server could not be reached",
            Self::SshForbidden => "the SSH server is at an address that this service does not dial",
            Self::SshProtocol => "the SSH server did not answer as SSH does",
            Self::SshHostKey => "the SSH server has another host key than the one that is pinned",
            Self::SshKey => "the SSH private key could not be read",
            Self::SshAuth => "the SSH server refused the user name, the password or the key",
            Self::SshForward => "the SSH server could not or would not connect to the database",
        }
    }

    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Dns => "Check the spelling of the host; a name that only your own network knows can not be used.",
            Self::Forbidden => "Use a public address, or ask the operator to allow the network of your database.",
            Self::Refused => "Check the port, that the server runs and listens on more than 127.0.0.1.",
            Self::Timeout => "Check the firewall and security group between this service and your server.",
            Self::Tls => {
                "Check that the server offers TLS and that its certificate fits its name, not its address; send its CA as \
                 ssl.ca."
            }
            Self::NeedsTls => {
                "Turn TLS on (ssl): the server asks for the password itself, as it does at the first login of a user, and that \
                 is not sent over a connection that others may read."
            }
            // A server says the same to a user who must come by TLS and does not.
            Self::Auth => {
                "Check user and password, that the user may log in from this service's address, and whether it has to use \
                 TLS (ssl) or a certificate (ssl.cert and ssl.key)."
            }
            Self::NoSuchDatabase => "Check the spelling of the database; names can be case-sensitive.",
            Self::Permission => "Run GRANT SELECT on the database to the user.",
            Self::TooManyConnections => "Raise max_connections on the server, or try again later.",
            Self::SchemaChanged => "Read the schema again and repeat the search.",
            Self::Protocol => "Check that the port is that of MySQL or MariaDB.",
            Self::Limits => "Connect to the server itself instead of a proxy that drops SET statements.",
            Self::Busy => "Raise connectionOptions.connectionLimit or acquireTimeout, or try again later.",
            Self::Inactive => "Switch it on with PUT and isActive true.",
            Self::Sealed => "Try again later; if it stays so, remove the connection and add it anew.",
            Self::SshUnreachable => "Check host and port of the SSH server, and its firewall.",
            Self::SshForbidden => "Use a public address, or ask the operator to allow the network of the SSH server.",
            Self::SshProtocol => "Check that the port is that of an SSH server (22 is usual), such as OpenSSH.",
            Self::SshHostKey => {
                "If the key was changed on purpose, send the new ssh.hostKeyFingerprint; if not, somebody may be listening."
            }
            Self::SshKey => "Send an unencrypted key, or its passphrase, in OpenSSH or PEM form.",
            Self::SshAuth => {
                "Check ssh.username, and that the server accepts this password or the public half of this key."
            }
            Self::SshForward => {
                "Check host and port of the database as the SSH server sees them, and that it allows TCP forwarding."
            }
        }
    }

    /// The fault with this reason, where no server has given numbers.
    pub fn alone(self) -> Fault {
        Fault { reason: self, errno: None, sql_state: None }
    }
}

impl Fault {
    /// The reason for which a server could not be dialled or went away.
    pub(super) fn of_io(error: &std::io::Error) -> Self {
        of_io(error).alone()
    }

    /// The same, said of the server that the way leads through.
    pub(super) fn of_bastion(self) -> Self {
        match self.reason {
            Reason::Dns | Reason::Refused => Reason::SshUnreachable.alone(),
            Reason::Forbidden => Reason::SshForbidden.alone(),
            _ => self,
        }
    }
}

impl From<mysql_async::Error> for Fault {
    /// The driver sees no network and no TLS: what it can not read is not the protocol, and what a server says it hands on.
    fn from(error: mysql_async::Error) -> Self {
        match error {
            mysql_async::Error::Server(server) => {
                Self { reason: of_errno(server.code), errno: Some(server.code), sql_state: Some(server.state) }
            }
            _ => Reason::Protocol.alone(),
        }
    }
}

fn of_io(error: &std::io::Error) -> Reason {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused
        | std::io::ErrorKind::HostUnreachable
        | std::io::ErrorKind::NetworkUnreachable => Reason::Refused,
        std::io::ErrorKind::TimedOut => Reason::Timeout,
        // rustls hands its errors on inside those of the operating system.
        std::io::ErrorKind::InvalidData => Reason::Tls,
        _ => Reason::Protocol,
    }
}

/// The numbers that MySQL and MariaDB share (MySQL manual, "Server Error Message Reference").
fn of_errno(errno: u16) -> Reason {
    match errno {
        1040 | 1203 | 1226 => Reason::TooManyConnections,
        1045 | 1129 | 1130 | 1251 | 1524 | 1698 | 3118 | 4151 => Reason::Auth,
        1049 => Reason::NoSuchDatabase,
        1044 | 1142 | 1143 | 1227 => Reason::Permission,
        1054 | 1146 | 1191 => Reason::SchemaChanged,
        1317 | 1969 | 3024 => Reason::Timeout,
        3159 => Reason::NeedsTls,
        _ => Reason::Protocol,
    }
}
