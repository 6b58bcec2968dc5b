//! What either service can refuse, and how AWS calls it.

use std::io;

use axum::http::StatusCode;
use thiserror::Error;

/// Why an operation was refused. The text is the message that the caller reads.
#[derive(Debug, Error)]
pub enum Refused {
    #[error("unknown operation {0:?}")]
    UnknownOperation(String),
    #[error("the body is not JSON")]
    Malformed,
    #[error("{0}")]
    Validation(String),

    #[error("key {0} does not exist")]
    KeyNotFound(String),
    #[error("{0} is disabled")]
    KeyDisabled(String),
    #[error("{0} is pending deletion")]
    KeyPendingDeletion(String),
    #[error("{0} is not pending deletion")]
    KeyNotPendingDeletion(String),
    #[error("the key of the request is not the key of the ciphertext")]
    IncorrectKey,
    #[error("the ciphertext does not open under this encryption context")]
    InvalidCiphertext,
    #[error("alias {0} already exists")]
    AliasExists(String),
    #[error("an alias is alias/NAME, of letters, digits, /, _ and -, and not alias/aws/")]
    InvalidAlias,

    #[error("Secrets Manager can't find the specified secret")]
    SecretNotFound,
    #[error("Secrets Manager can't find the specified secret value for {0}")]
    VersionNotFound(String),
    #[error("{0} already exists")]
    ResourceExists(String),
    #[error("{0}")]
    InvalidParameter(String),
    #[error("{0}")]
    InvalidRequest(&'static str),

    #[error("the cryptographic library failed")]
    Cryptography,
    #[error("the state could not be written: {0}")]
    NotKept(io::Error),
}

impl Refused {
    /// The one table from what was refused to what the SDKs know it as.
    pub fn wire(&self) -> (StatusCode, &'static str) {
        let code = match self {
            Self::UnknownOperation(_) => "UnknownOperationException",
            Self::Malformed => "SerializationException",
            Self::Validation(_) => "ValidationException",
            Self::KeyNotFound(_) => "NotFoundException",
            Self::KeyDisabled(_) => "DisabledException",
            Self::KeyPendingDeletion(_) | Self::KeyNotPendingDeletion(_) => "KMSInvalidStateException",
            Self::IncorrectKey => "IncorrectKeyException",
            Self::InvalidCiphertext => "InvalidCiphertextException",
            Self::AliasExists(_) => "AlreadyExistsException",
            Self::InvalidAlias => "InvalidAliasNameException",
            Self::SecretNotFound | Self::VersionNotFound(_) => "ResourceNotFoundException",
            Self::ResourceExists(_) => "ResourceExistsException",
            Self::InvalidParameter(_) => "InvalidParameterException",
            Self::InvalidRequest(_) => "InvalidRequestException",
            Self::Cryptography | Self::NotKept(_) => return (StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure"),
        };
        (StatusCode::BAD_REQUEST, code)
    }
}
