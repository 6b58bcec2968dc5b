//! Answers: what a handler gives back, and the one table from errors to statuses and codes.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use super::cookie::RefreshCookie;
use super::details::{data, details};
use super::log::About;
use super::size::is_too_large;
use crate::analytics::Times;
use crate::error::{Error, Resource, chain};
use crate::limits::Quota;
use crate::users::SessionRefused;

/// A good answer.
pub struct Reply<T> {
    status: StatusCode,
    data: T,
    beside: Map<String, Value>,
    cookie: Option<RefreshCookie>,
    cached: Option<bool>,
    about: About,
}

impl<T: Serialize> Reply<T> {
    /// 200 with this as `data`.
    pub fn ok(data: T) -> Self {
        Self { status: StatusCode::OK, data, beside: Map::new(), cookie: None, cached: None, about: About::default() }
    }

    /// 201 with this as `data`.
    pub fn created(data: T) -> Self {
        Self { status: StatusCode::CREATED, ..Self::ok(data) }
    }

    /// The same with a field beside `data`, for clients that look for it there.
    #[must_use]
    pub fn beside(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.beside.insert(name.to_owned(), value.into());
        self
    }

    /// The same, saying in `meta` whether it was answered before and kept.
    #[must_use]
    pub fn cached(self, cached: bool) -> Self {
        Self { cached: Some(cached), ..self }
    }

    /// The same, telling the log where the time went, how many databases answered, and how many rows there are.
    #[must_use]
    pub fn about(self, times: &Times, databases: usize, rows: usize) -> Self {
        let (ask_ms, order_ms, fetch_ms) = (Some(times.ask_ms), Some(times.order_ms), Some(times.fetch_ms));
        Self { about: About { ask_ms, order_ms, fetch_ms, databases: Some(databases), rows: Some(rows) }, ..self }
    }

    /// The same with a cookie for the browser to keep, or to forget.
    #[must_use]
    pub fn cookie(self, cookie: RefreshCookie) -> Self {
        Self { cookie: Some(cookie), ..self }
    }
}

/// What the edge makes an envelope of.
#[derive(Clone)]
pub(super) enum Answer {
    Good {
        data: Box<RawValue>,
        beside: Map<String, Value>,
        cached: Option<bool>,
        about: About,
    },
    Bad {
        code: &'static str,
        message: Cow<'static, str>,
        details: Option<Value>,
        data: Option<Value>,
        quota: Option<Quota>,
        cause: Option<String>,
    },
    /// A text that has no envelope. Its type and other headers are on the response.
    File(String),
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let data = match to_raw_value(&self.data) {
            Ok(data) if is_too_large(data.get()) => return Error::AnswerTooLarge.into_response(),
            Ok(data) => data,
            Err(e) => return Error::internal(e).into_response(),
        };
        let good = Answer::Good { data, beside: self.beside, cached: self.cached, about: self.about };
        let mut response = answer(self.status, good);
        if let Some(cookie) = self.cookie {
            response.headers_mut().insert(SET_COOKIE, cookie.into());
        }
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code) = wire(&self);
        let bad = Answer::Bad {
            code,
            message: message(&self),
            details: details(&self),
            data: data(&self),
            quota: quota(&self),
            cause: status.is_server_error().then(|| chain(&self)),
        };
        answer(status, bad)
    }
}

pub(super) fn answer(status: StatusCode, answer: Answer) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(answer);
    response
}

