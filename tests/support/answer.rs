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

/// An answer. Whatever it says, it wears the envelope: that is checked when it arrives.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Value,
}

impl Answer {
    pub(crate) fn new(status: u16, headers: HeaderMap, text: &str) -> Self {
        let body: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e} in an answer {status}: {text}"));
        let answer = Self { status, headers, body };
        answer.check_envelope();
        answer
    }

    /// `data` of an answer with this status that says it was successful.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!((self.status, &self.body["success"]), (status, &Value::Bool(true)), "{:#}", self.body);
        self.body["data"].clone()
    }

    /// `details` of an error with this status and code.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Value {
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
