//! Why a file was not put.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::byte_stream::ByteStream;

use super::Unusable;

/// How much is read of what S3 says of an error: its documents have some hundred bytes.
const ERROR_BYTES_MAX: usize = 16 * 1024;

/// A reason, as a sentence that holds nothing of what S3 has said, no name and no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It can not be asked for.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// No answer in time.
    #[error("the file storage did not answer in time")]
    Late,
    /// Nobody answers there.
    #[error("the file storage could not be reached")]
    Unreachable,
    /// The key is none, or its secret another one.
    #[error("the file storage does not know this access key, or it has another secret")]
    Auth,
    /// The key may not do that.
    #[error("the access key may not put files into this bucket")]
    Permission,
    /// There is no such bucket.
    #[error("there is no bucket of this name")]
    NoSuchBucket,
    /// It is somewhere else.
    #[error("the bucket is in another region than the one that is named")]
    Region,
    /// It has too much to do, or has failed.
    #[error("the file storage fails at present, or has too much to do")]
    Busy,
    /// Something answered, but not as S3 does.
    #[error("the file storage did not answer as S3 does")]
    Wrong,
    /// The file is larger than what is put.
    #[error("the file would have more than 32 MB")]
    TooLarge,
}

impl Failure {
    /// The word for it in answers, so that a client can decide by it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unusable(_) => "bad_file_storage",
            Self::Late => "timeout",
            Self::Unreachable | Self::Wrong => "refused",
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::NoSuchBucket => "no_such_bucket",
            Self::Region => "region",
            Self::Busy => "unavailable",
            Self::TooLarge => "too_large",
        }
    }

    /// What helps.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Unusable(_) | Self::NoSuchBucket => "Put the connection again with a file_storage that is right",
            Self::Late | Self::Unreachable | Self::Busy | Self::Wrong => "Try again in a few seconds",
            Self::Auth => "Put the connection again with an access key that is active, and its secret",
            Self::Permission => {
                "Allow the owner of the access key s3:PutObject in the bucket, and s3:GetObject for the link"
            }
            Self::Region => "Put the connection again with the region of the bucket as file_storage.region",
            Self::TooLarge => "Ask for fewer rows",
        }
    }

    /// What an answer that is no success tells ("Error Responses", API reference of Amazon S3).
    pub(super) async fn read(response: HttpResponse) -> Self {
        let status = response.status().as_u16();
        let said = beginning(response).await;
        let code = said.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
        match (status, code.unwrap_or_default()) {
            (_, "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken" | "ExpiredToken") | (401, _) => {
                Self::Auth
            }
            (300..=399, _)
            | (
                _,
                "AuthorizationHeaderMalformed"
                | "AuthorizationQueryParametersError"
                | "IllegalLocationConstraintException",
            ) => Self::Region,
            (403, _) => Self::Permission,
            (404, "NoSuchBucket") => Self::NoSuchBucket,
            (429 | 500..=599, _) => Self::Busy,
            _ => Self::Wrong,
        }
    }
}

/// What is said first, as far as it is text.
async fn beginning(response: HttpResponse) -> String {
    let (mut stream, mut bytes) = (ByteStream::new(response.into_body()), Vec::new());
    while bytes.len() < ERROR_BYTES_MAX
        && let Ok(Some(chunk)) = stream.try_next().await
    {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(ERROR_BYTES_MAX);
    String::from_utf8_lossy(&bytes).into_owned()
}