/// The one table from what went wrong to what the client sees. `docs/errors.md` says what each tells its reader.
fn wire(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::Validation(_) => (StatusCode::BAD_REQUEST, "VALIDATION_ERROR"),
        Error::Misshapen(_) => (StatusCode::UNPROCESSABLE_ENTITY, "validation_error"),
        Error::Warehouse(refused) => (StatusCode::BAD_REQUEST, refused.code()),
        Error::MalformedJson(_) => (StatusCode::BAD_REQUEST, "INVALID_JSON"),
        Error::BodyTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE"),
        Error::AnswerTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "ANSWER_TOO_LARGE"),
        Error::SessionRefused(SessionRefused::Missing) => (StatusCode::UNAUTHORIZED, "NO_TOKEN"),
        Error::SessionRefused(SessionRefused::NotBearer) => (StatusCode::UNAUTHORIZED, "INVALID_AUTH_FORMAT"),
        Error::SessionRefused(SessionRefused::Invalid) => (StatusCode::UNAUTHORIZED, "INVALID_TOKEN"),
        Error::SessionRefused(SessionRefused::Expired) => (StatusCode::UNAUTHORIZED, "TOKEN_EXPIRED"),
        Error::SessionRefused(SessionRefused::Ended | SessionRefused::Reused) => {
            (StatusCode::UNAUTHORIZED, "TOKEN_REFRESH_FAILED")
        }
        Error::KeyRefused(_) => (StatusCode::UNAUTHORIZED, "INVALID_API_KEY"),
        Error::BadCredentials => (StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS"),
        Error::PasswordRefused(_) => (StatusCode::BAD_REQUEST, "PASSWORD_CHANGE_FAILED"),
        Error::OriginRefused => (StatusCode::FORBIDDEN, "FORBIDDEN"),
        Error::PermissionMissing { .. } => (StatusCode::FORBIDDEN, "INSUFFICIENT_PERMISSIONS"),
        Error::PrivilegeMissing(_) => (StatusCode::FORBIDDEN, "INSUFFICIENT_PRIVILEGES"),
        Error::NotFound(Resource::Route | Resource::Search | Resource::SearchedDatabase | Resource::Storage) => {
            (StatusCode::NOT_FOUND, "NOT_FOUND")
        }
        Error::NotFound(Resource::User) => (StatusCode::NOT_FOUND, "USER_NOT_FOUND"),
        Error::NotFound(Resource::Key) => (StatusCode::NOT_FOUND, "API_KEY_NOT_FOUND"),
        Error::NotFound(Resource::Connection) => (StatusCode::NOT_FOUND, "CONNECTION_NOT_FOUND"),
        Error::NotFound(Resource::Warehouse) => (StatusCode::NOT_FOUND, "database_connection_not_found"),
        Error::NotFound(Resource::Table) => (StatusCode::NOT_FOUND, "table_description_not_found"),
        Error::EmailTaken => (StatusCode::CONFLICT, "USER_EXISTS"),
        Error::KeyExists => (StatusCode::CONFLICT, "API_KEY_EXISTS"),
        Error::TooMany { .. } => (StatusCode::CONFLICT, "LIMIT_REACHED"),
        Error::IdempotencyKeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED"),
        Error::IdempotencyKeyInUse => (StatusCode::CONFLICT, "IDEMPOTENCY_KEY_IN_USE"),
        Error::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMIT_EXCEEDED"),
        Error::DatabaseRefused(_) => (StatusCode::BAD_REQUEST, "DATABASE_CONNECTION_FAILED"),
        Error::DatabaseChangeRefused(_) => (StatusCode::BAD_REQUEST, "CONNECTION_UPDATE_FAILED"),
        Error::ConnectionChanged => (StatusCode::CONFLICT, "CONNECTION_CHANGED"),
        Error::DatabaseUnreachable(_) => (StatusCode::BAD_REQUEST, "CONNECTION_FAILED"),
        Error::DatabaseFailed(_) | Error::AllDatabasesFailed(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "DATABASE_ERROR")
        }
        Error::NoStorage => (StatusCode::BAD_REQUEST, "NO_FILE_STORAGE"),
        Error::NotExported(_) => (StatusCode::BAD_REQUEST, "EXPORT_FAILED"),
        Error::SearchIncomplete(_) => (StatusCode::GATEWAY_TIMEOUT, "SEARCH_INCOMPLETE"),
        Error::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR"),
    }
}

fn message(error: &Error) -> Cow<'static, str> {
    match error {
        Error::Unavailable(_) => "The service can not answer at the moment. Try again in a few seconds.".into(),
        Error::Internal(_) => "Something went wrong on our side. The request id helps us to find it.".into(),
        told => told.to_string().into(),
    }
}

fn quota(error: &Error) -> Option<Quota> {
    match error {
        Error::RateLimited { quota, .. } => Some(*quota),
        _ => None,
    }
}
