//! The function that the stream of the table calls, with records as the stream brings them.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::clock::DateRange;
use shared::dynamo::{key, text};
use tests::{TestApi, TestUser};

use crate::stream::{items, record};
use crate::{deployed, gateway};

/// Two accounts that have searched, each in turn, in a service in which nobody but the test hands records to the function.
async fn searched(api: &TestApi) -> [TestUser<'_>; 2] {
    api.without_stream().await;
    let users = [api.register("ursula").await, api.register("ulrich").await];
    for query in ["zebra", "horse"] {
        for user in &users {
            user.search(&json!({ "query": query })).await;
        }
    }
    users
}

/// The records of the accounts, which the template would keep away and which do no harm, and then of their searches, in turn,
/// at the places 0, 1 and so on.
async fn records(users: &[TestUser<'_>]) -> Vec<Value> {
    let mut histories = Vec::new();
    for user in users {
        histories.push(items(user.api, format!("USER#{}#H", user.id)).await);
    }
    let searches = (0..histories[0].len()).flat_map(|turn| histories.iter().map(move |history| &history[turn]));
    let keys = searches.map(|item| key(item["pk"].as_s().unwrap(), item["sk"].as_s().unwrap()));
    let account = |user: &TestUser<'_>| key(format!("USER#{}", user.id), "USER");
    let all = users.iter().map(account).chain(keys);
    all.enumerate().map(|(index, key)| record(&key, index)).collect()
}

async fn roll_up(api: &TestApi, records: &[Value]) -> Value {
    gateway(api).invoke("rollup", &json!({ "Records": records })).await
}

/// How many searches of an account are in the figures of today.
async fn counted(user: &TestUser<'_>) -> u64 {
    let today = DateRange::ending(user.api.now().date(), 1);
    let days = user.api.analytics().days(user.id.parse().unwrap(), today).await.unwrap();
    days.iter().map(|(_, figures)| figures.searches).sum()
}

#[tokio::test]
async fn searches_that_the_stream_brings_are_in_the_figures_once_however_often_it_brings_them() {
    let api = deployed().await;
    let users = searched(&api).await;
    let records = records(&users).await;
    assert_eq!(records.len(), 2 + 4);
    for _ in 0..2 {
        assert_eq!(roll_up(&api, &records).await, json!({ "batchItemFailures": [] }));
        assert_eq!((counted(&users[0]).await, counted(&users[1]).await), (2, 2));
    }
    assert_eq!(roll_up(&api, &[]).await, json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn what_could_not_be_counted_is_named_by_its_place_and_the_others_are_counted() {
    let api = deployed().await;
    let users = searched(&api).await;
    let records = records(&users).await;
    let dynamodb = shared::app::dynamodb(&api.service.aws, &api.service.app.config);
    let day = key(format!("USER#{}#R", users[1].id), format!("DAY#{}", api.now().date()));
    let mut damaged = day.clone();
    damaged.insert("revision".to_owned(), AttributeValue::N("1".to_owned()));
    damaged.insert("packed".to_owned(), text("no figures".to_owned()));
    dynamodb.put_item().table_name("altus4").set_item(Some(damaged)).send().await.unwrap();

    let failed = json!({ "batchItemFailures": [{ "itemIdentifier": "3" }] });
    assert_eq!(roll_up(&api, &records).await, failed, "the first search of the second account");
    assert_eq!(counted(&users[0]).await, 2);
    assert!(gateway(&api).log("rollup").contains("searches were not added to the figures"));

    // Lambda comes back with all from there on, once the cause is mended or not.
    dynamodb.delete_item().table_name("altus4").set_key(Some(day)).send().await.unwrap();
    assert_eq!(roll_up(&api, &records[3..]).await, json!({ "batchItemFailures": [] }));
    assert_eq!((counted(&users[0]).await, counted(&users[1]).await), (2, 2));
}

#[tokio::test]
async fn what_is_no_event_of_a_stream_fails_and_says_so() {
    let api = deployed().await;
    for event in [json!({}), json!({ "Records": [{ "s3": {} }] }), json!("text")] {
        let answer = gateway(&api).invoke("rollup", &event).await;
        assert!(answer["errorType"].is_string() && answer.get("batchItemFailures").is_none(), "{event} got {answer}");
    }
}
