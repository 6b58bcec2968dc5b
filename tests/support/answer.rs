//! What the service answered, and what a test expects of it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// What no error may tell: names of what is behind the API, and words of its languages.
const INSIDE: [&str; 12] = [
    "DynamoDB",
    "dynamo",
    "KMS",
    "SecretsManager",
    "AGAINST (",
    "information_schema",
    "src/",
    ".rs:",
    "panicked",
    "u64",
    "struct ",
    "serde",
];

/// What the paths of the second API begin with.
const BARE: [&str; 2] = ["/api/v1/database-connections", "/api/v1/table-descriptions"];

/// An answer. Whatever it says, it wears the envelope, or that of the second API, which is none: that is checked when it
/// arrives.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Value,
    /// Whether it is of the second API.
    is_bare: bool,
}

impl Answer {
    pub(crate) fn new(status: u16, headers: HeaderMap, text: &str, path: &str) -> Self {
        let body: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e} in an answer {status}: {text}"));
        // A path that no route has is answered by whoever answers those.
        let is_bare = BARE.iter().any(|start| path.starts_with(start)) && body["error"]["code"] != "NOT_FOUND";
        let answer = Self { status, headers, body, is_bare };
        if is_bare {
            answer.check_bare();
        } else {
            answer.check_envelope();
        }
        answer
    }

    /// What an error tells, without what is different in every answer.
    pub fn problem(&self) -> Value {
        if self.is_bare { self.body.clone() } else { self.body["error"].clone() }
    }

    /// `data` of an answer with this status that says it was successful.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        if self.is_bare {
            assert_eq!(self.status, status, "{:#}", self.body);
            return self.body;
        }
        assert_eq!((self.status, &self.body["success"]), (status, &Value::Bool(true)), "{:#}", self.body);
        self.body["data"].clone()
    }

    /// `details` of an error with this status and code; of one of the second API, all of it.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Value {
        if self.is_bare {
            let found = (self.status, self.body["error_code"].as_str().unwrap_or_default());
            assert_eq!(found, (status, code), "{:#}", self.body);
            return self.body;
        }
        let found = (self.status, self.body["error"]["code"].as_str().unwrap_or_default());
        assert_eq!(found, (status, code), "{:#}", self.body);
        self.body["error"]["details"].clone()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The cookie that it sets, as a browser sends it back.
    #[track_caller]
    pub fn cookie(&self) -> &str {
        let header = self.header("set-cookie").expect("a cookie");
        header.split_once(';').expect("attributes").0
    }

    fn check_bare(&self) {
        let body = &self.body;
        assert!(body.get("meta").is_none() && body.get("success").is_none(), "{body:#}");
        assert_eq!(body.get("error_code").is_some(), self.status >= 400, "{body:#}");
        assert!(self.header("x-request-id").is_some_and(|id| uuid::Uuid::parse_str(id).is_ok()));
        if self.status >= 400 {
            let told = body.to_string();
            for inside in INSIDE {
                assert!(!told.contains(inside), "{inside} is nobody's business: {body:#}");
            }
        }
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
    }

    fn check_envelope(&self) {
        let body = &self.body;
        let success = self.status < 400;
        assert_eq!(body["success"], success, "{body:#}");
        assert_eq!(body.get("error").is_none(), success, "{body:#}");
        let id = body["meta"]["requestId"].as_str().unwrap_or_default();
        assert!(uuid::Uuid::parse_str(id).is_ok(), "{body:#}");
        assert_eq!(self.header("x-request-id"), Some(id));
        let timestamp = body["meta"]["timestamp"].as_str().unwrap_or_default();
        assert!(timestamp.len() == 24 && timestamp.ends_with('Z'), "{body:#}");
        assert!(body["meta"]["version"].is_string() && body["meta"]["executionTime"].is_u64(), "{body:#}");
        if !success {
            let message = body["error"]["message"].as_str().unwrap_or_default();
            assert!(message.len() > 10, "{body:#}");
            let told = body["error"].to_string();
            for inside in INSIDE {
                assert!(!told.contains(inside), "{inside} is nobody's business: {body:#}");
            }
        }
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
    }
}
