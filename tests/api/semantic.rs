//! Searches by meaning, with a provider of embeddings that can be told to misbehave.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Provider, Says, TestApi, TestUser};

use crate::articles;

fn body() -> Value {
    json!({ "query": "zebra query", "searchMode": "semantic" })
}

fn ids(answer: &Value) -> Vec<i64> {
    let results = answer["results"].as_array().into_iter().flatten();
    results.filter_map(|result| result["primaryKey"]["id"].as_i64()).collect()
}

fn notes(answer: &Value) -> Vec<&str> {
    let advice = answer["queryOptimization"].as_array().into_iter().flatten();
    advice.filter_map(|advice| advice["description"].as_str()).filter(|text| text.contains("provider")).collect()
}

/// Searches, and expects the order of words and a note of the provider.
async fn expect_words(user: &TestUser<'_>, what: &str) -> String {
    let data = user.search(&body()).await;
    assert_eq!(ids(&data), [1, 2], "{what}");
    let notes = notes(&data);
    assert_eq!(notes.len(), 1, "{what}: {data:#}");
    notes[0].to_owned()
}

#[tokio::test]
async fn rows_that_a_provider_finds_near_come_first() {
    let provider = Provider::start(Says::Near("horse")).await;
    let (api, schema) = (TestApi::with_semantics(provider.semantics()).await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let words = user.search(&json!({ "query": "zebra query" })).await;
    assert_eq!((ids(&words), provider.asked().len()), (vec![1, 2], 0), "natural mode asks nobody");
    let data = user.search(&body()).await;
    assert_eq!((ids(&data), notes(&data)), (vec![2, 1], vec![]));
    let scores: Vec<f64> =
        data["results"].as_array().unwrap().iter().map(|r| r["relevanceScore"].as_f64().unwrap()).collect();
    assert!(scores.iter().all(|score| *score > 0.0 && *score <= 1.0), "{scores:?}");
    for (offset, expected) in [(0, vec![2]), (1, vec![1]), (2, vec![])] {
        let mut part = body();
        (part["offset"], part["limit"]) = (json!(offset), json!(1));
        assert_eq!(ids(&user.search(&part).await), expected, "page {offset}");
    }
}

#[tokio::test]
async fn a_provider_gets_the_query_and_what_was_searched_and_nothing_else() {
    let provider = Provider::start(Says::Near("horse")).await;
    let (api, mut schema) = (TestApi::with_semantics(provider.semantics()).await, articles().await);
    schema.run(&format!("UPDATE articles SET body = CONCAT(body, ' {}') WHERE id = 1", "words ".repeat(2_000))).await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    user.search(&body()).await;
    let asked = provider.asked();
    assert_eq!(asked.len(), 1, "one call");
    assert_eq!(asked[0]["authorization"], "Bearer sk-of-the-operator");
    assert_eq!((&asked[0]["body"]["model"], &asked[0]["body"]["input"][0]), (&json!("a-model"), &json!("zebra query")));
    let texts: Vec<&str> =
        asked[0]["body"]["input"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert_eq!(texts.len(), 3);
    assert_eq!(texts[2], "Horses\nA horse is no zebra, whatever its stripes.");
    assert!(texts[1].starts_with("Zebra crossings\nHow a zebra") && texts[1].chars().count() == 1_000, "{}", texts[1]);
}

#[tokio::test]
async fn whatever_a_provider_does_a_search_answers_in_the_order_of_words_and_says_so() {
    let elsewhere = Provider::start(Says::Near("horse")).await;
    let provider = Provider::start(Says::HangUp).await;
    let (api, schema) = (TestApi::with_semantics(provider.semantics()).await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for says in [
        Says::HangUp,
        Says::Status(500),
        Says::Status(401),
        Says::Status(429),
        Says::Redirect(elsewhere.port()),
        Says::Endless,
        Says::Zeros,
        Says::OtherDimension,
        Says::TooFew,
        Says::Text(""),
        Says::Text("<html>"),
        Says::Text("{}"),
        Says::Text("[]"),
        Says::Text("{\"data\":[]}"),
        Says::Text("{\"data\":[{\"embedding\":[NaN]},{\"embedding\":[1]},{\"embedding\":[1]}]}"),
        Says::Text("{\"data\":[{\"embedding\":[1e300]},{\"embedding\":[1]},{\"embedding\":[1]}]}"),
        Says::Text("{\"data\":[{\"embedding\":[\"1\"]},{\"embedding\":[1]},{\"embedding\":[1]}]}"),
        Says::Text("{\"data\":[{\"embedding\":[null]},{\"embedding\":[1]},{\"embedding\":[1]}]}"),
        Says::Text("{\"data\":[{\"embedding\":[]},{\"embedding\":[]},{\"embedding\":[]}]}"),
        Says::Text(
            "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]},{\"index\":2,\"embedding\":[1]}]}",
        ),
    ] {
        provider.says(says);
        expect_words(&user, &format!("{says:?}")).await;
        assert_eq!(provider.asked().len(), 1, "{says:?}");
        // All is forgotten with one good answer.
        provider.says(Says::Near("horse"));
        assert_eq!(ids(&user.search(&body()).await), [2, 1]);
        provider.asked();
    }
    assert!(elsewhere.asked().is_empty(), "a redirect was followed");
}

#[tokio::test]
async fn a_search_waits_for_a_provider_no_longer_than_its_budget() {
    let provider = Provider::start(Says::Nothing).await;
    let (api, schema) = (TestApi::with_semantics(provider.semantics()).await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let began = Instant::now();
    assert!(expect_words(&user, "nothing").await.contains("in time"));
    let took = began.elapsed();
    assert!(took > Duration::from_millis(1_900) && took < Duration::from_secs(4), "{took:?}");
}

#[tokio::test]
async fn where_a_database_has_little_time_a_provider_has_less() {
    let provider = Provider::start(Says::Nothing).await;
    let (api, schema) = (TestApi::with_semantics(provider.semantics()).await, articles().await);
    let user = api.register("ursula").await;
    let mut connection = schema.connection();
    connection["connectionOptions"] = json!({ "timeout": 1_200 });
    user.call("POST", "/api/v1/databases").json(&connection).send().await.expect(201);
    let began = Instant::now();
    expect_words(&user, "nothing").await;
    assert!(began.elapsed() < Duration::from_millis(1_500), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_provider_that_is_not_there_does_not_fail_a_search() {
    let semantics = Provider::start(Says::Nothing).await.semantics();
    let (api, schema) = (TestApi::with_semantics(semantics).await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    expect_words(&user, "refused").await;
}

#[tokio::test]
async fn a_secret_that_describes_no_provider_does_not_fail_a_search() {
    for text in
        ["", "no json", "{}", "{\"baseUrl\":\"no url\",\"model\":\"m\"}", "{\"baseUrl\":\"http://[\",\"model\":\"m\"}"]
    {
        let semantics = local::semantics::Semantics::Secret(text.to_owned() + " ");
        let (api, schema) = (TestApi::with_semantics(semantics).await, articles().await);
        let user = api.register("ursula").await;
        user.connect(&schema).await;
        expect_words(&user, text).await;
    }
}

#[tokio::test]
async fn a_provider_that_fails_five_times_is_left_alone_for_half_a_minute() {
    let provider = Provider::start(Says::Status(500)).await;
    let (api, schema) = (TestApi::with_semantics(provider.semantics()).await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for _ in 0..5 {
        expect_words(&user, "fails").await;
    }
    assert_eq!(provider.asked().len(), 5);
    provider.says(Says::Near("horse"));
    assert!(expect_words(&user, "rests").await.contains("left alone"));
    assert_eq!(provider.asked().len(), 0);
    api.advance(Duration::from_secs(31));
    for _ in 0..2 {
        assert_eq!(ids(&user.search(&body()).await), [2, 1]);
    }
    assert_eq!(provider.asked().len(), 2);
}

#[tokio::test]
async fn an_answer_without_its_provider_is_not_kept() {
    let provider = Provider::start(Says::Status(500)).await;
    let (api, schema) = (TestApi::with_semantics(provider.semantics()).await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let search = || async { user.call("POST", "/api/v1/search").json(&body()).send().await.expect(200) };
    assert_eq!(ids(&search().await), [1, 2]);
    provider.says(Says::Near("horse"));
    assert_eq!(ids(&search().await), [2, 1]);
    provider.says(Says::Status(500));
    assert_eq!(ids(&search().await), [2, 1], "kept");
}

#[tokio::test]
async fn models_of_amazon_bedrock_are_asked_in_their_own_words() {
    for (model, calls) in [("cohere.embed-multilingual-v3", 2), ("amazon.titan-embed-text-v2:0", 3)] {
        let provider = Provider::start(Says::Bedrock("horse")).await;
        let (api, schema) = (TestApi::with_semantics(provider.bedrock(model)).await, articles().await);
        let user = api.register("ursula").await;
        user.connect(&schema).await;
        let data = user.search(&body()).await;
        assert_eq!((ids(&data), notes(&data)), (vec![2, 1], vec![]), "{model}");
        assert_eq!(provider.asked().len(), calls, "{model}");
        provider.says(Says::Text("{\"embedding\":[0]}"));
        expect_words(&user, model).await;
    }
}
