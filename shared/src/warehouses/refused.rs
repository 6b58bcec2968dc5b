//! Why something that was asked of the second API was not done, in sentences that hold nothing of what was sent but the
//! alias.

use super::dialect::Dialect;
use super::keyring::Field;

/// A refusal that the client can do something about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing says where the database is.
    #[error("connection_uri is missing (When use_ssh is False set uri)")]
    UriMissing,
    /// Two things say where it is.
    #[error("these ssh_settings describe the database already (When use_ssh is True don't set uri)")]
    UriTooMuch,
    /// The way through SSH is not described.
    #[error("When use_ssh is True, ssh_settings needs {0}")]
    SshIncomplete(&'static str),
    /// The URI can not be read, and why.
    #[error("Invalid URI format: {0}")]
    UriFormat(&'static str),
    /// The URI begins with something that nobody knows.
    #[error(
        "Invalid URI format: the URI has to begin with one of {} and ://",
        Dialect::ALL.map(Dialect::name).join(", ")
    )]
    UnknownDialect,
    /// It is known, and nothing here speaks to it yet.
    #[error(
        "Connections of the kind {0} can not be made yet: there are postgresql, mysql, sqlite, awsathena, snowflake, \
         bigquery and databricks"
    )]
    UnsupportedDialect(Dialect),
    /// It is called by HTTPS, so that no SSH server stands in between.
    #[error("Connections of the kind {0} are made by HTTPS, and not through an SSH server: send use_ssh as false")]
    SshUnsupported(Dialect),
    /// A cluster of Databricks is meant, which speaks a protocol of its own.
    #[error(
        "http_path is that of a cluster, which is not spoken to: name a SQL warehouse, as in \
         http_path=/sql/1.0/warehouses/<id>"
    )]
    ClusterPath,
    /// Schemas were named of a kind that has none.
    #[error("The {0} dialect does not support schemas")]
    SchemasUnsupported(Dialect),
    /// It was tried, and does not work.
    #[error("Unable to connect to db: {alias}, {why}")]
    NotConnected {
        /// What the client calls it.
        alias: String,
        /// The word for the reason.
        reason: &'static str,
        /// The reason as a sentence.
        why: String,
    },
    /// It has no tables, and the client wants some.
    #[error("The database has no tables that this user can see")]
    Empty,
    /// What was sent as a secret is a token, and not the one of this very field.
    #[error("{} holds a token that was not given for this field of this connection: send the secret itself", .0.name())]
    ForeignToken(Field),
    /// Credentials are said to be in a file, and no file is read.
    #[error("path_to_credentials_file is not read by this service: send the content as {}", .0.name())]
    CredentialsFile(Field),
    /// A table has no such column.
    #[error("Column {0} doesn't exist")]
    UnknownColumn(String),
    /// A connection has no such table.
    #[error("Table {0} doesn't exist")]
    UnknownTable(String),
    /// What is to be stored is too large.
    #[error("{0} is larger than what is kept of it")]
    TooLarge(&'static str),
}

impl Refused {
    /// The word for it, as in the original of this API where that has one.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UriMissing | Self::UriTooMuch | Self::SshUnsupported(_) => "invalid_connection_settings",
            Self::SshIncomplete(_) | Self::CredentialsFile(Field::PrivateKey) => "ssh_invalid_database_connection",
            Self::UriFormat(_) => "invalid_database_uri_format",
            Self::UnknownDialect | Self::UnsupportedDialect(_) | Self::ClusterPath => "unsupported_dialect",
            Self::SchemasUnsupported(_) => "schema_not_supported",
            Self::NotConnected { reason, .. } if reason.starts_with("ssh_") => "ssh_invalid_database_connection",
            Self::NotConnected { .. } | Self::CredentialsFile(_) => "invalid_database_connection",
            Self::Empty => "empty_database",
            Self::ForeignToken(_) => "invalid_token",
            Self::UnknownColumn(_) => "column_not_found",
            Self::UnknownTable(_) => "table_not_found",
            Self::TooLarge(_) => "too_large",
        }
    }

    /// Why it could not be connected, in the words that engines have for it.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::NotConnected { reason, .. } => Some(reason),
            Self::Empty => Some("empty"),
            Self::CredentialsFile(_) => Some("bad_credentials_file"),
            Self::UnknownDialect | Self::UnsupportedDialect(_) | Self::ClusterPath => Some("unsupported_dialect"),
            _ => None,
        }
    }

    /// What happened, without why.
    pub fn message(&self) -> String {
        match self {
            Self::NotConnected { alias, .. } => format!("Unable to connect to db: {alias}"),
            other => other.to_string(),
        }
    }

    /// Why, without what happened.
    pub fn description(&self) -> Option<&str> {
        match self {
            Self::NotConnected { why, .. } => Some(why),
            _ => None,
        }
    }
}
