//! Requests that no client library sends: byte by byte on a socket where it has to be, and bodies that are JSON only just.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Answer, TestApi, TestUser};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::articles;

/// What the service says to these bytes until it hangs up, or until it has nothing more to say to the last request, which asks
/// it to hang up.
async fn say(api: &TestApi, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(api.service.address).await.unwrap();
    // Whoever is refused halfway may find the line closed.
    let _ = stream.write_all(bytes).await;
    let mut said = Vec::new();
    let heard = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut said)).await;
    assert!(heard.is_ok(), "it waits for more of {:?}", String::from_utf8_lossy(bytes));
    String::from_utf8_lossy(&said).into_owned()
}

/// The statuses of the answers in it.
fn statuses(said: &str) -> Vec<u16> {
    let lines = said.split("HTTP/1.1 ").skip(1);
    lines.map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect()
}

/// A request with these headers, the last of its connection.
fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n{body}").into_bytes()
}

#[tokio::test]
async fn where_a_request_ends_is_told_in_one_way_or_it_is_refused() {
    let api = TestApi::start().await;
    let hidden = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let chunk = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    let login = |headers: &str, body: &str| request("POST /api/v1/auth/login", headers, body);
    for (what, bytes, expected) in [
        // Chunks count where both are said (RFC 9112, 6.3): what is in them is a body, and no request.
        ("a length beside chunks", login("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", &chunk), 400),
        ("chunks beside a length", login("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", &chunk), 400),
        ("two lengths", login("Content-Length: 0\r\nContent-Length: 60\r\n", hidden), 400),
        ("a list of lengths", login("Content-Length: 0, 60\r\n", hidden), 400),
        ("a length with a sign", login("Content-Length: +60\r\n", hidden), 400),
        ("a length below nothing", login("Content-Length: -1\r\n", hidden), 400),
        ("a length of 30 digits", login(&format!("Content-Length: {}\r\n", "9".repeat(30)), hidden), 400),
        ("chunks that are no last encoding", login("Transfer-Encoding: chunked, gzip\r\n", &chunk), 400),
        ("an encoding that is none", login("Transfer-Encoding: xchunked\r\n", &chunk), 400),
        ("a chunk of a size that is none", login("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"), 413),
        ("a name with a blank behind it", login("Content-Length : 60\r\n", hidden), 400),
        ("a name with nothing", login(": 60\r\n", hidden), 400),
        ("a header that goes on in the next line", login("X-Folded: a\r\n b\r\n", ""), 400),
        ("a null in a header", login("X-Null: a\0b\r\n", ""), 400),
        ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), 400),
    ] {
        let said = say(&api, &bytes).await;
        assert_eq!(statuses(&said), [expected], "{what}: {said}");
    }
    assert_eq!(statuses(&say(&api, hidden.as_bytes()).await), [200]);
}

