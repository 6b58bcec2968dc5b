//! Around every request: an id, a clock, the envelope, the headers and one line in the log.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use lambda_http::Context;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tower_http::catch_panic::CatchPanicLayer;

use super::bare::{Bare, BareProblem};
use super::cors::cors;
use super::log::Seen;
use super::metrics;
use super::preflight::preflight;
use super::reply::Answer;
use super::routes::Routes;
use crate::app::App;
use crate::clock::Timestamp;
use crate::error::{Error, Resource};
use crate::id::{KeyId, RequestId, UserId};
use crate::keys::{Key, Tier};
use crate::limits::Quota;

/// Headers that protect a browser from us and us from a browser.
const SECURITY_HEADERS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=15552000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What X-Ray knows a request by. The gateway gives it, the clients of AWS send it on, and the answer has it for whoever
/// looks for the request.
const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// The routes with everything around them.
pub fn edge(routes: Routes, app: App) -> Router {
    let cors = cors(&app.config);
    routes
        .into_router()
        .fallback(|| async { Error::NotFound(Resource::Route) })
        .method_not_allowed_fallback(|| async { Error::NotFound(Resource::Route) })
        .layer(CatchPanicLayer::custom(|_| Error::internal("a handler panicked").into_response()))
        .layer(from_fn_with_state(Watch { app: app.clone(), is_warm: Arc::default() }, around))
        .layer(cors)
        .layer(from_fn(preflight))
        .with_state(app)
}

/// What extractors learn of a request, for its headers and its line in the log.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Noted>>);

#[derive(Clone, Copy, Default)]
struct Noted {
    user: Option<UserId>,
    quota: Option<Quota>,
    key: Option<(KeyId, Tier)>,
}

impl Notes {
    pub(super) fn note_user(&self, user: UserId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).user = Some(user);
    }

    pub(super) fn note_quota(&self, quota: Quota) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).quota = Some(quota);
    }

    pub(super) fn note_key(&self, key: &Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).key = Some((key.id, key.tier));
    }

    /// The key that the caller came with.
    pub(super) fn key(&self) -> Option<KeyId> {
        self.read().key.map(|(id, _)| id)
    }

    fn read(&self) -> Noted {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is around every request of a process.
#[derive(Clone)]
struct Watch {
    app: App,
    /// Whether there was a request before.
    is_warm: Arc<AtomicBool>,
}

async fn around(State(Watch { app, is_warm }): State<Watch>, mut request: Request, next: Next) -> Response {
    let (id, began, notes) = (RequestId::fresh(), Instant::now(), Notes::default());
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(notes.clone());
    let mut seen = Seen { is_cold_start: !is_warm.swap(true, Ordering::Relaxed), ..arrived(id, &request) };

    let mut response = next.run(request).await;

    let Noted { user, quota, key } = notes.read();
    let (now, took) = (app.clock.now(), began.elapsed());
    let meta = Meta {
        timestamp: now,
        request_id: id,
        version: env!("CARGO_PKG_VERSION"),
        execution_time: took.as_millis(),
        api_key_tier: key.map(|(_, tier)| tier),
        cached: None,
    };
    answered(&mut seen, &response, user, took);
    seen.log();
    if let Some(service) = &app.config.service {
        metrics::tell(service, now, &seen);
    }
    seal(&mut response, meta, quota);
    if let Some(trace) = seen.trace.and_then(|trace| HeaderValue::from_str(&trace).ok()) {
        response.headers_mut().insert(TRACE, trace);
    }
    response
}

/// What is known of a request when it comes.
fn arrived(id: RequestId, request: &Request) -> Seen {
    let context = request.extensions().get::<Context>();
    let traced = |headers: &HeaderMap| headers.get(TRACE)?.to_str().ok().map(str::to_owned);
    let route = request.extensions().get::<MatchedPath>().map_or("none".to_owned(), |path| path.as_str().to_owned());
    Seen {
        aws_request_id: context.map(|context| context.request_id.clone()),
        trace: context.and_then(|context| context.xray_trace_id.clone()).or_else(|| traced(request.headers())),
        ..Seen::new(id, request.method(), route)
    }
}

/// What is known of it once it is answered.
fn answered(seen: &mut Seen, response: &Response, user: Option<UserId>, took: Duration) {
    seen.status = response.status().as_u16();
    seen.user = user;
    seen.duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match response.extensions().get::<Answer>() {
        Some(Answer::Good { about, .. }) => seen.about = *about,
        Some(Answer::Bad { code, cause, .. }) => (seen.code, seen.cause) = (Some(*code), cause.clone()),
        Some(Answer::File(_)) | None => {}
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    timestamp: Timestamp,
    request_id: RequestId,
    version: &'static str,
    execution_time: u128,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_tier: Option<Tier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached: Option<bool>,
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

/// Puts the answer into its envelope, and the headers onto it.
fn seal(response: &mut Response, meta: Meta, quota: Option<Quota>) {
    let (id, status) = (meta.request_id.to_string(), response.status());
    let now = meta.timestamp;
    let is_bare = response.extensions_mut().remove::<Bare>().is_some();
    let (text, quota) = match response.extensions_mut().remove::<Answer>() {
        Some(Answer::Good { data, .. }) if is_bare => (Ok(Box::<str>::from(data).into_string()), quota),
        Some(Answer::Bad { code, message, details, quota: at_limit, .. }) if is_bare => {
            (serde_json::to_string(&BareProblem::new(code, &message, details)), quota.or(at_limit))
        }
        Some(Answer::Good { data, beside, cached, .. }) => {
            let meta = Meta { cached, ..meta };
            (serde_json::to_string(&Good { success: true, data, beside, meta }), quota)
        }
        Some(Answer::Bad { code, message, details, data, quota: at_limit, .. }) => {
            let error = Problem { code, message: message.into_owned(), details };
            (serde_json::to_string(&Bad { success: false, error, data, meta }), quota.or(at_limit))
        }
        Some(Answer::File(text)) => (Ok(text), quota),
        // Not ours: a layer of the framework has answered, and has said all it has to say.
        None => return,
    };
    // Maps with text keys and our own derived types can not fail to become JSON.
    *response.body_mut() = Body::from(text.unwrap_or_default());
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    for (name, value) in SECURITY_HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    let mut tell = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    tell("x-request-id", id);
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
