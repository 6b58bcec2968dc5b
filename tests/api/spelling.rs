//! "Did you mean": what a search offers where a word finds nothing.

use serde_json::{Value, json};
use tests::TestApi;

use crate::{articles, mysql};

const BATCH: &str = "DynamoDB_20120810.BatchGetItem";
const COUNT: &str = "DynamoDB_20120810.UpdateItem";
const QUERY: &str = "DynamoDB_20120810.Query";
const RECORD: &str = "DynamoDB_20120810.PutItem";
const TRANSACTION: &str = "DynamoDB_20120810.TransactWriteItems";

fn texts(suggestions: &Value) -> Vec<&str> {
    suggestions.as_array().into_iter().flatten().filter_map(|suggestion| suggestion["text"].as_str()).collect()
}

#[tokio::test]
async fn where_nothing_matches_the_best_other_spelling_is_searched_and_said() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (query, spelling) in [
        ("zebar", "zebra"),
        ("Zebbra", "zebra"),
        ("performence", "performance"),
        ("\"zebra crosing\"", "\"zebra crossing\""),
    ] {
        let data = user.search(&json!({ "query": query, "searchMode": "boolean" })).await;
        assert_eq!((&data["correctedQuery"], &data["originalQuery"]), (&json!(spelling), &json!(query)), "{data:#}");
        assert!(data["totalCount"].as_u64() > Some(0), "{data:#}");
        let best = &data["suggestions"][0];
        assert_eq!((&best["text"], &best["type"]), (&json!(spelling), &json!("spelling")));
        let score = best["score"].as_f64().unwrap();
        assert!(score > 0.0 && score <= 1.0, "{score}");
    }
}

#[tokio::test]
async fn a_word_that_finds_nothing_beside_others_is_only_offered_until_it_is_asked_for() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let offered = user.search(&json!({ "query": "mysql zebar" })).await;
    assert_eq!(texts(&offered["suggestions"]), ["mysql zebra"]);
    assert_eq!((&offered["totalCount"], offered.get("correctedQuery")), (&json!(1), None));
    let applied = user.search(&json!({ "query": "mysql zebar", "correct": true })).await;
    assert_eq!((&applied["totalCount"], &applied["correctedQuery"]), (&json!(3), &json!("mysql zebra")));
    let refused = user.search(&json!({ "query": "zebar", "correct": false })).await;
    assert_eq!((&refused["totalCount"], refused.get("correctedQuery")), (&json!(0), None));
    assert_eq!(texts(&refused["suggestions"]), ["zebra"]);
    // The history has what was asked, not what was made of it.
    let history = user.call("GET", "/api/v1/search/history").send().await.expect(200);
    assert_eq!((&history[1]["query"], &history[1]["resultCount"]), (&json!("mysql zebar"), &json!(3)));
}

#[tokio::test]
async fn what_is_right_is_not_corrected_and_what_is_like_nothing_stays_empty() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for query in ["zebra", "the go zebra", "\"crossing zebra\"", "+zebra -stripes -crossing", "qqqqwwww", "C++"] {
        let data = user.search(&json!({ "query": query, "searchMode": "boolean", "correct": true })).await;
        assert_eq!((&data["suggestions"], data.get("correctedQuery")), (&json!([]), None), "{query}: {data:#}");
    }
}

#[tokio::test]
async fn words_are_read_only_where_one_is_missing_learnt_once_and_read_once() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let key = user.search_key().await;
    let calls = async |query: &str| {
        api.service.journal.take();
        let body = json!({ "query": query, "correct": false });
        api.call("POST", "/api/v1/search").bearer(&key).json(&body).send().await.expect(200);
        api.service.journal.take()
    };
    calls("zebra").await;
    assert_eq!(calls("zebra").await, [COUNT, QUERY, RECORD]);
    let opened = schema.opened().await;
    assert_eq!(calls("zebar").await, [COUNT, QUERY, BATCH, TRANSACTION, RECORD]);
    assert_eq!(schema.opened().await, opened + 2, "one connection for the search and one for the words");
    assert_eq!(calls("zebar").await, [COUNT, QUERY, RECORD]);
    // Colder than memory, and not old yet.
    api.advance(std::time::Duration::from_secs(301));
    let cold = calls("zebar").await;
    assert!(cold.contains(&BATCH.to_owned()) && !cold.contains(&TRANSACTION.to_owned()), "{cold:?}");
    assert_eq!(schema.opened().await, opened + 4);
}

