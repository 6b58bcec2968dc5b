//! Databases that are dead, each in its way: what they cost a search, and that nothing of it is paid twice.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use local::proxy::Proxy;
use serde_json::{Value, json};
use shared::databases::Network;
use tests::{Schema, TestApi, TestUser};

use crate::{articles, mysql};

/// What every database of these tests may take, in milliseconds.
const TIMEOUT_MS: u64 = 1_500;

/// Less than that of a machine with other work: what is asked a second time, or waited for after the others, takes twice as long.
const SLACK_MS: u64 = 1_000;

/// A service, whose resolver knows every name until it is told to forget: then `forgotten.example` has no address, and the answer
/// about `silent.example` never comes.
async fn forgetful() -> (TestApi, Arc<AtomicBool>) {
    let forgets = Arc::new(AtomicBool::new(false));
    let does_forget = Arc::clone(&forgets);
    let resolve = move |host: &str| -> shared::databases::Resolving {
        let (host, forgets) = (host.to_owned(), does_forget.load(Ordering::Relaxed));
        Box::pin(async move {
            match host.as_str() {
                "forgotten.example" if forgets => Err(io::ErrorKind::NotFound.into()),
                "silent.example" if forgets => std::future::pending().await,
                _ => Ok(vec![Ipv4Addr::LOCALHOST.into()]),
            }
        })
    };
    (TestApi::with_network(Network::new(resolve, |_| Ok(()))).await, forgets)
}

async fn connect(user: &TestUser<'_>, schema: &Schema, host: &str, port: u16) -> String {
    let mut body = schema.connection();
    body["connectionOptions"] = json!({ "timeout": TIMEOUT_MS });
    body["host"] = json!(host);
    body["port"] = json!(port);
    let data = user.call("POST", "/api/v1/databases").json(&body).send().await.expect(201);
    data["id"].as_str().unwrap().to_owned()
}

/// Two live databases, and one behind a proxy that can be held up.
async fn two_and_one(user: &TestUser<'_>) -> ([String; 3], Proxy) {
    let (proxy, port) = (Proxy::to(mysql().port()).await.unwrap(), mysql().port());
    let live = [articles().await, articles().await];
    let ids = [
        connect(user, &live[0], "127.0.0.1", port).await,
        connect(user, &live[1], "127.0.0.1", port).await,
        connect(user, &articles().await, "127.0.0.1", proxy.port()).await,
    ];
    (ids, proxy)
}

/// What is answered, in the time that one of its databases has and little more.
async fn in_time(user: &TestUser<'_>, body: &Value) -> tests::Answer {
    let began = Instant::now();
    let mut body = body.clone();
    body["cache"] = json!(false);
    let answer = user.call("POST", "/api/v1/search").json(&body).send().await;
    let took = began.elapsed();
    assert!(took < Duration::from_millis(TIMEOUT_MS + SLACK_MS), "{took:?}: {body}");
    answer
}

#[tokio::test]
async fn in_whatever_way_databases_are_dead_the_others_answer_in_the_time_of_one() {
    let (api, forgets) = forgetful().await;
    let user = api.register("ursula").await;
    let (held, gone) = (Proxy::to(mysql().port()).await.unwrap(), Proxy::to(mysql().port()).await.unwrap());
    let port = mysql().port();
    let live = articles().await;
    connect(&user, &live, "live.example", port).await;
    let mut dead = Vec::new();
    for (host, port, code) in [
        ("held.example", held.port(), "timeout"),
        ("gone.example", gone.port(), "refused"),
        ("forgotten.example", port, "dns"),
        ("silent.example", port, "timeout"),
    ] {
        dead.push((connect(&user, &articles().await, host, port).await, code));
    }
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["partial"], false);
    held.hold();
    gone.close().await;
    forgets.store(true, Ordering::Relaxed);

    let data = in_time(&user, &json!({ "query": "zebra" })).await.expect(200);
    assert_eq!((&data["totalCount"], data["results"].as_array().unwrap().len()), (&json!(2), 2), "{data:#}");
    let mut failed: Vec<(String, String)> = data["failedDatabases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failed| (failed["database"].as_str().unwrap().to_owned(), failed["code"].as_str().unwrap().to_owned()))
        .collect();
    failed.sort();
    let mut expected: Vec<(String, String)> = dead.into_iter().map(|(id, code)| (id, code.to_owned())).collect();
    expected.sort();
    assert_eq!(failed, expected);
}

#[tokio::test]
async fn a_word_that_finds_nothing_does_not_make_a_dead_database_cost_its_time_twice() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let ([.., dead], proxy) = two_and_one(&user).await;
    // Learnt beforehand, so that there is something to be corrected with.
    assert_eq!(user.search(&json!({ "query": "zebar" })).await["correctedQuery"], "zebra");
    proxy.hold();
    for correct in [json!(null), json!(true)] {
        let data = in_time(&user, &json!({ "query": "zebar", "correct": correct })).await.expect(200);
        assert_eq!(
            (&data["partial"], &data["failedDatabases"][0]["database"]),
            (&json!(true), &json!(dead)),
            "{data:#}"
        );
    }
}

#[tokio::test]
async fn another_spelling_is_searched_where_there_is_an_answer_and_what_failed_is_still_told() {
    let (api, forgets) = forgetful().await;
    let user = api.register("ursula").await;
    let port = mysql().port();
    connect(&user, &articles().await, "live.example", port).await;
    let mut dead_schema = articles().await;
    let dead = connect(&user, &dead_schema, "forgotten.example", port).await;
    assert_eq!(user.search(&json!({ "query": "zebar" })).await["correctedQuery"], "zebra");
    forgets.store(true, Ordering::Relaxed);
    let opened = dead_schema.opened().await;
    let data = in_time(&user, &json!({ "query": "zebar" })).await.expect(200);
    assert_eq!((&data["correctedQuery"], &data["totalCount"]), (&json!("zebra"), &json!(2)), "{data:#}");
    assert_eq!((&data["partial"], &data["failedDatabases"].as_array().unwrap().len()), (&json!(true), &1));
    assert_eq!(data["failedDatabases"][0]["database"], json!(dead));
    assert_eq!(dead_schema.opened().await, opened);
}

#[tokio::test]
async fn a_name_that_nobody_knows_does_not_make_a_dead_database_cost_its_time_twice() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (_, proxy) = two_and_one(&user).await;
    proxy.hold();
    let answer = in_time(&user, &json!({ "query": "zebra", "tables": ["nosuch"] })).await;
    // The one that does not answer may have it.
    let data = answer.expect(200);
    assert_eq!((&data["totalCount"], &data["partial"]), (&json!(0), &json!(true)), "{data:#}");
}

#[tokio::test]
async fn a_client_that_wants_all_or_nothing_and_a_search_without_any_answer_end_in_time_too() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let ([.., dead], proxy) = two_and_one(&user).await;
    proxy.hold();
    let whole = json!({ "query": "zebra", "allowPartial": false });
    let details = in_time(&user, &whole).await.expect_error(504, "SEARCH_INCOMPLETE");
    assert_eq!(details["failedDatabases"][0]["database"], json!(dead));
    let alone = json!({ "query": "zebra", "databases": [dead] });
    let details = in_time(&user, &alone).await.expect_error(500, "DATABASE_ERROR");
    assert_eq!(details["failedDatabases"][0]["code"], "timeout");
}
