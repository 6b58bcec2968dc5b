//! The table: every operation, however the table fails and wherever in its calls.

use admin::set_role;
use futures_util::future::join_all;
use local::faults::Fault;
use serde_json::{Value, json};
use shared::users::Role;
use tests::contract::{Operation, operations};
use tests::{Call, Schema, TestApi, TestUser};

use super::{TABLE, expect_unavailable, failures, stored};
use crate::articles;
use crate::contract::{Things, adapted, bodies_of, call_of, path_of};
use crate::warehouses::connect_warehouse;

/// What answers without the table: the pages, and what says how it is.
const WITHOUT_TABLE: [&str; 6] =
    ["getApiHealth", "getDocs", "getHealth", "getManagementHealth", "getOpenApi", "getStatus"];

/// What the SDK meets with another attempt.
const SHORT: [&str; 5] = ["throttled", "held back", "broken", "cut off", "reset"];

/// More calls than any operation makes.
const CALLS_MAX: usize = 60;

fn name(operation: &Operation) -> &str {
    operation.definition()["operationId"].as_str().unwrap()
}

fn on_the_table() -> impl Iterator<Item = &'static Operation> {
    operations().iter().filter(|operation| !WITHOUT_TABLE.contains(&name(operation)))
}

/// A user who may do everything, and what calls of theirs are about.
struct World<'a> {
    user: TestUser<'a>,
    things: Things,
    schema: &'a Schema,
    /// A search that has found something.
    found: Value,
}

impl<'a> World<'a> {
    async fn of(user: TestUser<'a>, schema: &'a Schema, has_key: bool) -> Self {
        set_role(&user.api.service.app, &user.email, Role::Admin).await.unwrap();
        let user = user.log_in_again().await;
        let connection = user.connect(schema).await;
        let found = user.search(&json!({ "query": "zebra" })).await;
        let search = found["searchId"].as_str().unwrap().to_owned();
        let key = if has_key { user.create_key(&["search"]).await.1 } else { String::new() };
        let (warehouse, table) = connect_warehouse(&user, schema).await;
        Self { user, things: Things { key, connection, search, warehouse, table }, schema, found }
    }

    /// A call that would be accepted, as the document has it.
    fn call(&self, operation: &Operation) -> Call {
        let call = self.user.call(&operation.method, &path_of(operation, &self.things));
        match bodies_of(operation, &self.things).into_iter().next() {
            None => call,
            Some(body) => call.json(&adapted(name(operation), body, &self.user.email, self.schema, &self.found)),
        }
    }
}

/// What is more than one transaction. Each says in a test of its own how it is gone on with.
const GONE_ON_WITH: [&str; 2] = ["closeAccount", "updateRecording"];

#[tokio::test]
async fn no_operation_is_an_error_of_ours_however_the_table_fails() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    let world = World::of(api.register("ursula").await, &schema, true).await;
    for (how, fault) in failures() {
        let (before, is_passed_on) = (stored(&api).await, !matches!(fault, Fault::Refused(..) | Fault::Held));
        api.faults.always(TABLE, fault);
        let calls = on_the_table().map(|operation| {
            let call = call_of(&api, operation, &world.things).bearer(&world.user.token);
            async move { (operation, call.send_alone().await) }
        });
        let answers = join_all(calls).await;
        let health = api.call("GET", "/health").send_alone().await.expect(200);
        assert!(api.faults.clear() > 0, "{how}: nothing was met");
        for (operation, answer) in answers {
            expect_unavailable(answer, &format!("{how}: {}", name(operation)));
        }
        assert_eq!(health["status"], "unhealthy", "{how}");
        world.user.call("GET", "/api/v1/auth/profile").send().await.expect(200);
        // Who registers where answers are lost has an account and does not know.
        assert!(is_passed_on || stored(&api).await == before, "{how}: something is stored");
    }
}

