//! Answers of the second API: what was asked for and nothing around it, and errors in the form that its clients know
//! (FastAPI, "Handling Errors"), with their codes beside it.

use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

/// Stands on the answers of routes that have no envelope.
#[derive(Clone, Copy)]
pub(super) struct Bare;

/// An error. `detail` is the sentence that clients of the first generation show, and a list where a body has the wrong
/// shape; the others are what those of the second look at.
#[derive(Serialize)]
pub(super) struct BareProblem {
    detail: Value,
    error_code: &'static str,
    message: Value,
    description: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    reason: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    suggestion: Value,
}

impl BareProblem {
    /// The same error as elsewhere wears an envelope.
    pub(super) fn new(code: &'static str, message: &str, details: Option<Value>) -> Self {
        let sentence = Value::from(message);
        // Those of other errors are for clients of the first API.
        let own = details.as_ref().filter(|details| details["message"].is_string());
        let of_details = |name: &str| own.map_or(Value::Null, |details| details[name].clone());
        Self {
            error_code: code,
            message: own.map_or_else(|| sentence.clone(), |details| details["message"].clone()),
            description: of_details("description"),
            reason: of_details("reason"),
            suggestion: of_details("suggestion"),
            detail: details.filter(Value::is_array).unwrap_or(sentence),
        }
    }
}

/// Marks an answer as one without an envelope.
pub(super) async fn bare(mut response: Response) -> Response {
    response.extensions_mut().insert(Bare);
    response
}
