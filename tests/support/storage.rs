//! S3 on this machine, as far as files are put there and fetched by links: with one bucket, one key, and a look at every
//! signature that is made by nothing but the manual ("Authenticating Requests: Using Query Parameters", API reference of Amazon
//! S3). It can be told to misbehave.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// The secret of the one key.
const SECRET: &str = "storage-secret-of-ursula";

/// What it answers instead of doing what it is asked.
type Says = Option<(u16, &'static str)>;

/// A storage on a free port. It ends with this value.
pub struct Storage {
    port: u16,
    shared: Arc<Shared>,
    task: AbortHandle,
}

/// A file that was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where: the path without the bucket.
    pub key: String,
    /// Its headers, those of the protocol left out.
    pub headers: BTreeMap<String, String>,
    /// What it holds.
    pub text: String,
}

#[derive(Default)]
struct Shared {
    files: Mutex<Vec<Stored>>,
    says: Mutex<Says>,
}

/// A refusal, as S3 words it.
struct Refused(u16, &'static str);

impl Storage {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::<Shared>::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { port, shared, task: task.abort_handle() }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What a connection says of its one bucket.
    pub fn settings(&self) -> Value {
        json!({
            "name": "S3", "access_key_id": "AKIAURSULA", "secret_access_key": SECRET, "region": "eu-central-1",
            "bucket": "ursulas-bucket",
        })
    }

    /// The files that were put, in their order.
    pub fn files(&self) -> Vec<Stored> {
        lock(&self.shared.files).clone()
    }

    /// From now on it answers everything with this status and this code; with 0 nothing at all.
    pub fn says(&self, status: u16, code: &'static str) {
        *lock(&self.shared.says) = Some((status, code));
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let said = *lock(&shared.says);
    match said {
        Some((0, _)) => std::future::pending().await,
        // Garbage without an end.
        Some((status, "endless")) => {
            let body = Body::from_stream(futures_util::stream::repeat_with(|| {
                Ok::<_, std::io::Error>("<Code>".repeat(1_000))
            }));
            (code(status), body).into_response()
        }
        Some((status, error)) => Refused(status, error).into_response(),
        None => match done(&shared, request).await {
            Ok(text) => text.into_response(),
            Err(refused) => refused.into_response(),
        },
    }
}

async fn done(shared: &Shared, request: Request) -> Result<String, Refused> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body");
    let path = parts.uri.path().to_owned();
    check(&parts.method, &path, parts.uri.query().unwrap_or_default(), &parts.headers)?;
    let key = path.strip_prefix("/ursulas-bucket/").ok_or(Refused(404, "NoSuchBucket"))?.to_owned();
    if parts.method == Method::GET {
        let files = lock(&shared.files);
        return files
            .iter()
            .find(|file| file.key == key)
            .map(|file| file.text.clone())
            .ok_or(Refused(404, "NoSuchKey"));
    }
    put(shared, key, &parts.headers, &body)
}

fn put(shared: &Shared, key: String, headers: &HeaderMap, body: &Bytes) -> Result<String, Refused> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if header("x-amz-checksum-sha256") != BASE64.encode(digest(&SHA256, body).as_ref()) {
        return Err(Refused(400, "BadDigest"));
    }
    let kept = ["content-type", "content-disposition"].map(|name| (name.to_owned(), header(name))).into();
    let text = String::from_utf8(body.to_vec()).expect("a text");
    lock(&shared.files).push(Stored { key, headers: kept, text });
    Ok(String::new())
}

/// Whether the address is signed with the one key, for this region, and so are the headers that have to be.
fn check(method: &Method, path: &str, query: &str, headers: &HeaderMap) -> Result<(), Refused> {
    let mut pairs: Vec<(&str, &str)> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    pairs.sort_unstable();
    let value = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.replace("%2F", "/"));
    let (Some(credential), Some(signature)) = (value("X-Amz-Credential"), value("X-Amz-Signature")) else {
        return Err(Refused(403, "AccessDenied"));
    };
    let scope: Vec<&str> = credential.split('/').collect();
    let [key, date, region, "s3", "aws4_request"] = scope[..] else { return Err(Refused(400, "BadRequest")) };
    if key != "AKIAURSULA" {
        return Err(Refused(403, "InvalidAccessKeyId"));
    }
    if region != "eu-central-1" {
        return Err(Refused(400, "AuthorizationQueryParametersError"));
    }
    let names = value("X-Amz-SignedHeaders").unwrap_or_default().replace("%3B", ";");
    let of_amazon = headers.keys().filter(|name| name.as_str() == "host" || name.as_str().starts_with("x-amz-"));
    let unsigned = of_amazon.filter(|name| !names.split(';').any(|signed| signed == name.as_str()));
    if unsigned.count() > 0 {
        return Err(Refused(403, "AccessDenied"));
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let lines: Vec<String> = names.split(';').map(|name| format!("{name}:{}", header(name).trim())).collect();
    let signed: Vec<String> = pairs
        .iter()
        .filter(|(name, _)| *name != "X-Amz-Signature")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let canonical =
        format!("{method}\n{path}\n{}\n{}\n\n{names}\nUNSIGNED-PAYLOAD", signed.join("&"), lines.join("\n"));
    let scope = format!("{date}/{region}/s3/aws4_request");
    let time = value("X-Amz-Date").unwrap_or_default();
    let hash = HEXLOWER.encode(digest(&SHA256, canonical.as_bytes()).as_ref());
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}");
    let key = [date, region, "s3", "aws4_request"]
        .iter()
        .fold(format!("AWS4{SECRET}").into_bytes(), |key, part| mac(&key, part.as_bytes()));
    let expected = HEXLOWER.encode(&mac(&key, to_sign.as_bytes()));
    if signature == expected { Ok(()) } else { Err(Refused(403, "SignatureDoesNotMatch")) }
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), text).as_ref().to_vec()
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(status, error) = self;
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{error}</Code><Message>Of ursulas-bucket at 10.11.12.13\
             </Message></Error>"
        );
        (code(status), [("location", "http://127.0.0.1:9/elsewhere")], body).into_response()
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
