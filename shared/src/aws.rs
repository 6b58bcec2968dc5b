//! What AWS did not do, as an error of ours.

use std::fmt::Debug;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::error::Error;

/// What AWS says of the request itself, so that no other attempt would end otherwise ("Common errors" in the API references
/// of DynamoDB, KMS and Secrets Manager; the last two are those of `Decrypt`).
const OURS: [&str; 6] = [
    "InvalidParameterException",
    "InvalidRequestException",
    "SerializationException",
    "ValidationException",
    "IncorrectKeyException",
    "InvalidCiphertextException",
];

/// The error of a call that failed. What was not answered, answered by something else than AWS, or refused for now, for ever
/// or to us alone is no fault of the request: the next call may find it mended. Only what AWS says of the request is ours.
pub fn failed<E, R>(error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: Debug + Send + Sync + 'static,
{
    let is_ours = match &error {
        SdkError::ConstructionFailure(_) => true,
        SdkError::ServiceError(_) => error.code().is_some_and(|code| OURS.contains(&code)),
        _ => false,
    };
    if is_ours { Error::internal(error) } else { Error::unavailable(error) }
}
