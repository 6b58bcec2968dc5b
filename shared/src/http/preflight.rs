//! The question of a browser whether it may send what it is about to send.

use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

/// What the layer of CORS answers to it, with the status that the gateway gives in AWS, and without a word on other methods.
pub(super) async fn preflight(request: Request, next: Next) -> Response {
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if is_preflight && response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NO_CONTENT;
        response.headers_mut().remove(header::ALLOW);
    }
    response
}
