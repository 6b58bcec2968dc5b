//! What a search asks of AWS: counted, because each call is time and money.

use serde_json::{Value, json};
use tests::{Storage, TestApi};

use crate::articles;
use crate::warehouses::connect_with_storage;

const COUNT: &str = "DynamoDB_20120810.UpdateItem";
const QUERY: &str = "DynamoDB_20120810.Query";
const BATCH: &str = "DynamoDB_20120810.BatchGetItem";
const GET: &str = "DynamoDB_20120810.GetItem";
const TRANSACTION: &str = "DynamoDB_20120810.TransactWriteItems";
const RECORD: &str = "DynamoDB_20120810.PutItem";

#[tokio::test]
async fn a_warm_search_makes_two_calls_before_mysql_and_two_at_once_after() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let key = user.search_key().await;
    let search = |body: Value| api.call("POST", "/api/v1/search").bearer(&key).json(&body).send();
    for (body, read) in [(json!({}), QUERY), (json!({ "databases": [id] }), BATCH)] {
        let asking = |query: &str| {
            let mut body = body.clone();
            body["query"] = json!(query);
            body
        };
        search(asking("horse")).await.expect(200);
        api.service.journal.take();
        search(asking("zebra")).await.expect(200);
        assert_eq!(api.service.journal.take(), [COUNT, read, RECORD, RECORD], "the history, and the answer to keep");
    }
}

#[tokio::test]
async fn what_an_account_wants_kept_costs_no_call() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let key = user.search_key().await;
    let settings = json!({ "recordQueryText": false, "retentionDays": 1 });
    user.call("PUT", "/api/v1/analytics/settings").json(&settings).send().await.expect(200);
    let search = |body: Value| api.call("POST", "/api/v1/search").bearer(&key).json(&body).send();
    search(json!({ "query": "warm" })).await.expect(200);
    for (body, read) in [(json!({ "query": "zebra" }), QUERY), (json!({ "query": "zebra", "databases": [id] }), BATCH)]
    {
        api.service.journal.take();
        assert_eq!(search(body).await.expect(200)["totalCount"], 2);
        assert_eq!(api.service.journal.take(), [COUNT, read, RECORD, RECORD]);
    }
    let history = user.call("GET", "/api/v1/search/history").send().await.expect(200);
    assert_eq!(history[0]["query"], json!(null), "and they were heeded");
}

#[tokio::test]
async fn a_kept_answer_costs_no_call_more_where_databases_are_named_and_one_beside_the_query_elsewhere() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let key = user.search_key().await;
    for (body, calls) in [
        (json!({ "query": "zebra" }), &[COUNT, QUERY, GET, RECORD][..]),
        (json!({ "query": "zebra", "databases": [id] }), &[COUNT, BATCH, RECORD]),
    ] {
        for cached in [false, true] {
            api.service.journal.take();
            let answer = api.call("POST", "/api/v1/search").bearer(&key).json(&body).send().await;
            assert_eq!(answer.body["meta"]["cached"], cached);
        }
        assert_eq!(api.service.journal.take(), calls);
    }
}

#[tokio::test]
async fn a_cold_search_opens_each_password_once() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let key = user.search_key().await;
    api.advance(std::time::Duration::from_secs(301));
    api.service.journal.take();
    for (query, calls) in [
        ("zebra", &[COUNT, QUERY, "TrentService.Decrypt", RECORD, RECORD][..]),
        ("horse", &[COUNT, QUERY, RECORD, RECORD]),
    ] {
        let body = json!({ "query": query });
        api.call("POST", "/api/v1/search").bearer(&key).json(&body).send().await.expect(200);
        assert_eq!(api.service.journal.take(), calls);
    }
}

#[tokio::test]
async fn a_file_of_a_search_costs_one_read_more_and_nothing_where_none_is_wanted() {
    let storage = Storage::start().await;
    let (api, schema) = (TestApi::with_storage(&storage).await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let (warehouse, _) = connect_with_storage(&user, &schema, &storage.settings()).await;
    let key = user.search_key().await;
    let search = |body: Value| api.call("POST", "/api/v1/search").bearer(&key).json(&body).send();
    search(json!({ "query": "warm" })).await.expect(200);
    for (body, calls) in [
        (json!({ "query": "zebra" }), &[COUNT, QUERY, RECORD, RECORD][..]),
        (json!({ "query": "horse", "export": "csv", "exportTo": warehouse }), &[COUNT, GET, QUERY, RECORD, RECORD]),
    ] {
        api.service.journal.take();
        search(body).await.expect(200);
        assert_eq!(api.service.journal.take(), calls);
    }
}

#[tokio::test]
async fn a_malformed_key_costs_no_call_at_all() {
    let api = TestApi::start().await;
    api.service.journal.take();
    let answer = api.call("POST", "/api/v1/search").bearer("altus4_sk_live_short").send().await;
    answer.expect_error(401, "INVALID_API_KEY");
    assert_eq!(api.service.journal.take(), Vec::<String>::new());
}

#[tokio::test]
async fn a_key_check_costs_one_call_the_first_of_all_included() {
    let api = TestApi::start().await;
    let key = api.register("ursula").await.search_key().await;
    api.service.journal.take();
    for _ in 0..3 {
        api.call("POST", "/api/v1/search").bearer(&key).send().await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(api.service.journal.take(), [COUNT]);
    }
    // Once an hour, what was called in the window that is over goes to the figures of its day.
    api.advance(std::time::Duration::from_secs(3_601));
    for calls in [&[COUNT, TRANSACTION][..], &[COUNT]] {
        api.call("POST", "/api/v1/search").bearer(&key).send().await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(api.service.journal.take(), calls);
    }
}

#[tokio::test]
async fn a_session_costs_one_read_and_one_count_whatever_it_asks_for() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    user.call("GET", "/api/v1/auth/profile").send().await.expect(200);
    let (_, id) = user.create_key(&["search"]).await;
    api.service.journal.take();
    user.call("GET", "/api/v1/keys/no-id").send().await.expect_error(404, "API_KEY_NOT_FOUND");
    assert_eq!(api.service.journal.take(), [GET, COUNT]);
    // The account and a key of its own, in one signature, are one check. Nothing is changed of the key, and the last read says
    // that it is still there.
    user.call("PUT", &format!("/api/v1/keys/{id}")).send().await.expect(200);
    assert_eq!(api.service.journal.take(), [GET, COUNT, GET, GET, GET]);
}

#[tokio::test]
async fn a_login_asks_the_same_for_an_unknown_address_as_for_a_wrong_password() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let mut asked = Vec::new();
    for email in [user.email.as_str(), "nobody@example.com"] {
        api.service.journal.take();
        let body = json!({ "email": email, "password": "not the password" });
        api.call("POST", "/api/v1/auth/login").json(&body).send().await.expect_error(401, "INVALID_CREDENTIALS");
        asked.push(api.service.journal.take());
    }
    assert_eq!(asked[0], asked[1]);
}
