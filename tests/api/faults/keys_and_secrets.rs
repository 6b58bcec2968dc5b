//! KMS, which opens what databases are opened with, and Secrets Manager, which has what sessions are signed with.

use std::time::Duration;

use local::faults::Fault;
use serde_json::json;
use tests::{TestApi, TestUser};

use super::{expect_unavailable, failures, stored};
use crate::articles;

const KMS: &str = "TrentService";
const SECRETS: &str = "secretsmanager";

/// Longer than an opened password is kept, and than versions of the secret are.
const COLD: Duration = Duration::from_mins(6);

/// How KMS fails besides: what it says of the key, of us, and of itself ("Errors" of `Decrypt` in the KMS API reference).
fn refusals() -> Vec<(&'static str, Fault)> {
    let codes =
        ["DisabledException", "KMSInvalidStateException", "KeyUnavailableException", "DependencyTimeoutException"];
    codes.into_iter().map(|code| (code, Fault::refused(code))).collect()
}

/// What every call does that needs the password of this connection, and one that makes another.
async fn expect_no_password(user: &TestUser<'_>, id: &str, connection: &serde_json::Value, how: &str) {
    let search = user.call("POST", "/api/v1/search").json(&json!({ "query": "zebra", "cache": false })).send_alone();
    let failed = search.await.expect_error(500, "DATABASE_ERROR");
    assert_eq!(failed["failedDatabases"][0]["code"], "sealed", "{how}");
    for (method, path) in [("POST", "test"), ("GET", "schema"), ("GET", "advice")] {
        let call = user.call(method, &format!("/api/v1/databases/{id}/{path}"));
        expect_unavailable(call.send_alone().await, &format!("{how}: {path}"));
    }
    let update = user.call("PUT", &format!("/api/v1/databases/{id}")).json(&json!({ "password": "another" }));
    expect_unavailable(update.send_alone().await, &format!("{how}: update"));
    let add = user.call("POST", "/api/v1/databases").json(connection);
    expect_unavailable(add.send_alone().await, &format!("{how}: add"));
}

#[tokio::test]
async fn however_kms_fails_nothing_is_stored_and_the_next_call_has_the_password() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let before = stored(&api).await;
    let waits = ["late", "slow", "silent"];
    for (how, fault) in failures().into_iter().filter(|(how, _)| !waits.contains(how)).chain(refusals()) {
        api.advance(COLD);
        api.faults.always(KMS, fault);
        expect_no_password(&user, &id, &schema.connection(), how).await;
        assert!(api.faults.clear() > 0, "{how}");
        assert_eq!(stored(&api).await, before, "{how}");
        assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 2, "{how}");
    }
}

#[tokio::test]
async fn a_key_that_is_disabled_or_to_be_deleted_opens_nothing_until_it_is_back() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let kms = shared::app::kms(&api.service.aws, &api.service.app.config);
    let key = kms.describe_key().key_id("alias/altus4").send().await.unwrap().key_metadata.unwrap().key_id;

    kms.disable_key().key_id(&key).send().await.unwrap();
    api.advance(COLD);
    expect_no_password(&user, &id, &schema.connection(), "disabled").await;
    kms.enable_key().key_id(&key).send().await.unwrap();
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 2);

    kms.schedule_key_deletion().key_id(&key).pending_window_in_days(7).send().await.unwrap();
    api.advance(COLD);
    expect_no_password(&user, &id, &schema.connection(), "to be deleted").await;
    kms.cancel_key_deletion().key_id(&key).send().await.unwrap();
    kms.enable_key().key_id(&key).send().await.unwrap();
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 2);
}

#[tokio::test]
async fn without_its_secret_the_service_signs_nothing_and_makes_no_account() {
    let api = TestApi::with_faults().await;
    let account = json!({ "email": "ursula@example.com", "password": "secure_password", "name": "Ursula" });
    let register = || api.call("POST", "/api/v1/auth/register").json(&account).send_alone();
    let missing = [("missing", Fault::refused("ResourceNotFoundException"))];
    for (how, fault) in missing.into_iter().chain(failures()) {
        api.advance(Duration::from_mins(2));
        api.faults.always(SECRETS, fault);
        expect_unavailable(register().await, how);
        assert!(api.faults.clear() > 0, "{how}");
        assert!(stored(&api).await.is_empty(), "{how}: an account was made whose owner has no session");
    }
    register().await.expect(201);
}

/// Puts this in the place of the secret, as somebody does by hand.
async fn put(api: &TestApi, text: &str) {
    let secrets = shared::app::secrets_manager(&api.service.aws, &api.service.app.config);
    secrets.put_secret_value().secret_id("altus4/session").secret_string(text).send().await.unwrap();
}

#[tokio::test]
async fn a_secret_that_signs_nothing_is_found_out_at_the_first_call_and_can_be_mended() {
    let api = TestApi::start().await;
    put(&api, "too short").await;
    let account = json!({ "email": "ursula@example.com", "password": "secure_password", "name": "Ursula" });
    let register = || api.call("POST", "/api/v1/auth/register").json(&account).send_alone();
    expect_unavailable(register().await, "too short");
    // Twice, so that the one before it is good as well.
    put(&api, &"a good secret, ".repeat(5)).await;
    put(&api, &"another good secret, ".repeat(5)).await;
    register().await.expect(201);
}

#[tokio::test]
async fn sessions_go_on_for_an_hour_when_the_secret_can_not_be_read_or_signs_nothing() {
    let api = TestApi::with_faults().await;
    let user = api.register("ursula").await;
    let profile = || user.call("GET", "/api/v1/auth/profile").send_alone();
    api.faults.always(SECRETS, Fault::refused("AccessDeniedException"));
    for _ in 0..9 {
        api.advance(COLD);
        profile().await.expect(200);
        user.call("POST", "/api/v1/auth/refresh").send_alone().await.expect(200);
    }
    // Nobody can tell any more whether the token is one of a version that is no longer good.
    api.advance(COLD);
    expect_unavailable(profile().await, "after an hour");
    api.faults.clear();
    profile().await.expect(200);

    put(&api, "too short").await;
    api.advance(COLD);
    profile().await.expect(200);
    put(&api, &"a good secret, ".repeat(5)).await;
}

#[tokio::test]
async fn a_token_of_a_version_that_can_not_be_read_is_not_called_wrong() {
    let api = TestApi::with_faults().await;
    let user = api.register("ursula").await;
    let unknown = tests::forge::with_kid(&user.token, "11111111-2222-4333-8444-555555555555");
    let profile = || api.call("GET", "/api/v1/auth/profile").bearer(&unknown).send_alone();
    api.advance(COLD);
    profile().await.expect_error(401, "INVALID_TOKEN");
    api.advance(COLD);
    api.faults.always(SECRETS, Fault::Reset(0));
    expect_unavailable(profile().await, "it may be a new one");
    api.faults.clear();
    api.advance(COLD);
    profile().await.expect_error(401, "INVALID_TOKEN");
}
