//! An answer that is the same for everybody, and known when the program is built: no envelope.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;

use super::reply::{Answer, answer};

/// A text that was made with the program.
pub struct Fixed {
    content_type: &'static str,
    text: &'static str,
    policy: Option<String>,
}

impl Fixed {
    /// JSON for programs.
    pub fn json(text: &'static str) -> Self {
        Self { content_type: "application/json", text, policy: None }
    }

    /// A page for people. A browser loads nothing for it and runs nothing in it; the one style that stands in it is allowed
    /// by its hash (Content Security Policy Level 3, 2.3.1).
    pub fn page(html: &'static str) -> Self {
        let style = html.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap_or_default();
        let hash = BASE64.encode(digest(&SHA256, style.as_bytes()).as_ref());
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        Self { content_type: "text/html; charset=utf-8", text: html, policy: Some(policy) }
    }
}

impl IntoResponse for Fixed {
    fn into_response(self) -> Response {
        let mut response = answer(StatusCode::OK, Answer::File(self.text.to_owned()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(policy) = self.policy.and_then(|policy| HeaderValue::from_str(&policy).ok()) {
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}
