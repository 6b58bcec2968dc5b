//! HTTP to the services of warehouses: one connection to one host, dialled by the rules that hold for every host that a
//! stranger names.
//!
//! Who answers may be anybody. All of it is over at the deadline, an answer has its most bytes, and a redirect is an answer
//! like any other: it would take the credentials to somebody whom nobody has named.

mod place;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use shared::databases::{Dialer, Wire};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::Refusal;
use super::refusal::Cloud;
use super::tls::{encrypted, verified};
pub use place::Place;

/// The most bytes of an answer. The largest that is asked for are pages of a list, and rows of which BigQuery sends 10 MB.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The most bytes of the head of an answer, and what lies between its reading and its being taken.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// What stands as it is in a part of a path (RFC 3986, 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A host, and the connection to it while there is one.
pub(super) struct Web {
    place: Place,
    dialer: Dialer,
    deadline: Instant,
    accept: &'static str,
    bearer: Option<HeaderValue>,
    line: Option<Line>,
}

/// A connection. The driver's half ends with it.
struct Line {
    sender: SendRequest<Full<Bytes>>,
    _driver: JoinSet<()>,
}

/// The body of a request.
pub(super) enum Sent {
    Nothing,
    /// As a form.
    Form(String),
    Json(serde_json::Value),
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    body: Vec<u8>,
}

impl Web {
    /// Everything with this host is over at the deadline. Nothing is dialled yet.
    pub(super) fn new(place: Place, dialer: &Dialer, deadline: Instant) -> Self {
        Self { place, dialer: dialer.clone(), deadline, accept: "application/json", bearer: None, line: None }
    }

    /// The same for answers of this type.
    pub(super) fn accepting(self, accept: &'static str) -> Self {
        Self { accept, ..self }
    }

    /// The same with these credentials in every request; none where they can not stand in a header.
    pub(super) fn with_authorization(self, scheme: &str, secret: &SecretString) -> Option<Self> {
        let mut bearer = HeaderValue::try_from(format!("{scheme}{}", secret.expose_secret())).ok()?;
        bearer.set_sensitive(true);
        Some(Self { bearer: Some(bearer), ..self })
    }

    /// Reads what is at this path.
    pub(super) async fn get(&mut self, path: &str) -> Result<Answer, Refusal> {
        self.ask("GET", path, Sent::Nothing).await
    }

    /// Sends this to this path.
    pub(super) async fn post(&mut self, path: &str, sent: Sent) -> Result<Answer, Refusal> {
        self.ask("POST", path, sent).await
    }

    async fn ask(&mut self, method: &str, path: &str, sent: Sent) -> Result<Answer, Refusal> {
        let request = self.request(method, path, sent)?;
        timeout_at(self.deadline, self.exchange(request)).await.unwrap_or(Err(Refusal::Timeout))
    }

    fn request(&self, method: &str, path: &str, sent: Sent) -> Result<Request<Full<Bytes>>, Refusal> {
        let (kind, body) = match sent {
            Sent::Nothing => (None, String::new()),
            Sent::Form(text) => (Some("application/x-www-form-urlencoded"), text),
            Sent::Json(value) => (Some("application/json"), value.to_string()),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.place.authority())
            .header(ACCEPT, self.accept)
            .header(USER_AGENT, concat!("altus4/", env!("CARGO_PKG_VERSION")));
        if let Some(bearer) = &self.bearer {
            request = request.header(AUTHORIZATION, bearer);
        }
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind);
        }
        request.body(Full::from(body)).map_err(|_| Refusal::Protocol)
    }

    /// Sends a request and reads its answer. A host may hang up between two requests: one that it has not taken goes out
    /// once more, on a connection of its own.
    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Refusal> {
        let (is_used, mut line) = match self.kept().await {
            Some(line) => (true, line),
            None => (false, self.dial().await?),
        };
        let response = match line.sender.try_send_request(request).await {
            Ok(response) => response,
            Err(mut failed) => {
                let request = failed.take_message().filter(|_| is_used).ok_or(Refusal::Protocol)?;
                line = self.dial().await?;
                line.sender.send_request(request).await.map_err(|_| Refusal::Protocol)?
            }
        };
        let status = response.status().as_u16();
        let body = whole(response.into_body()).await?;
        self.line = Some(line);
        Ok(Answer { status, body })
    }

    /// The connection of the request before, where it is still good.
    async fn kept(&mut self) -> Option<Line> {
        let mut line = self.line.take()?;
        line.sender.ready().await.is_ok().then_some(line)
    }

    async fn dial(&self) -> Result<Line, Refusal> {
        let road = self.dialer.road(&self.place.host, self.place.port, None).await?;
        let mut wire: Box<dyn Wire> = road.wire().await?;
        if self.place.is_encrypted {
            wire = encrypted(wire, self.place.host.bare(), verified(None)?).await?;
        }
        let handshake = http1::Builder::new().max_buf_size(BUFFER_BYTES_MAX).handshake(TokioIo::new(wire)).await;
        let (sender, connection) = handshake.map_err(|_| Refusal::Protocol)?;
        let mut driver = JoinSet::new();
        // How the connection ended is seen by who waits for an answer on it.
        driver.spawn(async move { drop(connection.await) });
        Ok(Line { sender, _driver: driver })
    }
}

impl Answer {
    /// Whether the request was done.
    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What it holds.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.body).map_err(|_| Refusal::Protocol)
    }

    /// What it holds where it tells an error, whose form is only looked at; nothing where it has none.
    pub(super) fn error(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

async fn whole(mut body: Incoming) -> Result<Vec<u8>, Refusal> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > ANSWER_BYTES_MAX {
        return Err(Cloud::TooMuch.into());
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refusal::Protocol)?.into_data() else { continue };
        if bytes.len() + data.len() > ANSWER_BYTES_MAX {
            return Err(Cloud::TooMuch.into());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// A part of a path, in which nothing of it is a part of the path.
pub(super) fn part(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// A path with these options behind it.
pub(super) fn with_options(path: &str, options: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(options).finish();
    format!("{path}?{query}")
}
