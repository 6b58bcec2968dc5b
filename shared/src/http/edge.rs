//! Around every request: an id, a clock, the envelope, the headers and one line in the log.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::preflight::preflight;
use super::reply::Answer;
use super::routes::Routes;
use crate::app::App;
use crate::clock::Timestamp;
use crate::config::Config;
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

/// The routes with everything around them.
pub fn edge(routes: Routes, app: App) -> Router {
    let cors = cors(&app.config);
    routes
        .into_router()
        .fallback(|| async { Error::NotFound(Resource::Route) })
        .method_not_allowed_fallback(|| async { Error::NotFound(Resource::Route) })
        .layer(CatchPanicLayer::custom(|_| Error::internal("a handler panicked").into_response()))
        .layer(from_fn_with_state(app.clone(), around))
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

async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let (id, began, notes) = (RequestId::fresh(), Instant::now(), Notes::default());
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(notes.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none".to_owned(), |path| path.as_str().to_owned());

    let mut response = next.run(request).await;

    let Noted { user, quota, key } = notes.read();
    let took = began.elapsed();
    let meta = Meta {
        timestamp: app.clock.now(),
        request_id: id,
        version: env!("CARGO_PKG_VERSION"),
        execution_time: took.as_millis(),
        api_key_tier: key.map(|(_, tier)| tier),
        cached: None,
    };
    log(id, &method, &route, &response, user, took);
    seal(&mut response, meta, quota);
    response
}

fn log(id: RequestId, method: &Method, route: &str, response: &Response, user: Option<UserId>, took: Duration) {
    let status = response.status().as_u16();
    let user = user.map(tracing::field::display);
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let cause = match response.extensions().get::<Answer>() {
        Some(Answer::Bad { cause, .. }) => cause.as_deref(),
        _ => None,
    };
    if let Some(cause) = cause {
        tracing::error!(request_id = %id, %method, route, status, user, duration_ms, cause, "answered");
    } else {
        tracing::info!(request_id = %id, %method, route, status, user, duration_ms, "answered");
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
    let (text, quota) = match response.extensions_mut().remove::<Answer>() {
        Some(Answer::Good { data, beside, cached }) => {
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

fn cors(config: &Config) -> CorsLayer {
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
            ]
            .map(HeaderName::from_static),
        )
        .max_age(Duration::from_mins(10))
}
