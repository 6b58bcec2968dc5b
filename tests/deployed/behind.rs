//! What a function does between its answer and its next call. The runtime interface emulator passes an answer on only when the
//! next call is asked for; Lambda does so at once, and freezes the function then.

use local::faults::Fault;
use local::start::{Runtime, command};
use serde_json::json;
use tests::{Programs, TestApi};

use crate::{event, with_json, with_token};

#[tokio::test]
async fn a_function_answers_and_then_records_the_search_and_then_asks_for_its_next_call() {
    let api = TestApi::with_faults().await;
    let user = api.register("ursula").await;
    let search = with_json(event("POST", "/api/v1/search"), &json!({ "query": "zebra" }));
    let runtime = Runtime::with(&with_token(search, &user.token)).await.unwrap();
    api.faults.always("PutItem", Fault::Held);
    let program = Programs::of_this_run().unwrap().program("search");
    let mut function = command(&program, runtime.address, &api.service.app.config).spawn().unwrap();

    runtime.answered().await;
    tokio::select! {
        () = runtime.asked_again() => panic!("it may be frozen, and nothing is recorded"),
        _keys = user.call("GET", "/api/v1/keys").send() => {}
    }
    api.faults.clear();
    runtime.asked_again().await;
    let history = user.call("GET", "/api/v1/search/history").send().await.expect(200).clone();
    assert_eq!(history[0]["query"], "zebra", "{history}");
    function.kill().unwrap();
    function.wait().unwrap();
}
