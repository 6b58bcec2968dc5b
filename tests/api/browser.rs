//! `GET /docs` in a real browser.

use axum::Router;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::Html;
use axum::routing::get;
use serde_json::{Value, json};
use tests::contract::operations;
use tests::{Browser, TestApi};
use tokio::net::TcpListener;

/// What of a page can be seen: the text of each section that has a size and is not hidden, by its id.
const SHOWN: &str = "Object.fromEntries([...document.querySelectorAll('section[id]')]
    .filter(section => section.checkVisibility() && section.getBoundingClientRect().height > 0)
    .map(section => [section.id, section.innerText]))";

/// How many rules of style are applied.
const RULES: &str = "[...document.styleSheets].reduce((sum, sheet) => sum + sheet.cssRules.length, 0)";

#[tokio::test]
async fn a_browser_shows_every_operation_asks_no_other_host_and_has_nothing_to_complain_of() {
    let Some(mut browser) = Browser::start(env!("CARGO_TARGET_TMPDIR")).await else { return };
    let api = TestApi::start().await;
    let url = format!("{}/docs", api.service.url());
    browser.open(&url).await;
    assert_eq!(browser.complaints(), Vec::<&Value>::new());
    assert_eq!(browser.requested(), [url]);
    assert!(browser.evaluate(RULES).await.as_u64() > Some(5), "the style is not applied");
    let shown = browser.evaluate(SHOWN).await;
    for operation in operations() {
        let name = operation.definition()["operationId"].as_str().unwrap();
        let text = shown[name].as_str().unwrap_or_else(|| panic!("{name} is not shown"));
        assert!(text.contains(&format!("{} {}", operation.method, operation.path)), "{text}");
    }
}

/// That the test above could fail.
#[tokio::test]
async fn a_browser_tells_what_a_policy_forbids_and_what_a_page_asks_for() {
    let Some(mut browser) = Browser::start(env!("CARGO_TARGET_TMPDIR")).await else { return };
    let page = "<!doctype html><title>A page</title><style>p { color: red }</style><img src=\"/picture\">";
    let answer = move || async move { ([(CONTENT_SECURITY_POLICY, "default-src 'none'; img-src 'self'")], Html(page)) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", get(answer))).await });
    browser.open(&url).await;
    assert_eq!(browser.requested(), [url.clone(), format!("{url}picture")]);
    assert_eq!(browser.evaluate(RULES).await, json!(0));
    let complaints = browser.complaints().iter().map(ToString::to_string).collect::<String>();
    assert!(complaints.contains("style-src") && complaints.contains("404"), "{complaints}");
}
