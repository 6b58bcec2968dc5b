//! Answers that are packed for clients who can unpack them.

use std::io::Read;

use flate2::read::GzDecoder;
use tests::TestApi;

/// A long answer that nobody needs a session for.
const LONG: &str = "/openapi.json";

#[tokio::test]
async fn a_long_answer_is_packed_where_it_may_be_and_says_the_same() {
    let api = TestApi::start().await;
    let (status, headers, plain) = api.call("GET", LONG).bytes().await;
    assert_eq!((status, headers.get("content-encoding")), (200, None));
    assert!(headers.get_all("vary").iter().any(|vary| vary == "accept-encoding"), "caches have to know");
    for accepted in ["gzip", "br;q=1.0, gzip;q=0.8", "*"] {
        let (status, headers, packed) = api.call("GET", LONG).header("accept-encoding", accepted).bytes().await;
        assert_eq!((status, headers["content-encoding"].to_str().unwrap()), (200, "gzip"), "{accepted}");
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(
            headers.get("content-length").and_then(|length| length.to_str().ok()),
            Some(&*packed.len().to_string())
        );
        assert!(packed.len() * 3 < plain.len(), "{} of {}", packed.len(), plain.len());
        let mut unpacked = Vec::new();
        GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain, "{accepted}");
    }
    for refused in ["identity", "br", "gzip;q=0", ""] {
        let (_, headers, bytes) = api.call("GET", LONG).header("accept-encoding", refused).bytes().await;
        assert!(headers.get("content-encoding").is_none() && bytes == plain, "{refused}");
    }
}

#[tokio::test]
async fn a_short_answer_and_one_with_a_secret_are_sent_as_they_are() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let body = serde_json::json!({ "name": "A key", "permissions": ["search"] });
    for (method, path, status) in
        [("GET", "/api/v1/keys", 200), ("POST", "/api/v1/keys", 201), ("GET", "/nothing", 404)]
    {
        let call = user.call(method, path).header("accept-encoding", "gzip").json(&body);
        let answer = call.send().await;
        assert_eq!((answer.status, answer.header("content-encoding")), (status, None), "{path}");
    }
}
