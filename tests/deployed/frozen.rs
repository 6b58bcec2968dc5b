//! An environment that Lambda has stopped for long between two calls.

use std::time::Duration;

use local::proxy::Proxy;
use serde_json::json;
use shared::config::Config;
use tests::{Gateway, Monotonic, Programs, TestApi};

use crate::{deployed, gateway, mysql};

const AN_HOUR: Duration = Duration::from_hours(1);

/// A service whose functions reach the emulators of AWS by these ways, with a clock that can be moved.
async fn with_ways(monotonic: Monotonic) -> (TestApi, [Proxy; 2]) {
    let mut api = deployed().await;
    let mut config: Config = api.service.app.config.clone();
    let dynamodb = way(config.endpoints.dynamodb.as_deref()).await;
    let others = way(config.endpoints.kms.as_deref()).await;
    let at = |way: &Proxy| Some(format!("http://127.0.0.1:{}", way.port()));
    (config.endpoints.dynamodb, config.endpoints.kms) = (at(&dynamodb), at(&others));
    let programs = Programs::of_this_run().unwrap().with_clock(monotonic);
    api.gateway = Some(Gateway::start(programs, config).await);
    (api, [dynamodb, others])
}

async fn way(endpoint: Option<&str>) -> Proxy {
    let (_, port) = endpoint.unwrap().rsplit_once(':').unwrap();
    Proxy::to(port.parse().unwrap()).await.unwrap()
}

/// An hour for everything: the environments do not see it pass, and their connections are lost without a word.
async fn an_hour_later(api: &TestApi, ways: &[Proxy]) {
    gateway(api).freeze().await;
    ways.iter().for_each(Proxy::lose);
    api.advance(AN_HOUR);
    gateway(api).thaw(AN_HOUR);
}

/// By a clock that has gone on, the clients know that their connections are old. By one that has not, the first request on
/// each waits until AWS has been silent for too long (`ATTEMPT_MAX` in `shared/src/app.rs`).
#[tokio::test]
async fn after_an_hour_of_sleep_connections_that_were_lost_cost_no_answer() {
    for monotonic in [Monotonic::GoesOn, Monotonic::StandsStill] {
        let (api, ways) = with_ways(monotonic).await;
        let schema = mysql().schema(&["CREATE TABLE t (id INT PRIMARY KEY, a TEXT, FULLTEXT (a))"]).await;
        let user = api.register("ursula").await;
        user.connect(&schema).await;
        user.search(&json!({ "query": "zebra" })).await;
        an_hour_later(&api, &ways).await;
        assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 0, "{monotonic:?}");
        let log = gateway(&api).log("search");
        assert_eq!(log.matches("\"cold_start\":true").count(), 1, "the environment is the same one: {log}");
    }
}

#[tokio::test]
async fn after_an_hour_of_sleep_nothing_is_taken_from_memory_that_was_good_for_minutes() {
    let (api, ways) = with_ways(Monotonic::GoesOn).await;
    let schema = mysql().schema(&["CREATE TABLE t (id INT PRIMARY KEY, a TEXT, FULLTEXT (a))"]).await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let search = json!({ "query": "zebra" });
    user.search(&search).await;
    let kms = shared::app::kms(&api.service.aws, &api.service.app.config);
    let key = kms.describe_key().key_id("alias/altus4").send().await.unwrap().key_metadata.unwrap().key_id;
    kms.disable_key().key_id(&key).send().await.unwrap();
    user.search(&search).await;

    an_hour_later(&api, &ways).await;
    let call = user.call("POST", "/api/v1/search").json(&search);
    let details = call.send().await.expect_error(500, "DATABASE_ERROR");
    assert_eq!(details["failedDatabases"][0]["code"], "sealed", "the password that was warm is not used any more");
    kms.enable_key().key_id(&key).send().await.unwrap();
    user.search(&search).await;
}

#[tokio::test]
async fn a_secret_that_was_rotated_twice_in_its_sleep_is_read_before_it_is_believed() {
    let (api, ways) = with_ways(Monotonic::GoesOn).await;
    let user = api.register("ursula").await;
    for version in ["5c5d1a4e-8b0f-4f0c-9a55-0d4f0f5c7a11", "5c5d1a4e-8b0f-4f0c-9a55-0d4f0f5c7a12"] {
        for step in ["createSecret", "setSecret", "testSecret", "finishSecret"] {
            let event = json!({ "Step": step, "SecretId": "altus4/session", "ClientRequestToken": version });
            assert!(gateway(&api).invoke("rotation", &event).await.is_null(), "{step}");
        }
    }
    an_hour_later(&api, &ways).await;
    user.call("GET", "/api/v1/auth/profile").send().await.expect_error(401, "INVALID_TOKEN");
    let user = user.log_in_again().await;
    user.call("GET", "/api/v1/auth/profile").send().await.expect(200);
}
