//! Around every request: an id, a clock, the envelope, the headers and one line in the log.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use lambda_http::Context;
use tower_http::catch_panic::CatchPanicLayer;

use super::cors::cors;
use super::envelope::{Meta, seal};
use super::log::Seen;
use super::metrics;
use super::origin;
use super::preflight::preflight;
use super::reply::Answer;
use super::routes::{Aliases, Elsewhere, Routes};
use super::wanted::Wanted;
use crate::app::App;
use crate::error::{Error, Resource};
use crate::id::{KeyId, RequestId, UserId};
use crate::keys::{Key, Tier};
use crate::limits::Quota;

/// What X-Ray knows a request by. The gateway gives it, the clients of AWS send it on, and the answer has it for whoever
/// looks for the request.
const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Since when aliases are kept for old clients alone, as a date of RFC 9745: 22 November 2026.
const DEPRECATION: (HeaderName, &str) = (HeaderName::from_static("deprecation"), "@1795305600");

/// The routes with everything around them.
pub fn edge(routes: Routes, app: App) -> Router {
    let cors = cors(&app.config);
    let (router, aliases, elsewhere) = routes.into_parts();
    router
        .fallback(async move |uri: Uri| nothing(elsewhere, uri.path()))
        .method_not_allowed_fallback(|| async { Error::NotFound(Resource::Route) })
        .layer(CatchPanicLayer::custom(|_| Error::internal("a handler panicked").into_response()))
        .layer(from_fn_with_state(Watch { app: app.clone(), is_warm: Arc::default(), aliases }, around))
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
    /// Paths that have become another.
    aliases: Aliases,
}

/// That there is no such path here. Where another function has it, with other methods, these are named as for a path of ours.
fn nothing(elsewhere: Option<Elsewhere>, path: &str) -> Response {
    let mut response = Error::NotFound(Resource::Route).into_response();
    let allowed = elsewhere.and_then(|methods| methods(path)).and_then(|methods| HeaderValue::from_str(&methods).ok());
    response.headers_mut().extend(allowed.map(|methods| (header::ALLOW, methods)));
    response
}

async fn around(State(Watch { app, is_warm, aliases }): State<Watch>, mut request: Request, next: Next) -> Response {
    let (id, began, notes) = (RequestId::fresh(), Instant::now(), Notes::default());
    let wanted = Wanted::of(&request);
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(notes.clone());
    let mut seen = Seen { is_cold_start: !is_warm.swap(true, Ordering::Relaxed), ..arrived(id, &request) };
    let is_known_origin = origin::check(request.headers(), &app.config).is_ok();

    let mut response = next.run(request).await;

    // A form on any page can log its visitor in, as somebody else. No browser keeps a session on behalf of such a page.
    if !is_known_origin {
        response.headers_mut().remove(header::SET_COOKIE);
    }

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
    seal(&mut response, meta, quota, &wanted);
    if aliases.contains_key(seen.route.as_str()) {
        let (name, since) = DEPRECATION;
        response.headers_mut().insert(name, HeaderValue::from_static(since));
    }
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
