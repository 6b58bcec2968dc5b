//! Searches, of which little depends on the table: who calls, and which databases there are.

use local::faults::Fault;
use serde_json::json;
use tests::TestApi;

use super::{TABLE, expect_unavailable};
use crate::articles;

#[tokio::test]
async fn a_search_without_results_is_answered_when_only_what_comes_after_it_fails() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    let user = api.register("ursula").await;
    let key = user.search_key().await;
    let id = user.connect(&schema).await;
    for body in [json!({ "query": "xyzzy" }), json!({ "query": "zebar", "databases": [id], "cache": false })] {
        for fault in [Fault::refused("ThrottlingException"), Fault::refused("InternalServerError"), Fault::Reset(0)] {
            // The key is counted, the databases are read; from then on nothing is.
            for passing in 0..6 {
                api.faults.after(passing, TABLE, fault.clone());
                let answer = api.call("POST", "/api/v1/search").bearer(&key).json(&body).send().await;
                api.faults.clear();
                if passing < 2 {
                    expect_unavailable(answer, &format!("after {passing} calls"));
                } else {
                    assert_eq!(answer.expect(200)["partial"], false, "after {passing} calls: {body}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_can_not_be_recorded_or_kept_is_answered_and_the_next_one_is_recorded() {
    let (api, schema) = (TestApi::with_faults().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let search = || user.call("POST", "/api/v1/search").json(&json!({ "query": "zebra" })).send();
    for fault in [Fault::refused("ThrottlingException"), Fault::refused("AccessDeniedException"), Fault::Garbled(0)] {
        api.faults.always("PutItem", fault);
        assert_eq!(search().await.expect(200)["totalCount"], 2);
        assert!(api.faults.clear() > 1, "history and kept answer");
    }
    let answer = search().await;
    assert_eq!(answer.body["meta"]["cached"], false, "it was put where answers are kept, or it was not");
    let history = user.call("GET", "/api/v1/search/history").send().await.expect(200);
    assert!(!history.as_array().or(history["items"].as_array()).unwrap().is_empty(), "{history:#}");
}
