//! The path and the query of a request, as API Gateway tells them.
//!
//! An HTTP API tells the path decoded, all but `%25` of it (`rawPath`, as captured in issue 169 of fastify/aws-lambda-fastify),
//! and the query as it came. `lambda_http` makes a URL of them as a browser would: it takes away what stands before `..`, has a
//! path end at a `?` that was an escape, and panics at a query with a character that no URI has. Here a path leads where it says.

use axum::http::uri::PathAndQuery;
use axum::http::{Request, Uri};
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::{LambdaEvent, RequestExt};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What a query has only as an escape. A percent sign is none of it: it begins an escape already.
const OF_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// What a path has only as an escape.
const OF_PATH: &AsciiSet =
    &OF_QUERY.add(b'?').add(b'[').add(b'\\').add(b']').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// The event with a path and a query that `lambda_http` can read.
pub(super) fn readable(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        for (text, escaped) in [(&mut request.raw_path, OF_PATH), (&mut request.raw_query_string, OF_QUERY)] {
            *text = text.as_deref().map(|text| utf8_percent_encode(text, escaped).to_string());
        }
    }
    event
}

/// The request with the path that the gateway has told, without the name of its stage. The template makes only the default
/// stage, which has none; somebody who puts another in front finds the same API there.
pub(super) fn as_told<B>(mut request: Request<B>) -> Request<B> {
    if let Some(uri) = told(&request) {
        *request.uri_mut() = uri;
    }
    request
}

fn told<B>(request: &Request<B>) -> Option<Uri> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.extensions().get() else { return None };
    let path = request.raw_http_path();
    let behind = |stage: &str| path.strip_prefix('/')?.strip_prefix(stage).filter(|rest| rest.starts_with('/'));
    let path = context.stage.as_deref().and_then(behind).unwrap_or(path);
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(path.starts_with('/').then(|| PathAndQuery::try_from(format!("{path}{query}")))?.ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use lambda_http::Context;
    use serde_json::json;

    use super::*;

    /// What the routes get of this path and this query.
    fn target_of(stage: &str, path: &str, query: &str) -> String {
        let context = json!({ "http": { "method": "GET" }, "stage": stage });
        let event = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
            "headers": { "host": "example.com" }, "requestContext": context, "isBase64Encoded": false,
        });
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
        let request: lambda_http::Request = readable(event).payload.into();
        as_told(request).uri().path_and_query().unwrap().to_string()
    }

    #[test]
    fn a_stage_is_taken_from_the_path_and_nothing_else_is() {
        for (stage, path, query, expected) in [
            ("$default", "/health", "", "/health"),
            ("prod", "/prod/health", "deep=1", "/health?deep=1"),
            ("prod", "/health", "", "/health"),
            ("prod", "/production/health", "", "/production/health"),
            ("api", "/api", "", "/api"),
            ("v1", "/api/v1/health", "", "/api/v1/health"),
        ] {
            assert_eq!(target_of(stage, path, query), expected, "{stage} {path}");
        }
    }

    #[test]
    fn a_path_leads_where_it_says() {
        for (path, expected) in [
            ("/a/../health", "/a/../health"),
            ("/a/./health", "/a/./health"),
            ("//health", "//health"),
            ("/a\\health", "/a%5Chealth"),
            ("/health?deep=1", "/health%3Fdeep=1"),
            ("/health#deep", "/health%23deep"),
            ("/heal\tth", "/heal%09th"),
            ("/é <\0>", "/%C3%A9%20%3C%00%3E"),
            ("/100%25", "/100%25"),
            ("/100%", "/100%"),
        ] {
            assert_eq!(target_of("$default", path, ""), expected, "{path:?}");
        }
    }

    #[test]
    fn a_query_may_hold_whatever_a_client_has_sent() {
        for (query, expected) in [
            ("a=%20b+c&d", "/?a=%20b+c&d"),
            ("q=<é \"#\0>", "/?q=%3C%C3%A9%20%22%23%00%3E"),
            ("q=[{|}]^`\\%", "/?q=[{|}]^`\\%"),
        ] {
            assert_eq!(target_of("$default", "/", query), expected, "{query:?}");
        }
    }
}
