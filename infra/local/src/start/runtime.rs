//! The runtime API of Lambda ("Using the Lambda runtime API" in its developer guide), as much of it as one call needs.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::demo::Failed;

/// The other side of one function. It ends when it is dropped.
pub struct Runtime {
    /// Where it is (`AWS_LAMBDA_RUNTIME_API`).
    pub address: SocketAddr,
    calls: Calls,
    server: JoinHandle<std::io::Result<()>>,
}

/// When the function did what.
#[derive(Clone, Copy, Default)]
pub struct Times {
    /// Asked for work.
    pub asked: Option<Instant>,
    /// Answered.
    pub answered: Option<Instant>,
}

#[derive(Clone)]
struct Calls {
    event: Arc<str>,
    times: Arc<Mutex<Times>>,
    done: Arc<Notify>,
    asked_again: Arc<Notify>,
}

impl Runtime {
    /// Has this one event for the function.
    pub async fn with(event: &Value) -> Result<Self, Failed> {
        let calls = Calls {
            event: event.to_string().into(),
            times: Arc::default(),
            done: Arc::default(),
            asked_again: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, router) = (listener.local_addr()?, router(calls.clone()));
        Ok(Self { address, calls, server: tokio::spawn(async move { axum::serve(listener, router).await }) })
    }

    /// Waits for the answer.
    pub async fn answered(&self) -> Times {
        self.calls.done.notified().await;
        *self.calls.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the function asks for a second call, upon which Lambda would freeze it.
    pub async fn asked_again(&self) {
        self.calls.asked_again.notified().await;
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn router(calls: Calls) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .with_state(calls)
}

/// The one event, for the first who asks.
async fn next(State(calls): State<Calls>) -> Response {
    let is_first = {
        let mut times = calls.times.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = times.asked.is_none();
        times.asked.get_or_insert_with(Instant::now);
        is_first
    };
    if !is_first {
        calls.asked_again.notify_one();
        return pending().await;
    }
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:measured";
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", arn),
        ("content-type", "application/json"),
    ];
    (headers, calls.event.to_string()).into_response()
}

async fn answered(State(calls): State<Calls>) -> StatusCode {
    calls.times.lock().unwrap_or_else(PoisonError::into_inner).answered = Some(Instant::now());
    calls.done.notify_one();
    StatusCode::ACCEPTED
}