/// How an operation ends if the table is there for so many calls of it.
async fn ends(world: &World<'_>, operation: &Operation, passing: usize) -> bool {
    let (api, place) = (world.user.api, format!("{} after {passing} calls", name(operation)));
    let before = stored(api).await;
    api.faults.after(passing, TABLE, Fault::refused("ThrottlingException"));
    let answer = world.call(operation).send_alone().await;
    api.faults.clear();
    api.service.stream.settle().await.unwrap();
    if answer.status < 500 {
        return true;
    }
    expect_unavailable(answer, &place);
    if !GONE_ON_WITH.contains(&name(operation)) {
        assert_eq!(stored(api).await, before, "{place}: it was refused, and something is stored");
    }
    false
}

#[tokio::test]
async fn wherever_in_its_calls_the_table_fails_an_operation_was_done_or_not() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    for operation in on_the_table() {
        // So many new users come from one address only because time passes.
        api.advance(std::time::Duration::from_mins(2));
        let has_key = !name(operation).starts_with("setup");
        let world = World::of(api.register(&name(operation).to_lowercase()).await, &schema, has_key).await;
        let mut passing = 0;
        while !ends(&world, operation, passing).await {
            passing += 1;
            assert!(passing < CALLS_MAX, "{} makes no end of calls", name(operation));
        }
        assert!(passing > 0, "{} has not asked the table", name(operation));
    }
}

#[tokio::test]
async fn closing_an_account_goes_on_where_it_stopped() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    let world = World::of(api.register("ursula").await, &schema, true).await;
    let close = || world.user.call("DELETE", "/api/v1/auth/account").send_alone();
    // After the session, the keys and the connections were found, and before the account is gone.
    api.faults.after(8, TABLE, Fault::refused("InternalServerError"));
    expect_unavailable(close().await, "in the middle");
    assert!(api.faults.clear() > 0);
    close().await.expect(200);
    let left = stored(&api).await;
    assert!(
        !left.keys().any(|key| key.contains("EMAIL#") || key.ends_with(" USER") || key.contains(" DB#")),
        "{left:#?}"
    );
    assert!(left.iter().all(|(key, item)| !key.starts_with("KEY#") || item["revoked_at"].is_string()), "{left:#?}");
}

#[tokio::test]
async fn erasing_texts_goes_on_where_it_stopped() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    user.search(&json!({ "query": "zebra" })).await;
    let path = "/api/v1/analytics/settings";
    let erase = || user.call("PUT", path).json(&json!({ "recordQueryText": false })).send_alone();
    // The session, its count, the settings before and after, and the searches that have a text.
    api.faults.after(5, TABLE, Fault::refused("InternalServerError"));
    expect_unavailable(erase().await, "in the middle");
    assert!(api.faults.clear() > 0);
    let settings = user.call("GET", path).send().await.expect(200);
    assert_eq!((&settings["recordQueryText"], &history(&user).await), (&json!(false), &json!("zebra")));
    erase().await.expect(200);
    assert_eq!(history(&user).await, Value::Null);
}

/// The text of the only search.
async fn history(user: &TestUser<'_>) -> Value {
    user.call("GET", "/api/v1/search/history").send().await.expect(200)[0]["query"].clone()
}

#[tokio::test]
async fn a_batch_that_is_left_unread_is_asked_for_again() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let body = json!({ "query": "zebra", "databases": [id], "cache": false });
    api.faults.next("BatchGetItem", 2, Fault::Unread);
    let found = user.call("POST", "/api/v1/search").json(&body).send_alone().await.expect(200);
    assert_eq!((api.faults.clear(), &found["totalCount"]), (2, &json!(2)));
    api.faults.always("BatchGetItem", Fault::Unread);
    expect_unavailable(user.call("POST", "/api/v1/search").json(&body).send_alone().await, "never read");
    api.faults.clear();
    assert_eq!(user.search(&body).await["totalCount"], 2);
}

#[tokio::test]
async fn a_short_failure_is_not_noticed() {
    let api = TestApi::with_faults().await;
    let user = api.register("ursula").await;
    for (how, fault) in failures().into_iter().filter(|(how, _)| SHORT.contains(how)) {
        api.faults.next("GetItem", 1, fault);
        user.call("GET", "/api/v1/auth/profile").send_alone().await.expect(200);
        assert_eq!(api.faults.clear(), 1, "{how}");
    }
}
