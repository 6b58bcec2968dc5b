//! Stages of API Gateway that are not the default one, whose names it puts before every path.

use axum::http::uri::PathAndQuery;
use axum::http::{Request, Uri};
use lambda_http::request::RequestContext;

/// The request with the path that the routes know. The template makes only the default stage; somebody who puts another in
/// front finds the same API there.
pub(super) fn without_stage<B>(mut request: Request<B>) -> Request<B> {
    if let Some(uri) = stripped(&request) {
        *request.uri_mut() = uri;
    }
    request
}

fn stripped<B>(request: &Request<B>) -> Option<Uri> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.extensions().get() else { return None };
    let rest = request.uri().path_and_query()?.as_str().strip_prefix('/')?.strip_prefix(context.stage.as_deref()?)?;
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(rest.starts_with('/').then(|| PathAndQuery::try_from(rest)).transpose().ok()??);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;

    use super::*;

    fn path_of(stage: &str, path: &str) -> String {
        let mut request = Request::builder().uri(format!("https://example.com{path}")).body(Body::empty()).unwrap();
        let mut context = ApiGatewayV2httpRequestContext::default();
        context.stage = Some(stage.to_owned());
        request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
        without_stage(request).uri().path_and_query().unwrap().to_string()
    }

    #[test]
    fn a_stage_is_taken_from_the_path_and_nothing_else_is() {
        assert_eq!(path_of("$default", "/health"), "/health");
        assert_eq!(path_of("prod", "/prod/health?deep=1"), "/health?deep=1");
        assert_eq!(path_of("prod", "/production/health"), "/production/health");
        assert_eq!(path_of("api", "/api"), "/api");
        assert_eq!(path_of("v1", "/api/v1/health"), "/api/v1/health");
    }
}
