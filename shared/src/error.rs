//! What can go wrong, in the words of the domain. It knows no HTTP: `http::reply` has the one table to status and code.
//!
//! `Display` is what the client may read. What really happened rides along as the source of [`Error::Internal`], and is
//! logged once, where the request is answered.

mod invalid;
mod misfit;

use std::fmt;

use crate::databases::Fault;
use crate::id::DatabaseId;
use crate::keys::{KeyRefused, Permission};
use crate::limits::Quota;
use crate::s3::Failure;
use crate::users::{PasswordRefused, SessionRefused};
use crate::warehouses::Refused;

pub use invalid::{Invalid, InvalidKind, Refusal};
pub use misfit::{Misfit, Step};

/// The result of nearly everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of a body or a query string can not be what it is.
    #[error("Invalid request parameters: {0}")]
    Validation(Invalid),
    /// The body is not JSON.
    #[error("The request body is not valid JSON: {0}")]
    MalformedJson(String),
    /// The body is larger than any request needs.
    #[error("The request body is larger than {limit_bytes} bytes")]
    BodyTooLarge {
        /// The most that is read.
        limit_bytes: usize,
    },
    /// The answer is larger than any function of Lambda can give.
    #[error("The answer is larger than 6 MB: ask for fewer rows, or for fewer of their fields")]
    AnswerTooLarge,
    /// No session stands behind the call.
    #[error(transparent)]
    SessionRefused(SessionRefused),
    /// No API key stands behind the call.
    #[error(transparent)]
    KeyRefused(KeyRefused),
    /// Unknown e-mail or wrong password; which of the two is nobody's business.
    #[error("The e-mail or the password is wrong")]
    BadCredentials,
    /// The password was not changed.
    #[error(transparent)]
    PasswordRefused(PasswordRefused),
    /// A page that is not known here made a browser send the cookie.
    #[error("This origin may not use the session of the browser")]
    OriginRefused,
    /// The key is good, but not for this.
    #[error("This API key lacks the permission {required}")]
    PermissionMissing {
        /// What the route asks for.
        required: Permission,
        /// What the key has.
        available: Vec<Permission>,
    },
    /// Only an admin may do this.
    #[error("Only an administrator may {0}")]
    PrivilegeMissing(&'static str),
    /// There is no such thing, or it is somebody else's: the two can not be told apart.
    #[error("{0} not found")]
    NotFound(Resource),
    /// The e-mail address has an account.
    #[error("An account with this e-mail exists already")]
    EmailTaken,
    /// The first API key was made before.
    #[error("This account has an API key already")]
    KeyExists,
    /// As many as one account may have.
    #[error("This account has reached its limit of {limit} {what}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// The key that the client gave this request is that of another one.
    #[error("This Idempotency-Key was sent with another request: give each request a key of its own")]
    IdempotencyKeyReused,
    /// The same request was made in the same moment.
    #[error("The same request is being answered: send it again to get the same answer")]
    IdempotencyKeyInUse,
    /// The window of the key, the account or the address has no more room.
    #[error("Rate limit exceeded. Try again in {retry_after_s} seconds.")]
    RateLimited {
        /// Where it stands.
        quota: Quota,
        /// Seconds until the block ends.
        retry_after_s: u128,
    },
    /// A customer's database can not be used as described, so that nothing was stored.
    #[error("The database can not be connected: {0}")]
    DatabaseRefused(Fault),
    /// A change would make a connection that can not be used, so that nothing was changed.
    #[error("The database can not be connected with this change: {0}")]
    DatabaseChangeRefused(Fault),
    /// A connection was changed by two at once.
    #[error("The connection was changed at the same moment: read it again and repeat the change")]
    ConnectionChanged,
    /// A stored connection did not pass its test.
    #[error("Unable to connect to database: {0}")]
    DatabaseUnreachable(Fault),
    /// A customer's database failed at something else than a test.
    #[error("The database could not be read: {0}")]
    DatabaseFailed(Fault),
    /// A body of the second API has not the shape that it has to have.
    #[error("The request can not be processed: {}", .0.first().map_or("it is empty", |misfit| &misfit.msg))]
    Misshapen(Vec<Misfit>),
    /// Something of the second API was refused.
    #[error(transparent)]
    Warehouse(#[from] Refused),
    /// There is nowhere to put a file.
    #[error("There is no file storage to put the file into: give a database connection a file_storage")]
    NoStorage,
    /// A file was not put into the storage of its owner.
    #[error("The file was not exported: {0}")]
    NotExported(Failure),
    /// None of the databases that were asked has answered.
    #[error("No database could be searched")]
    AllDatabasesFailed(Vec<DatabaseFailure>),
    /// Some of the databases that were asked have not answered, and the client wants all or nothing.
    #[error("Not every database has answered, and allowPartial is false")]
    SearchIncomplete(Vec<DatabaseFailure>),
    /// Something that we stand on does not answer just now, or not us: the table, the key, the secret. The client reads a
    /// fixed sentence; the log has the chain.
    #[error("The service can not answer at the moment")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Our fault. The client reads a fixed sentence; the log has the chain.
    #[error("Something went wrong on our side")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::NotExported(failure)
    }
}

impl Error {
    /// Something that we stand on fails, with its cause for the log.
    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// Our fault, with its cause for the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

/// What can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A path or method that the API does not have.
    Route,
    /// An account.
    User,
    /// An API key.
    Key,
    /// A connection to a database.
    Connection,
    /// A database that a search named.
    SearchedDatabase,
    /// A search of the history.
    Search,
    /// A connection to a warehouse.
    Warehouse,
    /// What is known of a table of a warehouse.
    Table,
    /// A file storage that a search named.
    Storage,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Route => "Route",
            Self::User => "User",
            Self::Key => "API key",
            Self::Connection | Self::Warehouse => "Database connection",
            Self::SearchedDatabase => "Database",
            Self::Search => "Search",
            Self::Table => "Table description",
            Self::Storage => "Database connection with a file storage",
        })
    }
}

/// A database that did not answer a search.
#[derive(Debug, Clone)]
pub struct DatabaseFailure {
    /// Which.
    pub database: DatabaseId,
    /// Its name among the connections of the account.
    pub name: String,
    /// Why.
    pub fault: Fault,
}

/// An error and its causes, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
