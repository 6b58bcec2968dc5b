//! Which browsers may call, as the functions say it; in AWS the gateway answers in their place (`template.yaml`).

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::config::Config;

/// Lets the configured origins call with credentials.
pub(super) fn cors(config: &Config) -> CorsLayer {
    let origins = config.allowed_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(
            [
                "x-request-id",
                "x-ratelimit-limit",
                "x-ratelimit-remaining",
                "x-ratelimit-reset",
                "x-ratelimit-tier",
                "retry-after",
                "link",
                "x-next-cursor",
                "content-disposition",
                "deprecation",
                "etag",
            ]
            .map(HeaderName::from_static),
        )
        .max_age(Duration::from_mins(10))
}