#[tokio::test]
async fn new_words_are_known_a_day_later_and_at_once_after_a_change_of_the_connection() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let corrected = async |query: &str| user.search(&json!({ "query": query })).await["correctedQuery"].clone();
    assert_eq!(corrected("zebar").await, "zebra");
    schema.run("INSERT INTO articles (title, body) VALUES ('Giraffes', 'A giraffe is tall.')").await;
    assert_eq!(corrected("girafe").await, Value::Null);
    api.advance(std::time::Duration::from_hours(25));
    assert_eq!(corrected("girafe").await, "giraffe");

    schema.run("INSERT INTO articles (title, body) VALUES ('Elephants', 'An elephant is heavy.')").await;
    assert_eq!(corrected("elefant").await, Value::Null);
    let change = json!({ "name": "Another name" });
    user.call("PUT", &format!("/api/v1/databases/{id}")).json(&change).send().await.expect(200);
    assert_eq!(corrected("elephent").await, "elephant");
}

#[tokio::test]
async fn words_of_columns_that_look_like_secrets_are_never_learnt() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE users (id INT PRIMARY KEY, name TEXT, api_token TEXT, FULLTEXT (name, api_token))",
            "INSERT INTO users VALUES (1, 'Ursula', 'zebracrossing')",
            "CREATE TABLE secrets (id INT PRIMARY KEY, secret TEXT, FULLTEXT (secret))",
            "INSERT INTO secrets VALUES (1, 'zebracrossing')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let data = user.search(&json!({ "query": "zebracrosing" })).await;
    assert_eq!((&data["totalCount"], &data["suggestions"]), (&json!(0), &json!([])));
    let path = "/api/v1/search/suggestions?query=zeb";
    assert_eq!(user.call("GET", path).send().await.expect(200)["suggestions"], json!([]));
    assert_eq!(user.search(&json!({ "query": "ursola" })).await["correctedQuery"], "ursula");
}

#[tokio::test]
async fn words_of_a_large_table_are_learnt_from_its_end_as_from_its_beginning() {
    let api = TestApi::start().await;
    let word = |n: usize| {
        if n < 2_000 {
            "beginning"
        } else if n >= 28_000 {
            "concluding"
        } else {
            "between"
        }
    };
    let values: Vec<String> = (0..30_000).map(|n| format!("({n}, 'row {}')", word(n))).collect();
    let keys: Vec<String> =
        (0..30_000).map(|n| format!("('{}{n}', 'key {}')", if n < 28_000 { "a" } else { "x" }, word(n))).collect();
    let schema = mysql()
        .schema(&[
            "CREATE TABLE numbered (id INT PRIMARY KEY, body VARCHAR(50), FULLTEXT (body))",
            &format!("INSERT INTO numbered VALUES {}", values.join(", ")),
            "CREATE TABLE named (name VARCHAR(20) PRIMARY KEY, body VARCHAR(50), FULLTEXT (body))",
            &format!("INSERT INTO named VALUES {}", keys.join(", ")),
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for table in ["numbered", "named"] {
        for (query, expected) in [("beginnning", "beginning"), ("conclding", "concluding")] {
            let data = user.search(&json!({ "query": query, "tables": [table] })).await;
            assert_eq!(data["correctedQuery"], expected, "{table}");
        }
    }
}

#[tokio::test]
async fn a_removed_connection_takes_its_words_along() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    user.search(&json!({ "query": "zebar" })).await;
    let words = async || {
        let scan = api.service.app.table.client.scan().table_name(&api.service.app.table.name);
        let items = scan.send().await.unwrap().items.unwrap_or_default();
        items.iter().filter(|item| item["sk"].as_s().is_ok_and(|sk| sk.starts_with("WORDS#"))).count()
    };
    assert_eq!(words().await, 1);
    user.call("DELETE", &format!("/api/v1/databases/{id}")).send().await.expect(200);
    assert_eq!(words().await, 0);
}
