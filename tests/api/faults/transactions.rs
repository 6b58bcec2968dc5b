//! Writes that meet others, and writes whose answers are lost.

use local::faults::Fault;
use serde_json::{Value, json};
use tests::TestApi;

use super::{expect_unavailable, stored};
use crate::articles;

#[tokio::test]
async fn a_transaction_that_meets_another_is_made_a_little_later() {
    let api = TestApi::with_faults().await;
    let user = api.register("ursula").await;
    for reason in ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"] {
        api.faults.next("TransactWriteItems", 4, Fault::canceled(&["None", reason, "None"]));
        let created = user.call("POST", "/api/v1/keys").json(&json!({ "name": reason })).send_alone().await;
        created.expect(201);
        assert_eq!(api.faults.clear(), 4, "{reason}");
    }
    let keys = user.call("GET", "/api/v1/keys").send().await.expect(200);
    assert_eq!(keys["apiKeys"].as_array().unwrap().len(), 3, "each was made once: {keys:#}");
}

#[tokio::test]
async fn a_count_that_meets_a_transaction_is_made_a_little_later_and_once() {
    let api = TestApi::with_faults().await;
    let user = api.register("ursula").await;
    let (key, id) = user.create_key(&["search"]).await;
    api.faults.next("UpdateItem", 4, Fault::refused("TransactionConflictException"));
    let answer = api.call("GET", "/api/v1/search/history").bearer(&key).send_alone().await;
    assert_eq!((answer.status, api.faults.clear()), (200, 4));
    let counted = user.call("GET", &format!("/api/v1/keys/{id}")).send().await.expect(200);
    assert_eq!(counted["usageCount"], 1, "{counted:#}");
}

#[tokio::test]
async fn what_meets_others_at_every_attempt_is_given_up_and_was_not_made() {
    let api = TestApi::with_faults().await;
    let user = api.register("ursula").await;
    let before = stored(&api).await;
    for (calls, fault) in [
        ("TransactWriteItems", Fault::canceled(&["TransactionConflict"])),
        ("UpdateItem", Fault::refused("TransactionConflictException")),
        ("UpdateItem", Fault::refused("ConditionalCheckFailedException")),
    ] {
        api.faults.always(calls, fault);
        let created = user.call("POST", "/api/v1/keys").json(&json!({ "name": "A key" })).send_alone().await;
        assert!(api.faults.clear() > 5, "{calls}: it was tried again");
        expect_unavailable(created, calls);
        assert_eq!(stored(&api).await, before, "{calls}");
    }
}

#[tokio::test]
async fn a_condition_that_refuses_is_told_as_what_it_means() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let before = stored(&api).await;
    let refused = |at: usize| {
        let mut reasons = ["None"; 4];
        reasons[at] = "ConditionalCheckFailed";
        Fault::canceled(&reasons)
    };
    let account = json!({ "email": "eve@example.com", "password": "secure_password", "name": "Eve" });
    let renamed = json!({ "name": "Another" });
    for (method, path, body, at, status, code) in [
        ("POST", "/api/v1/auth/register".to_owned(), &account, 0, 409, "USER_EXISTS"),
        ("POST", "/api/v1/keys".to_owned(), &renamed, 2, 409, "LIMIT_REACHED"),
        ("PUT", format!("/api/v1/databases/{id}"), &renamed, 0, 409, "CONNECTION_CHANGED"),
        ("DELETE", format!("/api/v1/databases/{id}"), &renamed, 0, 404, "CONNECTION_NOT_FOUND"),
    ] {
        api.faults.next("TransactWriteItems", 1, refused(at));
        user.call(method, &path).json(body).send_alone().await.expect_error(status, code);
        assert_eq!(api.faults.clear(), 1, "{code}: a condition that refuses is no reason to try again");
        assert_eq!(stored(&api).await, before, "{code}");
    }
}

#[tokio::test]
async fn a_transaction_whose_answer_is_lost_was_made_once_and_is_answered() {
    let api = TestApi::with_faults().await;
    for (number, fault) in [Fault::Cut(0), Fault::Reset(0), Fault::Cut(30)].into_iter().enumerate() {
        let email = format!("ursula{number}@example.com");
        let account = json!({ "email": email, "password": "secure_password", "name": "Ursula" });
        api.faults.next("TransactWriteItems", 2, fault);
        // And then it meets another, so that it is ours to try again and not the SDK's.
        api.faults.next("TransactWriteItems", 1, Fault::canceled(&["None", "TransactionConflict"]));
        let registered = api.call("POST", "/api/v1/auth/register").json(&account).send_alone().await.expect(201);
        assert_eq!(api.faults.clear(), 3);
        let token = registered["token"].as_str().unwrap();
        let audit = api.call("GET", "/api/v1/management/audit").bearer(token).send().await.expect(200);
        let entries: Vec<&Value> = audit["entries"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
        assert_eq!(entries, ["account.registered"], "{audit:#}");
    }
}
