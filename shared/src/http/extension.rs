//! An extension of Lambda inside the function, which keeps its environment awake until the work behind an answer is done.
//!
//! Lambda freezes an environment when the function and every extension have asked for their next event. So this one asks
//! for its next only once the call that it was told of is answered and what that left to do is done; the answer goes out
//! meanwhile. See "Using the Lambda Extensions API to create extensions" in the Developer Guide, and the example
//! `extension-internal-flush` of the Rust runtime.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::header::HOST;
use axum::http::{Request, Response, request};
use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::yield_now;
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

/// The extension, once Lambda has taken it in.
pub(super) struct Registered {
    /// Where the API is, as host and port.
    api: String,
    id: String,
}

/// Asks the API at this address to take the extension in, and returns what waits for its answer, so that something else can be
/// done meanwhile.
pub(super) async fn register(api: String) -> BoxFuture<'static, Result<Registered, ServeError>> {
    let request = request(&api, "register").method("POST").header("lambda-extension-name", NAME);
    let sent = send(&api, request, r#"{"events":["INVOKE"]}"#).await;
    Box::pin(async move {
        let answer = sent?.await?;
        let id = answer.headers().get("lambda-extension-identifier");
        let id = id.ok_or("the extension was registered without an id")?.to_str()?.to_owned();
        Ok(Registered { api, id })
    })
}

impl Registered {
    /// Stays awake for the work behind answers from now on.
    pub(super) fn stay_awake(self, background: Background, answered: Answered) {
        background.goes_on();
        tokio::spawn(async move {
            // Where Lambda does not answer any more, the environment is about to end.
            while self.next().await.is_ok() {
                answered.one().await;
                background.settled().await;
            }
        });
    }

    /// Waits for the next call of the function, or for the end of the environment.
    async fn next(&self) -> Result<(), ServeError> {
        let request = request(&self.api, "event/next").header("lambda-extension-identifier", &self.id);
        send(&self.api, request, "").await?.await.map(drop)
    }
}

fn request(api: &str, path: &str) -> request::Builder {
    Request::builder().uri(format!("/2020-01-01/extension/{path}")).header(HOST, api)
}

/// Sends a request on a connection of its own. It is on its way when this returns; the answer is waited for without a limit of
/// time, because Lambda gives it when there is something to do.
async fn send(
    api: &str,
    request: request::Builder,
    body: &'static str,
) -> Result<impl Future<Output = Result<Response<Incoming>, ServeError>> + use<>, ServeError> {
    let stream = TcpStream::connect(api).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let answer = sender.send_request(request.body(Full::<Bytes>::from(body))?);
    // The connection writes when it has its turn.
    yield_now().await;
    Ok(async move {
        let answer = answer.await?;
        if answer.status().is_success() { Ok(answer) } else { Err("the Extensions API refused a request".into()) }
    })
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
        register(api).await.await.unwrap().stay_awake(background.clone(), answered.clone());
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
        yield_now().await;
        assert!(is_asked.try_recv().is_err(), "the work goes on");
        finish.send(()).unwrap();
        is_asked.recv().await.unwrap();
    }

    #[tokio::test]
    async fn where_there_is_no_such_api_nothing_is_left_behind_an_answer() {
        let background = Background::default();
        assert!(register("127.0.0.1:1".to_owned()).await.await.is_err());
        let (done, is_done) = oneshot::channel();
        background.run("a test", Box::pin(async { done.send(()).unwrap_or(()) })).await;
        assert_eq!(is_done.await, Ok(()));
    }
}
