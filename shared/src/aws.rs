//! What AWS did not do, as an error of ours, and where it is.

use std::fmt::{self, Debug};
use std::str::FromStr;

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

/// A region, such as `eu-central-1`: one of those whose services are at `amazonaws.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region(String);

/// It has not the form of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a region has to have the form of eu-central-1; those of China have another domain and are not known")]
pub struct NoRegion;

impl Region {
    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = NoRegion;

    /// It becomes a part of the name of a host, so that nothing else may stand there.
    fn from_str(text: &str) -> Result<Self, NoRegion> {
        let parts: Vec<&str> = text.split('-').collect();
        let [first, words @ .., number] = parts.as_slice() else { return Err(NoRegion) };
        let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_number = (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        let is_region =
            first.len() == 2 && is_word(first) && !words.is_empty() && words.iter().all(is_word) && is_number;
        if is_region && text.len() <= 32 && *first != "cn" { Ok(Self(text.to_owned())) } else { Err(NoRegion) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
