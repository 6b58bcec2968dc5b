//! What an error tells besides its code and its sentence.

use serde_json::{Value, json};

use super::envelope::UNAVAILABLE_S;
use super::view::{FailedDatabase, FaultView};
use crate::error::{Error, Invalid, Resource};
use crate::keys::KeyRefused;

/// What stands in `details`.
pub(super) fn details(error: &Error) -> Option<Value> {
    match error {
        Error::Validation(invalid) => Some(validation(invalid)),
        Error::Misshapen(misfits) => Some(json!(misfits)),
        Error::Warehouse(refused) => Some(json!({
            "message": refused.message(),
            "description": refused.description(),
            "reason": refused.reason(),
        })),
        Error::NotExported(failure) => Some(json!({
            "message": "The file was not exported",
            "description": failure.to_string(),
            "reason": failure.code(),
            "suggestion": failure.hint(),
        })),
        Error::KeyRefused(refused) => Some(json!({ "reason": reason(*refused) })),
        Error::BadCredentials => Some(json!({ "legacyCode": "AUTHENTICATION_FAILED" })),
        Error::PermissionMissing { required, available } => {
            Some(json!({ "required": required, "available": available }))
        }
        Error::NotFound(Resource::Connection) => Some(json!({ "genericCode": "NOT_FOUND" })),
        Error::BodyTooLarge { limit_bytes } => Some(json!({ "limitBytes": limit_bytes })),
        Error::Unavailable(_) => Some(json!({ "retryAfter": UNAVAILABLE_S })),
        Error::TooMany { what, limit } => Some(json!({ "what": what, "limit": limit })),
        Error::RateLimited { quota, retry_after_s } => Some(json!({
            "limit": quota.allowance.calls,
            "remaining": 0,
            "windowStart": quota.began_at,
            "resetTime": quota.resets_at,
            "retryAfter": retry_after_s,
            "tier": quota.allowance.title,
            "upgradeMessage": quota.allowance.upgrade,
        })),
        Error::DatabaseRefused(fault)
        | Error::DatabaseChangeRefused(fault)
        | Error::DatabaseUnreachable(fault)
        | Error::DatabaseFailed(fault) => Some(json!(FaultView::from(fault))),
        Error::AllDatabasesFailed(failures) | Error::SearchIncomplete(failures) => {
            Some(json!({ "failedDatabases": failures.iter().map(FailedDatabase::from).collect::<Vec<_>>() }))
        }
        _ => None,
    }
}

/// What a failed test answers besides its error: clients look for the verdict in either place.
pub(super) fn data(error: &Error) -> Option<Value> {
    match error {
        Error::DatabaseUnreachable(fault) => Some(json!({
            "connected": false,
            "message": fault.to_string(),
            "suggestion": fault.reason.hint(),
        })),
        _ => None,
    }
}

fn validation(invalid: &Invalid) -> Value {
    let Invalid { field, kind, reason } = invalid;
    json!({
        "field": field,
        "reason": reason,
        "errors": [{ "field": field, "message": reason, "code": kind.code() }],
    })
}

fn reason(refused: KeyRefused) -> &'static str {
    match refused {
        KeyRefused::Missing => "missing",
        KeyRefused::Malformed => "malformed",
        KeyRefused::Unknown => "unknown",
        KeyRefused::Revoked => "revoked",
        KeyRefused::Expired => "expired",
    }
}