#[tokio::test]
async fn a_path_leads_where_it_says_or_nowhere() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let authorization = format!("Authorization: Bearer {}\r\n", user.token);
    for (path, expected) in [
        ("/api/v1/auth/profile", 200),
        ("/api/v1/auth/../auth/profile", 404),
        ("/api/v1/./auth/profile", 404),
        ("//api/v1/auth/profile", 404),
        ("/api/v1/auth//profile", 404),
        ("/api/v1/auth/profile/", 404),
        ("/api/v1/auth/profile/..", 404),
        ("/api/v1/auth/%70rofile", 404),
        ("/api/v1/auth%2fprofile", 404),
        ("/api/v1/keys/%2e%2e%2fauth%2fprofile", 404),
        ("/api/v1/keys/..", 404),
        ("/api/v1/keys/%00", 404),
        ("/api/v1/keys/%ff%fe", 404),
        ("/api/v1/keys/%", 404),
        ("/api/v1/keys/%zz", 404),
        ("/api/v1/databases/%c0%ae%c0%ae/schema", 404),
        ("/API/V1/AUTH/PROFILE", 404),
        ("/api/v1/auth/profile;a=b", 404),
        ("/api/v1/auth/profile?a=%00&b=%ff&=&&c", 200),
        // A client says the whole address to a proxy. It is nobody else's path for that (RFC 9112, 3.2.2).
        ("http://elsewhere.example/api/v1/auth/profile", 200),
    ] {
        let said = say(&api, &request(&format!("GET {path}"), &authorization, "")).await;
        assert_eq!(statuses(&said), [expected], "{path}: {said}");
        assert!(said.contains(if expected == 200 { "ursula@example.com" } else { "NOT_FOUND\"" }), "{path}: {said}");
    }
    for path in ["/api/v1/keys/\0", "/api/v1/keys/a b", "api/v1/auth/profile", ""] {
        let said = say(&api, &request(&format!("GET {path}"), &authorization, "")).await;
        assert_eq!(statuses(&said), [400], "{path}: {said}");
    }
    let long = format!("GET /api/v1/keys/{}", "a".repeat(100_000));
    assert_eq!(statuses(&say(&api, &request(&long, &authorization, "")).await), [414]);
    let many = "X-One: more\r\n".repeat(10_000);
    assert_eq!(statuses(&say(&api, &request("GET /health", &many, "")).await), [431]);
}

#[tokio::test]
async fn one_caller_a_call_whatever_else_is_sent_along() {
    let api = TestApi::start().await;
    let (ursula, eve) = (api.register("ursula").await, api.register("eve").await);
    let (of_ursula, of_eve) = (ursula.search_key().await, eve.search_key().await);
    let history = || api.call("GET", "/api/v1/search/history");
    for (first, second) in [(&of_ursula, &of_eve), (&of_ursula, &of_ursula), (&ursula.token, &of_eve)] {
        let both = history().bearer(first).bearer(second).send().await.expect_error(401, "INVALID_API_KEY");
        assert_eq!(both["reason"], "malformed");
    }
    let joined = format!("Bearer {of_ursula}, Bearer {of_eve}");
    history().header("authorization", &joined).send().await.expect_error(401, "INVALID_API_KEY");
    // Other APIs take keys so. Here it is a header like any other: it lets nobody in, and keeps nobody out.
    for name in ["x-api-key", "api-key", "x-auth-token", "proxy-authorization", "x-forwarded-user"] {
        let refused = history().header(name, &of_ursula).send().await.expect_error(401, "INVALID_API_KEY");
        assert_eq!(refused["reason"], "missing", "{name}");
        history().bearer("altus4_sk_test_x").header(name, &of_ursula).send().await.expect_error(401, "INVALID_API_KEY");
        let profile = api.call("GET", "/api/v1/auth/profile").bearer(&eve.token).header(name, &ursula.token);
        assert_eq!(profile.send().await.expect(200)["email"], json!(eve.email), "{name}");
    }
    let in_bytes = request("GET /api/v1/auth/profile", "Authorization: Bearer \u{ff}\u{fe}\r\n", "");
    let said = say(&api, &in_bytes).await;
    assert!(said.contains("\"INVALID_AUTH_FORMAT\"") && statuses(&said) == [401], "{said}");
}

async fn search_with(user: &TestUser<'_>, body: impl Into<Vec<u8>>) -> Answer {
    user.call("POST", "/api/v1/search").header("content-type", "application/json").body(body).send().await
}

