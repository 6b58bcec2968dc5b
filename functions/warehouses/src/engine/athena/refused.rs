//! What Athena says when it does not do something, as a reason of ours ("Common Errors" and those of each operation, API
//! reference of Amazon Athena).

use aws_sdk_athena::config::http::HttpResponse;
use aws_sdk_athena::error::{ProvideErrorMetadata, SdkError};

use crate::engine::Refusal;

/// Of the request for a work group: what is wrong with it can only be the name.
pub(super) fn of_work_group<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Refusal {
    if error.code() == Some("InvalidRequestException") { Refusal::NoSuchWorkGroup } else { refusal(error) }
}

/// Of a look into the catalogue. Glue's errors are told as one, whose text is the only difference between a database that is not
/// there and one that may not be seen.
pub(super) fn of_catalogue<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Refusal {
    match (error.code(), error.message().unwrap_or_default()) {
        (Some("MetadataException"), text) if is_denial(text) => Refusal::Permission,
        (Some("MetadataException" | "InvalidRequestException"), _) => Refusal::NoSuchDatabase,
        _ => refusal(error),
    }
}

/// Of a statement, or of what became of it: the statement is ours, so that what is wrong with it is the table, or the place for
/// its result.
pub(super) fn of_statement<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Refusal {
    if error.code() == Some("InvalidRequestException") { Refusal::Unreadable } else { refusal(error) }
}

/// Of the reason for which a statement ended.
pub(super) fn of_end(text: &str) -> Refusal {
    match text {
        text if text.contains("TABLE_NOT_FOUND") || text.contains("EntityNotFoundException") => Refusal::NoSuchTable,
        text if is_denial(text) => Refusal::Permission,
        _ => Refusal::Unreadable,
    }
}

fn is_denial(text: &str) -> bool {
    [
        "AccessDenied",
        "Access Denied",
        "Insufficient permissions",
        "Insufficient Lake Formation permission",
        "PERMISSION_DENIED",
    ]
    .iter()
    .any(|denial| text.contains(denial))
}

fn refusal<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Refusal {
    match error {
        SdkError::TimeoutError(_) => Refusal::Timeout,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Refusal::Timeout,
        SdkError::DispatchFailure(_) => Refusal::Refused,
        SdkError::ServiceError(said) => of_code(error.code().unwrap_or_default(), said.raw().status().as_u16()),
        // A failure in whatever words, or none.
        SdkError::ResponseError(said) => of_code("", said.raw().status().as_u16()),
        _ => Refusal::Protocol,
    }
}

fn of_code(code: &str, status: u16) -> Refusal {
    match code {
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "InvalidClientTokenId"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "ExpiredTokenException"
        | "SignatureDoesNotMatch" => Refusal::Auth,
        "AccessDeniedException" | "AccessDenied" | "NotAuthorized" | "OptInRequired" => Refusal::Permission,
        "ThrottlingException" | "TooManyRequestsException" | "InternalServerException" => Refusal::Busy,
        _ if status == 429 || status >= 500 => Refusal::Busy,
        _ => Refusal::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_statement_says_whether_its_table_is_gone_or_closed() {
        for (text, expected) in [
            ("TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.db.t' does not exist", Refusal::NoSuchTable),
            ("PERMISSION_DENIED: Access Denied: Failed to query with id", Refusal::Permission),
            ("Insufficient permissions to execute the query.", Refusal::Permission),
            ("HIVE_BAD_DATA: Error parsing field value", Refusal::Unreadable),
            ("", Refusal::Unreadable),
        ] {
            assert_eq!(of_end(text), expected, "{text}");
        }
    }
}
