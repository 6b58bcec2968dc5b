//! A customer's server that dies, resets, raves or dawdles, wherever in what it says.

use std::time::Duration;

use local::faults::{Fault, Faults};
use local::proxy::Proxy;
use serde_json::{Value, json};
use tests::{Schema, TestApi, TestUser};

use crate::{articles, mysql};

/// From the greeting to the last row of a search the server says less than so many bytes.
const SAID_MAX: usize = 6_000;

/// The steps in which every place of it is tried: a prime, so that borders of packets are met at all distances.
const STEP: usize = 97;

/// A schema behind a proxy, connected, with this time for all of it.
async fn behind(user: &TestUser<'_>, schema: &Schema, timeout_ms: u64) -> (Proxy, Faults, String) {
    let faults = Faults::default();
    let proxy = Proxy::with(mysql().port(), faults.clone()).await.unwrap();
    let mut body = schema.connection();
    body["port"] = json!(proxy.port());
    // What is cut is to be what the server says, and not what encrypts it.
    body["ssl"] = json!(false);
    body["connectionOptions"] = json!({ "timeout": timeout_ms });
    let added = user.call("POST", "/api/v1/databases").json(&body).send().await.expect(201);
    (proxy, faults, added["id"].as_str().unwrap().to_owned())
}

async fn search(user: &TestUser<'_>, databases: &Value) -> tests::Answer {
    let body = json!({ "query": "zebra", "databases": databases, "cache": false });
    user.call("POST", "/api/v1/search").json(&body).send_alone().await
}

#[tokio::test]
async fn wherever_a_server_dies_the_search_says_so_and_the_next_one_finds_everything() {
    let api = TestApi::start().await;
    let (user, mut schema) = (api.register("ursula").await, articles().await);
    let (_proxy, faults, id) = behind(&user, &schema, 4_000).await;
    for ends in [Fault::Cut, Fault::Reset, Fault::Garbled] {
        let (mut said, mut failed) = (0, 0);
        loop {
            // A search makes one connection, and one more where it has to read the schema anew.
            faults.always("", ends(said));
            let answer = search(&user, &json!([id])).await;
            faults.clear();
            if answer.status == 200 {
                break;
            }
            let details = answer.expect_error(500, "DATABASE_ERROR");
            let code = details["failedDatabases"][0]["code"].as_str().unwrap().to_owned();
            assert!(["protocol", "timeout", "refused"].contains(&code.as_str()), "after {said} bytes: {details:#}");
            failed += 1;
            said += STEP;
            assert!(said < SAID_MAX, "it never came to an end");
        }
        assert!(failed > 5, "the server says more than {said} bytes");
        assert_eq!(search(&user, &json!([id])).await.expect(200)["totalCount"], 2);
    }
    schema.rests().await;
}

#[tokio::test]
async fn one_that_dies_in_the_middle_of_its_rows_takes_no_other_along() {
    let api = TestApi::start().await;
    let (user, dying, living) = (api.register("ursula").await, articles().await, articles().await);
    let (_proxy, faults, id) = behind(&user, &dying, 4_000).await;
    let other = user.connect(&living).await;
    for said in (0..400).step_by(STEP) {
        faults.always("", Fault::Cut(said));
        let found = search(&user, &json!([id, other])).await.expect(200);
        faults.clear();
        assert_eq!((&found["partial"], &found["totalCount"]), (&json!(true), &json!(2)), "{said}: {found:#}");
        assert_eq!(found["failedDatabases"][0]["database"], json!(id), "{said}");
    }
    assert_eq!(search(&user, &json!([id, other])).await.expect(200)["totalCount"], 4);
}

#[tokio::test]
async fn one_that_dawdles_is_given_up_in_its_time_and_hung_up_on() {
    let api = TestApi::start().await;
    let (user, mut schema) = (api.register("ursula").await, articles().await);
    let (_proxy, faults, id) = behind(&user, &schema, 1_000).await;
    for fault in [Fault::Slow(Duration::from_millis(100)), Fault::Late(Duration::from_mins(1)), Fault::Held] {
        faults.always("", fault);
        let details = search(&user, &json!([id])).await.expect_error(500, "DATABASE_ERROR");
        assert_eq!(details["failedDatabases"][0]["code"], "timeout", "{details:#}");
        faults.clear();
    }
    schema.rests().await;
    assert_eq!(search(&user, &json!([id])).await.expect(200)["totalCount"], 2);
}
