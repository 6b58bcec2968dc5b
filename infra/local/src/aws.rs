//! AWS KMS and AWS Secrets Manager on one machine.
//!
//! One router answers both, as the SDKs speak to them: `POST /`, the operation in `X-Amz-Target`, JSON in and out.
//! The encryption is real, so what does not open here would not open in AWS either. Signatures, policies and quotas are not checked.
//! Members of a request that this emulation does not know are refused, not ignored: nothing passes here because it was not looked at.

mod file;
mod kms;
mod refused;
mod secrets;
mod wire;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

use self::{file::StateFile, kms::Kms, refused::Refused, secrets::Secrets, wire::fresh_uuid};

/// The time in milliseconds since the Unix epoch. It comes in from outside, so that no test waits for a key to be deleted.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// KMS and Secrets Manager. Clones share one state.
#[derive(Clone)]
pub struct Emulator(Arc<Shared>);

/// Why the state of an earlier run could not be taken up.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file is there and cannot be read.
    #[error("cannot read {}", file.display())]
    Read {
        /// The state file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not one of ours. It is left alone, because it may hold the only copy of a key.
    #[error("{} does not hold the state of this emulator", file.display())]
    Parse {
        /// The state file.
        file: PathBuf,
        /// What was found instead.
        source: serde_json::Error,
    },
    /// There is no file yet, and none can be made.
    #[error("cannot write {}", file.display())]
    Write {
        /// The state file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Emulator {
    /// In memory; nothing is kept.
    pub fn in_memory(now: Now) -> Self {
        Self::new(State::default(), None, now)
    }

    /// State in one file, written whole and renamed into place after every change, mode 0600, read back at the next start.
    ///
    /// The file holds keys and secrets as they are. A file that cannot be written is found out here, not at the first change.
    pub fn open(file: &Path, now: Now) -> Result<Self, OpenError> {
        let file = StateFile::new(file);
        let state = if let Some(state) = file.read()? {
            state
        } else {
            let state = State::default();
            file.write(&state).map_err(|source| OpenError::Write { file: file.path().to_owned(), source })?;
            state
        };
        Ok(Self::new(state, Some(file), now))
    }

    /// Both services on `POST /`.
    pub fn router(&self) -> Router {
        Router::new().route("/", post(answer)).with_state(self.clone())
    }

    fn new(state: State, file: Option<StateFile>, now: Now) -> Self {
        Self(Arc::new(Shared { state: Mutex::new(state), file, now }))
    }

    /// One operation, whole or not at all: it works on a copy, which becomes the state once it is in the file.
    fn call(&self, target: &str, body: &[u8]) -> Result<Value, Refused> {
        // A panic in an operation leaves only its copy half done, so a poisoned lock still guards a good state.
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = state.clone();
        let answer = next.call(target, body, (self.0.now)())?;
        if next != *state {
            if let Some(file) = &self.0.file {
                file.write(&next).map_err(Refused::NotKept)?;
            }
            *state = next;
        }
        Ok(answer)
    }
}

struct Shared {
    state: Mutex<State>,
    file: Option<StateFile>,
    now: Now,
}

/// Everything there is, in the form in which it is kept.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    kms: Kms,
    secrets: Secrets,
}

impl State {
    fn call(&mut self, target: &str, body: &[u8], now_ms: i64) -> Result<Value, Refused> {
        match target.split_once('.') {
            Some(("TrentService", operation)) => self.kms.call(operation, body, now_ms),
            Some(("secretsmanager", operation)) => self.secrets.call(operation, body, now_ms),
            _ => Err(Refused::UnknownOperation(target.to_owned())),
        }
    }
}

/// Blocks while the file is written, which is short and rare enough here.
async fn answer(extract::State(emulator): extract::State<Emulator>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let common =
        [(CONTENT_TYPE.as_str(), "application/x-amz-json-1.1"), ("x-amzn-requestid", &fresh_uuid().to_string())];
    match emulator.call(target, &body) {
        Ok(answer) => (StatusCode::OK, common, answer.to_string()).into_response(),
        Err(refused) => {
            let (status, code) = refused.wire();
            let body = json!({ "__type": code, "message": refused.to_string() });
            (status, common, [("x-amzn-errortype", code)], body.to_string()).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::Request,
    };
    use tower::ServiceExt;
    use uuid::Uuid;

    use super::*;

    async fn post(emulator: &Emulator, target: &str, body: &str) -> (StatusCode, HeaderMap, Value) {
        let request = Request::post("/").header("x-amz-target", target).body(Body::from(body.to_owned())).unwrap();
        let response = emulator.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, parts.headers, serde_json::from_slice(&body).unwrap())
    }

    fn emulator() -> Emulator {
        Emulator::in_memory(Arc::new(|| 1_700_000_000_123))
    }

    #[tokio::test]
    async fn an_answer_has_the_type_and_the_request_id_that_the_sdks_read() {
        let (status, headers, body) = post(&emulator(), "TrentService.CreateKey", "{}").await;

        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["content-type"], "application/x-amz-json-1.1");
        assert!(Uuid::parse_str(headers["x-amzn-requestid"].to_str().unwrap()).is_ok());
        assert_eq!(body["KeyMetadata"]["CreationDate"], 1_700_000_000);
    }

    #[tokio::test]
    async fn an_error_names_itself_in_the_header_and_in_the_body() {
        let request = r#"{"KeyId":"alias/nobody"}"#;
        let (status, headers, body) = post(&emulator(), "TrentService.DescribeKey", request).await;

        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(headers["x-amzn-errortype"], "NotFoundException");
        assert_eq!(body["__type"], "NotFoundException");
        assert!(body["message"].as_str().unwrap().contains("alias/nobody"));
    }

    #[tokio::test]
    async fn an_operation_that_is_not_emulated_is_unknown() {
        for target in ["TrentService.Sign", "secretsmanager.RotateSecret", "DynamoDB_20120810.GetItem", ""] {
            let (status, _, body) = post(&emulator(), target, "{}").await;

            assert_eq!((status, &body["__type"]), (StatusCode::BAD_REQUEST, &json!("UnknownOperationException")));
        }
    }

    #[tokio::test]
    async fn a_body_that_is_not_json_and_a_member_that_is_not_known_are_told_apart() {
        let (_, _, broken) = post(&emulator(), "TrentService.CreateKey", "{").await;
        let (_, _, unknown) = post(&emulator(), "TrentService.CreateKey", r#"{"MultiRegion":true}"#).await;

        assert_eq!(broken["__type"], "SerializationException");
        assert_eq!(unknown["__type"], "ValidationException");
    }

    #[tokio::test]
    async fn clones_share_one_state() {
        let emulator = emulator();
        post(&emulator.clone(), "secretsmanager.CreateSecret", r#"{"Name":"a","SecretString":"b"}"#).await;

        let (_, _, found) = post(&emulator, "secretsmanager.GetSecretValue", r#"{"SecretId":"a"}"#).await;

        assert_eq!(found["SecretString"], "b");
    }
}
