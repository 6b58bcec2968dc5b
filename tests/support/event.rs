//! Requests as events of an HTTP API (payload format 2.0), and the answers of functions as responses. See "Working with AWS
//! Lambda proxy integrations for HTTP APIs" in the developer guide of API Gateway.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::lambda::TRACE;

/// The path of a request as the gateway goes by it, and tells it: decoded, all but the percent sign itself. Captured in issue
/// 169 of fastify/aws-lambda-fastify; what it makes of bytes that are no text is not known.
pub fn path(parts: &Parts) -> String {
    let decoded = parts.uri.path().split("%25").map(|part| percent_decode_str(part).decode_utf8_lossy());
    decoded.collect::<Vec<_>>().join("%25")
}

/// The event of a request.
pub fn event(parts: &Parts, body: &[u8], peer: SocketAddr, (route, parameters): (&str, Map<String, Value>)) -> Value {
    let (path, query) = (path(parts), parts.uri.query().unwrap_or_default());
    let names: BTreeSet<&str> = parts.headers.keys().map(|name| name.as_str()).collect();
    let mut headers: Map<String, Value> = names
        .into_iter()
        .filter(|name| *name != "cookie")
        .map(|name| (name.to_owned(), joined(&parts.headers, name)))
        .collect();
    headers.insert("x-amzn-trace-id".to_owned(), TRACE.into());
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "r3pmxmplak",
            "domainName": "r3pmxmplak.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "r3pmxmplak",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": peer.ip().to_string(),
                "userAgent": joined(&parts.headers, "user-agent"),
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "time": "10/Mar/2020:05:16:23 +0000",
            "timeEpoch": 1_583_817_383_220_i64,
        },
        "isBase64Encoded": false,
    });
    if !parameters.is_empty() {
        event["pathParameters"] = parameters.into();
    }
    let cookies =
        parts.headers.get_all(header::COOKIE).iter().flat_map(|value| value.to_str().expect("text").split("; "));
    let cookies: Vec<&str> = cookies.collect();
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if let Some((text, is_base64)) = encoded(&parts.headers, body) {
        (event["body"], event["isBase64Encoded"]) = (text.into(), is_base64.into());
    }
    event
}

/// The body as the gateway sends it on: as it is where its type says that it is text, else in base64.
fn encoded(headers: &HeaderMap, body: &[u8]) -> Option<(String, bool)> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_text = ["text/", "application/json", "application/javascript", "application/xml"].iter();
    let text = is_text.into_iter().any(|text| kind.starts_with(text)).then(|| String::from_utf8(body.to_vec()).ok());
    let encoded = text.flatten().map_or_else(|| (BASE64.encode(body), true), |text| (text, false));
    (!body.is_empty()).then_some(encoded)
}

/// The values of a header, as one.
fn joined(headers: &HeaderMap, name: &str) -> Value {
    let values: Vec<String> =
        headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
    values.join(",").into()
}

/// What the client gets. Where a function fails the gateway says so in words of its own.
pub fn response(answer: &Value) -> Response {
    let Some(status) = answer["statusCode"].as_u64() else {
        return failed(answer);
    };
    let mut response = Response::builder().status(u16::try_from(status).expect("a status"));
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        response = response.header(name, text(value));
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        response = response.header(header::SET_COOKIE, text(cookie));
    }
    let body = answer["body"].as_str().unwrap_or_default();
    let is_base64 = answer["isBase64Encoded"] == true;
    let body = if is_base64 { BASE64.decode(body.as_bytes()).expect("base64") } else { body.as_bytes().to_vec() };
    response.body(Body::from(body)).expect("an answer")
}

fn failed(answer: &Value) -> Response {
    eprintln!("the function failed: {answer}");
    let body = Body::from("{\"message\":\"Internal Server Error\"}");
    Response::builder().status(500).body(body).expect("an answer")
}
