//! Groups of results.

use serde_json::{Value, json};
use tests::TestApi;

use crate::mysql;

fn names(of: &Value) -> Vec<&str> {
    of["categories"].as_array().into_iter().flatten().filter_map(|category| category["name"].as_str()).collect()
}

#[tokio::test]
async fn results_belong_to_the_values_of_a_column_that_is_named_like_a_category_or_else_to_their_table() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE products (id INT PRIMARY KEY, name VARCHAR(100), category VARCHAR(50), FULLTEXT (name))",
            "INSERT INTO products VALUES (1, 'zebra poster', 'Art'), (2, 'zebra print', 'Art'), (3, 'zebra rug', 'Home'), \
             (4, 'zebra cup', NULL)",
            "CREATE TABLE notes (id INT PRIMARY KEY, note TEXT, tags VARCHAR(100), FULLTEXT (note))",
            "INSERT INTO notes VALUES (1, 'a zebra', 'animals, Africa'), (2, 'the zebra', 'animals')",
            "CREATE TABLE letters (id INT PRIMARY KEY, words TEXT, type VARCHAR(50), FULLTEXT (words))",
            "INSERT INTO letters VALUES (1, 'zebra one', 'A1'), (2, 'zebra two', 'A2'), (3, 'zebra three', 'A3')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let data = user.search(&json!({ "query": "zebra" })).await;
    let results = data["results"].as_array().unwrap();
    assert_eq!(results.len(), 9);
    for result in results {
        let expected: &[&str] = match (result["table"].as_str().unwrap(), result["primaryKey"]["id"].as_i64().unwrap())
        {
            ("products", 1 | 2) => &["Art"],
            ("products", 3) => &["Home"],
            ("notes", 1) => &["animals", "Africa"],
            ("notes", 2) => &["animals"],
            // A value of its own in every row is no group, and no value is none either.
            (table, _) => &[if table == "letters" { "letters" } else { "products" }],
        };
        assert_eq!(result["categories"], json!(expected), "{result:#}");
    }
    let count = |name: &str| {
        let categories = data["categories"].as_array().unwrap();
        categories.iter().find(|category| category["name"] == name).map(|category| category["count"].clone()).unwrap()
    };
    for (name, expected) in [("Art", 2), ("Home", 1), ("products", 1), ("animals", 2), ("Africa", 1), ("letters", 3)] {
        assert_eq!(count(name), expected, "{name}");
    }
}

#[tokio::test]
async fn the_confidence_of_a_category_is_its_share_of_the_pages_relevance() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE films (id INT PRIMARY KEY, title VARCHAR(100), genre VARCHAR(20), FULLTEXT (title))",
            "INSERT INTO films VALUES (1, 'zebra crossing', 'Drama'), (2, 'zebra', 'Drama'), (3, 'the long zebra of the north', 'Comedy')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let data = user.search(&json!({ "query": "zebra crossing" })).await;
    assert_eq!(names(&data), ["Drama", "Comedy"]);
    let results = data["results"].as_array().unwrap();
    let score = |result: &Value| result["relevanceScore"].as_f64().unwrap();
    let all: f64 = results.iter().map(score).sum();
    for category in data["categories"].as_array().unwrap() {
        let own: f64 = results.iter().filter(|r| r["categories"][0] == category["name"]).map(score).sum();
        let confidence = category["confidence"].as_f64().unwrap();
        assert!((confidence - own / all).abs() < 1e-9 && confidence <= 1.0, "{category}");
    }
    let none = user.search(&json!({ "query": "nothing" })).await;
    assert_eq!(none["categories"], json!([]));
}
