//! Credentials sealed anew by the operator's command.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::time::Duration;

use admin::{Rewrapped, rewrap};
use serde_json::json;
use shared::databases::Database;
use tests::{TestApi, TestUser};

use crate::articles;

/// The record of a connection.
async fn stored(user: &TestUser<'_>, id: &str) -> Database {
    let found = user.api.service.app.databases.get(user.id.parse().unwrap(), id.parse().unwrap()).await;
    found.unwrap().expect("the connection")
}

#[tokio::test]
async fn after_a_rewrap_nothing_that_was_sealed_before_is_left_and_everything_opens() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let users = [api.register("ursula").await, api.register("ulrich").await];
    let mut before = Vec::new();
    for user in &users {
        let id = user.connect(&schema).await;
        before.push((stored(user, &id).await, id));
    }
    let app = &api.service.app;
    let kms = shared::app::kms(&api.service.aws, &app.config);
    let key = kms.describe_key().key_id(&app.config.kms_key).send().await.unwrap();
    kms.rotate_key_on_demand().key_id(key.key_metadata().unwrap().key_id()).send().await.unwrap();
    assert_eq!(rewrap(app, |line| panic!("{line}")).await.unwrap(), Rewrapped { done: 2, gone: 0, failed: 0 });

    api.advance(Duration::from_mins(6));
    for (user, (before, id)) in users.iter().zip(&before) {
        let after = stored(user, id).await;
        assert_eq!(after.credentials_version, before.credentials_version + 1);
        let bytes = |database: &Database| serde_json::to_value(&database.credentials).unwrap();
        assert_ne!(bytes(&after)["data_key"], bytes(before)["data_key"]);
        // What was sealed before does not open as what is there now.
        let rolled_back = Database { credentials: before.credentials.clone(), ..after };
        assert!(rolled_back.open_credentials(&app.vault).await.is_err());
        let user = TestUser { token: user.token.clone(), email: user.email.clone(), id: user.id.clone(), api: &api };
        let user = user.log_in_again().await;
        assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 2);
        let audit = user.call("GET", "/api/v1/management/audit").send().await.expect(200);
        assert!(audit.to_string().contains("connection.rewrapped"), "{audit:#}");
    }
}

#[tokio::test]
async fn what_can_not_be_opened_is_told_and_left_and_the_others_are_done() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (user, other) = (api.register("ursula").await, api.register("ulrich").await);
    let (good, bad) = (user.connect(&schema).await, other.connect(&schema).await);
    // The credentials of one account, copied into the record of another.
    let app = &api.service.app;
    let (from, mut into) = (stored(&user, &good).await, stored(&other, &bad).await);
    into.credentials = from.credentials;
    let entry =
        shared::audit::Entry::by_operator(into.owner, shared::audit::Action::ConnectionUpdated, into.id, api.now());
    let into = into.changed(api.now());
    app.databases.replace(&into, &entry).await.unwrap();

    api.advance(Duration::from_mins(6));
    let mut told = Vec::new();
    let rewrapped = rewrap(app, |line| told.push(line.to_owned())).await.unwrap();
    assert_eq!(rewrapped, Rewrapped { done: 1, gone: 0, failed: 1 });
    assert!(told.len() == 1 && told[0].contains(&bad), "{told:?}");
    let other = other.log_in_again().await;
    let search = json!({ "query": "zebra" });
    let details = other.call("POST", "/api/v1/search").json(&search).send().await.expect_error(500, "DATABASE_ERROR");
    assert_eq!(details["failedDatabases"][0]["code"], "sealed");
}
