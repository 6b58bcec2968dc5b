//! The envelope around an answer, and the headers on it.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::bare::{Bare, BareProblem};
use super::reply::Answer;
use super::wanted::{Wanted, tag};
use crate::clock::Timestamp;
use crate::id::RequestId;
use crate::keys::Tier;
use crate::limits::Quota;

/// How many seconds a client is told to wait where something that we stand on does not answer: nothing is mended sooner.
pub(super) const UNAVAILABLE_S: u64 = 5;

/// Headers that protect a browser from us and us from a browser.
const SECURITY_HEADERS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) timestamp: Timestamp,
    pub(super) request_id: RequestId,
    pub(super) version: &'static str,
    pub(super) execution_time: u128,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) api_key_tier: Option<Tier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cached: Option<bool>,
}

#[derive(Serialize)]
struct Good {
    success: bool,
    data: Box<RawValue>,
    #[serde(flatten)]
    beside: Map<String, Value>,
    meta: Meta,
}

#[derive(Serialize)]
struct Bad {
    success: bool,
    error: Problem,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    meta: Meta,
}

#[derive(Serialize)]
struct Problem {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Value>,
}

/// Puts the answer into its envelope, and the headers onto it. Of a read that its client has already, the headers alone.
pub(super) fn seal(response: &mut Response, meta: Meta, quota: Option<Quota>, wanted: &Wanted) {
    let (id, now) = (meta.request_id.to_string(), meta.timestamp);
    let is_bare = response.extensions_mut().remove::<Bare>().is_some();
    let (text, quota) = match response.extensions_mut().remove::<Answer>() {
        Some(Answer::Good { data, beside, cached, .. }) => {
            if wanted.is_read && response.status() == StatusCode::OK && is_known(response, &data, &beside, wanted) {
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                (None, quota)
            } else if is_bare {
                (Some(Box::<str>::from(data).into_string()), quota)
            } else {
                let meta = Meta { cached, ..meta };
                (serde_json::to_string(&Good { success: true, data, beside, meta }).ok(), quota)
            }
        }
        Some(Answer::Bad { code, message, details, quota: at_limit, .. }) if is_bare => {
            (serde_json::to_string(&BareProblem::new(code, &message, details)).ok(), quota.or(at_limit))
        }
        Some(Answer::Bad { code, message, details, data, quota: at_limit, .. }) => {
            let error = Problem { code, message: message.into_owned(), details };
            (serde_json::to_string(&Bad { success: false, error, data, meta }).ok(), quota.or(at_limit))
        }
        Some(Answer::File(text)) => (Some(text), quota),
        // Not ours: a layer of the framework has answered, and has said all it has to say.
        None => return,
    };
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Some(text) = text {
        fill(response, text, wanted);
    }
    tell(response, id, quota, now);
}

/// Tags the answer with what it says, and whether its client has that already. What is told of the request itself, in `meta`,
/// is no part of the tag.
fn is_known(response: &mut Response, data: &RawValue, beside: &Map<String, Value>, wanted: &Wanted) -> bool {
    let tag = tag(data.get(), beside);
    let is_known = wanted.has(&tag);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    is_known
}

/// The body, packed where its client can unpack it and that is worth it.
fn fill(response: &mut Response, text: String, wanted: &Wanted) {
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    let packed = wanted.packed(&text);
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    *response.body_mut() = packed.map_or_else(|| Body::from(text), Body::from);
}

fn tell(response: &mut Response, id: String, quota: Option<Quota>, now: Timestamp) {
    let status = response.status();
    let mut tell = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    tell("x-request-id", id);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        tell("retry-after", UNAVAILABLE_S.to_string());
    }
    if let Some(quota) = quota {
        tell("x-ratelimit-limit", quota.allowance.calls.to_string());
        tell("x-ratelimit-remaining", quota.remaining.to_string());
        tell("x-ratelimit-reset", quota.resets_at.to_string());
        tell("x-ratelimit-tier", quota.allowance.title.to_owned());
        if status == StatusCode::TOO_MANY_REQUESTS {
            tell("retry-after", quota.wait_s(now).to_string());
        }
    }
}