#[tokio::test]
async fn json_that_is_deep_wide_or_long_costs_nothing_and_is_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    // The gateway passes on no more than it can: this is a promise of one process.
    for (what, body) in [
        ("arrays in arrays", "[".repeat(10 << 20)),
        ("closed again", "[".repeat(5 << 20) + &"]".repeat(5 << 20)),
        ("objects in objects", r#"{"query":"#.repeat(1 << 20)),
    ] {
        let details = search_with(&user, body).await.expect_error(413, "PAYLOAD_TOO_LARGE");
        assert_eq!(details["limitBytes"], 1 << 20, "{what}");
    }
    let of_a_megabyte = (1 << 20) - 100;
    let closed = |open: &str, close: &str| {
        let times = of_a_megabyte / (open.len() + close.len());
        format!(r#"{{"query":"zebra","filters":{}0{}}}"#, open.repeat(times), close.repeat(times))
    };
    for body in [closed("[", "]"), closed(r#"{"a":"#, "}"), "[".repeat(of_a_megabyte), "{\"a\":".repeat(200_000)] {
        search_with(&user, body).await.expect_error(400, "INVALID_JSON");
    }
    let wide = |item: &str| vec![item; of_a_megabyte / (item.len() + 1) - 50].join(",");
    for (field, items) in [("databases", "[]"), ("filters", "{}"), ("facets", "1"), ("tables", "[[]]")] {
        let body = format!(r#"{{"query":"zebra","{field}":[{}]}}"#, wide(items));
        let named = search_with(&user, body).await.expect_error(400, "VALIDATION_ERROR")["field"].clone();
        assert!(named.as_str().unwrap().starts_with(field), "{field}: {named}");
    }
}

#[tokio::test]
async fn of_a_field_that_is_there_twice_the_last_one_counts() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (body, expected) in [
        (r#"{"query":"horse","cache":false,"query":"zebra"}"#, 2),
        (r#"{"query":5,"query":"zebra","limit":"x","limit":1}"#, 2),
        (r#"{"query":"zebra","\u0071uery":"mysql"}"#, 1),
    ] {
        assert_eq!(search_with(&user, body).await.expect(200)["totalCount"], expected, "{body}");
    }
    let last = r#"{"query":"zebra","query":null}"#;
    assert_eq!(search_with(&user, last).await.expect_error(400, "VALIDATION_ERROR")["field"], "query");
}

#[tokio::test]
async fn a_number_of_400_digits_is_no_number_of_ours() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let digits = "9".repeat(400);
    let forms =
        [digits.clone(), format!("-{digits}"), "1e400".to_owned(), format!("1e{digits}"), format!("0.{digits}")];
    for number in forms {
        for body in [
            format!(r#"{{"query":"zebra","limit":{number}}}"#),
            format!(r#"{{"query":"zebra","offset":{number}}}"#),
            format!(r#"{{"query":"zebra","filters":[{{"column":"id","operator":"=","value":{number}}}]}}"#),
        ] {
            let answer = search_with(&user, body.clone()).await;
            let code = answer.body["error"]["code"].as_str().unwrap_or_default().to_owned();
            // A fraction of 400 digits is one that has fewer.
            let is_refused = answer.status == 400 && ["INVALID_JSON", "VALIDATION_ERROR"].contains(&code.as_str());
            assert!(is_refused || number.starts_with("0.") && answer.status == 200, "{body}: {:#}", answer.body);
        }
        let path = format!("/api/v1/search/history?limit={number}&offset={number}");
        user.call("GET", &path).send().await.expect_error(400, "VALIDATION_ERROR");
        let port = format!(r#"{{"port":{number}}}"#);
        let call = user.call("PUT", &format!("/api/v1/databases/{id}")).header("content-type", "application/json");
        assert_eq!(call.body(port).send().await.status, 400, "{number}");
    }
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_refused_and_what_looks_like_it_is_text() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for bytes in [&b"\xff"[..], b"\xc0\xae", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"] {
        let body = [&br#"{"query":"zebra "#[..], bytes, br#""}"#].concat();
        search_with(&user, body).await.expect_error(400, "INVALID_JSON");
        let name = [&br#"{"query":"zebra",""#[..], bytes, br#"":1}"#].concat();
        search_with(&user, name).await.expect_error(400, "INVALID_JSON");
    }
    // In a form and in a query string it is replaced, as browsers do (WHATWG URL, 5.1).
    let found: Value = user.call("GET", "/api/v1/search/suggestions?query=%ff%fezebra").send().await.expect(200);
    assert_eq!(found["suggestions"], json!([]), "{found:#}");
}
