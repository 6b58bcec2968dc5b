//! A server that stands in for a vendor's: it answers as a test says, and tells what it was asked.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// A request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Such as `GET`.
    pub method: String,
    /// Without its options.
    pub path: String,
    /// The options.
    pub query: String,
    /// The head, with its names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Asked {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The body, as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// What a vendor answers.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status and a body, as JSON.
    Json(u16, Value),
    /// The same, and it hangs up.
    Last(u16, Value),
    /// A status and a body of any kind.
    Text(u16, String),
    /// A redirect to this address.
    Redirect(SocketAddr),
    /// A body without an end.
    Endless,
    /// A head without an end.
    EndlessHead,
    /// One more byte of the body now and then.
    Slow,
    /// Nothing, and it does not hang up either.
    Nothing,
    /// It hangs up.
    HangUp,
    /// A body that is shorter than was announced.
    Torn,
    /// A body of which more is announced than is ever sent.
    Huge,
}

/// Such a server on a free port. It ends with this value.
pub struct Vendor {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: AbortHandle,
}

impl Vendor {
    /// Starts one that answers so.
    pub async fn start(answers: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (log, answers) = (Arc::clone(&asked), Arc::new(answers));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answers) = (Arc::clone(&log), Arc::clone(&answers));
                tokio::spawn(async move { serve(stream, &log, &*answers).await });
            }
        });
        Self { address, asked, task: task.abort_handle() }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes what it was asked.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, answers: &(dyn Fn(&Asked) -> Reply + Send + Sync)) {
    while let Some(asked) = request(&mut stream).await {
        let reply = answers(&asked);
        log.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        let is_last = matches!(reply, Reply::Last(..) | Reply::Torn | Reply::Huge);
        let (status, more, length, text) = match reply {
            Reply::Json(status, body) | Reply::Last(status, body) => (status, String::new(), None, body.to_string()),
            Reply::Text(status, body) => (status, String::new(), None, body),
            Reply::Redirect(to) => (307, format!("location: http://{to}/elsewhere\r\n"), None, String::new()),
            Reply::Torn => (200, String::new(), Some(100), "{".to_owned()),
            Reply::Huge => (200, String::new(), Some(1 << 40), "{".to_owned()),
            Reply::HangUp => return,
            Reply::Nothing => return std::future::pending().await,
            Reply::Endless => return without_end(stream, "HTTP/1.1 200 OK\r\n\r\n[", &b"0,".repeat(10_000)).await,
            Reply::EndlessHead => {
                return without_end(stream, "HTTP/1.1 200 OK\r\n", &b"x-more: more\r\n".repeat(1_000)).await;
            }
            Reply::Slow => return slowly(stream).await,
        };
        let length = length.unwrap_or(text.len());
        let answer = format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\n{more}content-length: {length}\r\n\r\n{text}"
        );
        if stream.write_all(answer.as_bytes()).await.is_err() || is_last {
            return;
        }
    }
}

/// The next request of a connection; none where it has ended.
pub(crate) async fn request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4_096];
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let mut words = lines.next()?.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        let header =
            |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        let headers: Vec<(String, String)> = lines.filter_map(header).collect();
        let length =
            headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
        let body = &bytes[end + 4..];
        if body.len() >= length.unwrap_or(0) {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let (path, query, body) = (path.to_owned(), query.to_owned(), String::from_utf8_lossy(body).into_owned());
            return Some(Asked { method, path, query, headers, body });
        }
    }
}

async fn without_end(mut stream: TcpStream, beginning: &str, more: &[u8]) {
    let mut going_on = stream.write_all(beginning.as_bytes()).await;
    while going_on.is_ok() {
        going_on = stream.write_all(more).await;
    }
}

/// Long enough for every deadline of a test, byte by byte.
async fn slowly(mut stream: TcpStream) {
    let mut going_on = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await;
    while going_on.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        going_on = stream.write_all(b" ").await;
    }
}
