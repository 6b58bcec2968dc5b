//! An extension of Lambda inside the function, which keeps its environment awake until the work behind an answer is done.
//!
//! Lambda freezes an environment when the function and every extension have asked for their next event. So this one asks
//! for its next only once the call that it was told of is answered and what that left to do is done; the answer goes out
//! meanwhile. See "Using the Lambda Extensions API to create extensions" in the Developer Guide, and the example
//! `extension-internal-flush` of the Rust runtime.

use std::sync::Arc;
use std::task::{Context, Poll};

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tower::{Layer, Service};

use super::serve::ServeError;
use crate::background::Background;

/// What the extension is called in the logs of Lambda.
const NAME: &str = "altus4-background";

/// The calls that were answered since the extension looked last. As the outermost layer of the runtime it counts each, what
/// ever comes of it, when its answer has been sent.
#[derive(Clone)]
pub(super) struct Answered(Arc<Semaphore>);

impl Answered {
    pub(super) fn none() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    async fn one(&self) {
        // It is never closed.
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }
}

impl<S> Layer<S> for Answered {
    type Service = Counting<S>;

    fn layer(&self, inner: S) -> Counting<S> {
        Counting { inner, answered: self.clone() }
    }
}

/// What answers calls, and counts them.
#[derive(Clone)]
pub(super) struct Counting<S> {
    inner: S,
    answered: Answered,
}

impl<R, S: Service<R>> Service<R> for Counting<S>
where
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (answer, answering) = (self.inner.call(request), Answering(self.answered.clone()));
        Box::pin(async move {
            let answer = answer.await;
            drop(answering);
            answer
        })
    }
}

/// A call that is not answered yet.
struct Answering(Answered);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.add_permits(1);
    }
}

/// Registers with the API at this address, and stays awake for the work behind answers from then on.
pub(super) async fn register(api: &str, background: Background, answered: Answered) -> Result<(), ServeError> {
    // Without a limit of time: Lambda answers when there is something to do.
    let http = SharedHttpConnector::new(Connector::builder().build_http());
    let extension = Extension { http, base: format!("http://{api}/2020-01-01/extension") };
    let id = extension.register().await?;
    background.goes_on();
    tokio::spawn(async move {
        // Where Lambda does not answer any more, the environment is about to end.
        while extension.next(&id).await.is_ok() {
            answered.one().await;
            background.settled().await;
        }
    });
    Ok(())
}

struct Extension {
    http: SharedHttpConnector,
    base: String,
}

impl Extension {
    async fn register(&self) -> Result<String, ServeError> {
        let mut request = HttpRequest::new(SdkBody::from(r#"{"events":["INVOKE"]}"#));
        request.set_method("POST")?;
        request.set_uri(format!("{}/register", self.base))?;
        request.headers_mut().try_insert("content-type", "application/json")?;
        request.headers_mut().try_insert("lambda-extension-name", NAME)?;
        let response = self.call(request).await?;
        let id = response.headers().get("lambda-extension-identifier").map(str::to_owned);
        id.ok_or_else(|| "the extension was registered without an id".into())
    }

    /// Waits for the next call of the function, or for the end of the environment.
    async fn next(&self, id: &str) -> Result<(), ServeError> {
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(format!("{}/event/next", self.base))?;
        request.headers_mut().try_insert("lambda-extension-identifier", id.to_owned())?;
        self.call(request).await.map(drop)
    }

    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, ServeError> {
        let response = self.http.call(request).await?;
        if response.status().is_success() { Ok(response) } else { Err("the Extensions API refused a request".into()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::Router;
    use axum::extract::Request;
    use axum::http::HeaderMap;
    use axum::routing::{get, post};
    use tokio::net::TcpListener;
    use tokio::sync::{mpsc, oneshot};
    use tower::ServiceExt;

    use super::*;

    /// As Lambda does: it tells of a call when a test says so, and the test of each time that it is asked.
    async fn lambda(calls: mpsc::UnboundedReceiver<()>, asked: mpsc::UnboundedSender<()>) -> String {
        let calls = Arc::new(tokio::sync::Mutex::new(calls));
        let router = Router::new()
            .route("/2020-01-01/extension/register", post(|| async { [("lambda-extension-identifier", "id-1")] }))
            .route(
                "/2020-01-01/extension/event/next",
                get(move |headers: HeaderMap| async move {
                    assert_eq!(headers["lambda-extension-identifier"], "id-1");
                    asked.send(()).unwrap();
                    let told = calls.lock().await.recv().await;
                    if told.is_some() { "{}" } else { std::future::pending().await }
                }),
            );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    #[tokio::test]
    async fn the_environment_may_sleep_only_when_the_work_behind_the_answer_is_done() {
        let (call, calls) = mpsc::unbounded_channel();
        let (asked, mut is_asked) = mpsc::unbounded_channel();
        let api = lambda(calls, asked).await;
        let (background, answered) = (Background::default(), Answered::none());
        register(&api, background.clone(), answered.clone()).await.unwrap();
        let (finish, finished) = oneshot::channel::<()>();
        let finished = Arc::new(Mutex::new(Some(finished)));
        let of_handler = background.clone();
        let router = answered.layer(Router::new().route(
            "/",
            get(move || async move {
                let finished = finished.lock().unwrap().take().unwrap();
                of_handler.run("a test", Box::pin(async { drop(finished.await) })).await;
                "answered"
            }),
        ));

        is_asked.recv().await.unwrap();
        call.send(()).unwrap();
        let request = Request::builder().uri("/").body(axum::body::Body::empty()).unwrap();
        assert_eq!(router.oneshot(request).await.unwrap().status(), 200, "the answer does not wait");
        tokio::task::yield_now().await;
        assert!(is_asked.try_recv().is_err(), "the work goes on");
        finish.send(()).unwrap();
        is_asked.recv().await.unwrap();
    }

    #[tokio::test]
    async fn where_there_is_no_such_api_nothing_is_left_behind_an_answer() {
        let background = Background::default();
        assert!(register("127.0.0.1:1", background.clone(), Answered::none()).await.is_err());
        let (done, is_done) = oneshot::channel();
        background.run("a test", Box::pin(async { done.send(()).unwrap_or(()) })).await;
        assert_eq!(is_done.await, Ok(()));
    }
}
