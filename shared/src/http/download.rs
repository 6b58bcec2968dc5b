//! An answer that is a file: no envelope, and what a program needs for the next part stands in headers.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LINK};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::reply::{Answer, Reply, answer};

/// A text to be kept in a file.
pub struct Download {
    /// What it is, such as `text/csv; charset=utf-8`.
    pub content_type: &'static str,
    /// What a browser calls the file. Letters, digits, dots and hyphens only.
    pub file_name: String,
    /// The text.
    pub text: String,
    /// What asks for the part after this one, if there is one.
    pub next: Option<Next>,
}

/// The same in one of two forms.
pub enum InForm<T> {
    /// In the envelope.
    Json(Reply<T>),
    /// As a file.
    File(Download),
}

/// The part of a file that comes next.
pub struct Next {
    /// The cursor of the request for it, told in `X-Next-Cursor`.
    pub cursor: String,
    /// Path and query string of that request, told in `Link` (RFC 8288).
    pub path: String,
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        let mut response = answer(StatusCode::OK, Answer::File(self.text));
        let headers = response.headers_mut();
        let mut tell = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        };
        tell(CONTENT_TYPE, self.content_type.to_owned());
        tell(CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.file_name));
        if let Some(next) = self.next {
            tell(LINK, format!("<{}>; rel=\"next\"", next.path));
            tell(HeaderName::from_static("x-next-cursor"), next.cursor);
        }
        response
    }
}

impl<T: Serialize> IntoResponse for InForm<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Json(reply) => reply.into_response(),
            Self::File(download) => download.into_response(),
        }
    }
}
