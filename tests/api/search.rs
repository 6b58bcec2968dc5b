//! `POST /api/v1/search`

mod bad_input;
mod cursor;
mod documented;
mod export;
mod facets;
mod fields;
mod filters;
mod fuzz;
mod language;
mod large;
mod read;
mod snippets;
mod sort;
mod together;
mod words;

use serde_json::{Value, json};
use tests::{Schema, TestApi, TestUser};

use crate::{articles, mysql};

fn ids(answer: &Value) -> Vec<i64> {
    let results = answer["results"].as_array().into_iter().flatten();
    results.filter_map(|result| result["primaryKey"]["id"].as_i64()).collect()
}

#[tokio::test]
async fn a_search_without_naming_anything_finds_rows_with_all_that_belongs_to_them() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let key = user.search_key().await;
    let answer =
        api.call("POST", "/api/v1/search").bearer(&key).json(&json!({ "query": "zebra crossing" })).send().await;
    assert_eq!(answer.body["meta"]["apiKeyTier"], "free");
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("999"));
    let data = answer.expect(200);
    assert_eq!(ids(&data), [1, 2]);
    assert_eq!((&data["totalCount"], &data["totalRelation"]), (&json!(2), &json!("exact")));
    assert_eq!((&data["page"], &data["limit"], &data["partial"]), (&json!(1), &json!(20), &json!(false)));

    let best = &data["results"][0];
    assert_eq!((&best["table"], &best["database"]), (&json!("articles"), &json!(id)));
    assert_eq!(best["id"], format!("{id}:articles:1"));
    assert_eq!(best["databaseName"], json!(schema.name));
    assert_eq!(best["matchedColumns"], json!(["title", "body"]));
    assert_eq!(best["data"]["title"], "Zebra crossings");
    assert_eq!(best["snippet"], "How a zebra crossing makes a street safer.");
    assert_eq!(data["results"][1]["matchedColumns"], json!(["body"]));
    let scores: Vec<f64> =
        data["results"].as_array().unwrap().iter().map(|r| r["relevanceScore"].as_f64().unwrap()).collect();
    assert!(scores[0] > scores[1] && scores[0] <= 1.0 && scores[1] > 0.0, "{scores:?}");
}

#[tokio::test]
async fn a_number_with_nothing_behind_its_point_is_a_whole_one() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let found = user.search(&json!({ "query": "zebra", "limit": 1.0, "offset": 1.0, "minScore": 0.0 })).await;
    assert_eq!((ids(&found).len(), &found["totalCount"]), (1, &json!(2)), "{found:#}");
}

#[tokio::test]
async fn a_column_that_looks_like_a_secret_is_never_returned() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let data = user.search(&json!({ "query": "zebra" })).await;
    assert!(data["results"][0]["data"].get("password_hash").is_none(), "{data:#}");
}

#[tokio::test]
async fn a_column_that_looks_like_a_secret_can_not_be_searched() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE users (id INT PRIMARY KEY, name TEXT, api_token TEXT, FULLTEXT (name, api_token))",
            "INSERT INTO users VALUES (1, 'Ursula', 'zebracrossing')",
            "CREATE TABLE tokens (token VARCHAR(50) PRIMARY KEY, note TEXT, FULLTEXT (note))",
            "INSERT INTO tokens VALUES ('zebracrossing', 'a note for ursula')",
            "CREATE TABLE secrets (id INT PRIMARY KEY, secret TEXT, FULLTEXT (secret))",
            "INSERT INTO secrets VALUES (1, 'zebracrossing')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for query in ["zebracrossing", "ursula"] {
        let data = user.search(&json!({ "query": query })).await;
        let results = data["results"].to_string();
        assert!(!results.contains("zebracrossing"), "{results}");
        assert_eq!(data["results"].as_array().unwrap().len(), usize::from(query == "ursula"), "{results}");
    }
}

#[tokio::test]
async fn boolean_mode_means_what_it_says() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (query, expected) in [
        ("+zebra -horse", &[1][..]),
        ("zebra NOT horse", &[1]),
        ("zebra AND horse", &[2]),
        ("mysql OR horse", &[2, 3]),
        ("\"zebra crossing\"", &[1]),
        ("\"crossing zebra\"", &[]),
        ("cross*", &[1]),
        ("+(horse OR mysql) -stripes", &[3]),
        ("full-text", &[3]),
        ("+the +mysql", &[3]),
        ("bob@example.com", &[4]),
        ("node.js", &[4]),
        ("user_names", &[4]),
    ] {
        let mut found = ids(&user.search(&json!({ "query": query, "searchMode": "boolean" })).await);
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn words_that_the_index_does_not_hold_are_named() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let data = user.search(&json!({ "query": "the go zebra" })).await;
    assert_eq!(
        data["ignoredTerms"],
        json!([
            { "term": "the", "reason": "stopword", "database": id },
            { "term": "go", "reason": "too_short", "database": id },
        ])
    );
}

#[tokio::test]
async fn one_search_spans_databases_and_tables_of_different_shapes() {
    let (api, first) = (TestApi::start().await, articles().await);
    let second = mysql()
        .schema(&[
            "CREATE TABLE products (sku VARCHAR(20), shop INT, name VARCHAR(100), description TEXT, price DECIMAL(8,2), \
             PRIMARY KEY (shop, sku), FULLTEXT (name), FULLTEXT (name, description))",
            "INSERT INTO products VALUES ('Z-1', 7, 'Zebra poster', 'A zebra on paper', 12.50), ('H-1', 7, 'Horse', NULL, 1)",
            "CREATE TABLE plain (id INT PRIMARY KEY, words TEXT)",
            "INSERT INTO plain VALUES (1, 'a zebra without an index')",
        ])
        .await;
    let user = api.register("ursula").await;
    let (a, b) = (user.connect(&first).await, user.connect(&second).await);
    let data = user.search(&json!({ "query": "zebra" })).await;
    assert_eq!(data["totalCount"], 3, "a row that two indexes find is one row: {data:#}");
    let product = data["results"].as_array().unwrap().iter().find(|result| result["database"] == json!(b)).unwrap();
    assert_eq!(product["id"], format!("{b}:products:7,Z-1"));
    assert_eq!(product["data"]["price"], "12.50");
    assert_eq!(product["matchedColumns"], json!(["name", "description"]));
    assert!(data["results"].as_array().unwrap().iter().any(|result| result["database"] == json!(a)));

    let named = user.search(&json!({ "query": "zebra", "tables": ["plain"] })).await;
    assert_eq!(named["totalCount"], 1);
    let advice = &named["queryOptimization"][0];
    assert_eq!(
        (&advice["type"], &advice["sqlSuggestion"]),
        (&json!("index"), &json!("ALTER TABLE `plain` ADD FULLTEXT (`words`)"))
    );
}

#[tokio::test]
async fn a_part_of_an_index_can_be_searched() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let data = user.search(&json!({ "query": "zebra", "columns": ["title"] })).await;
    assert_eq!((ids(&data), &data["results"][0]["matchedColumns"]), (vec![1], &json!(["title"])));
    let all = user.search(&json!({ "query": "zebra", "columns": [], "tables": [] })).await;
    assert_eq!(ids(&all), [1, 2]);
}

#[tokio::test]
async fn walking_all_pages_gives_each_row_exactly_once() {
    let (api, first, second) = (TestApi::start().await, many("first", 450).await, many("second", 130).await);
    let user = api.register("ursula").await;
    user.connect(&first).await;
    user.connect(&second).await;
    let seen = walk(&user, json!({ "query": "zebra street" })).await;
    assert_eq!(seen, (580, 580, json!("exact")));
}

#[tokio::test]
async fn walking_all_pages_gives_each_row_once_where_we_look_at_rows_again() {
    let (api, first, second) = (TestApi::start().await, many("first", 900).await, many("second", 130).await);
    let user = api.register("ursula").await;
    user.connect(&first).await;
    user.connect(&second).await;
    // In parentheses, in a part of an index, as a phrase with a short word: the server's answer is wider than what is asked.
    for (body, rows) in [
        (json!({ "query": "+(zebra horse) +(street road)", "searchMode": "boolean" }), 1_030),
        (json!({ "query": "even", "columns": ["title"] }), 515),
        (json!({ "query": "\"in street\" +even", "columns": ["body"], "searchMode": "boolean" }), 1_030),
    ] {
        let (seen, unique, _) = walk(&user, body.clone()).await;
        assert_eq!((seen, unique), (rows, rows), "{body}");
    }
}

/// How many rows all pages have, how many of them are different, and what the total said of itself at the end.
async fn walk(user: &TestUser<'_>, mut body: Value) -> (usize, usize, Value) {
    let mut seen = Vec::new();
    body["limit"] = json!(70);
    for offset in (0..).step_by(70) {
        body["offset"] = json!(offset);
        let data = user.search(&body).await;
        let results = data["results"].as_array().cloned().unwrap_or_default();
        let is_last = results.len() < 70;
        seen.extend(results.into_iter().map(|result| result["id"].to_string()));
        if is_last {
            let rows = seen.len();
            seen.sort();
            seen.dedup();
            return (rows, seen.len(), data["totalRelation"].clone());
        }
    }
    unreachable!("offsets do not end")
}

#[tokio::test]
async fn a_database_that_fails_is_named_and_the_others_answer() {
    let (api, good, mut bad) = (TestApi::start().await, articles().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&good).await;
    let id = user.connect(&bad).await;
    bad.run(&format!("ALTER USER '{}'@'127.0.0.1' IDENTIFIED BY 'another'", bad.name.clone())).await;
    let data = user.search(&json!({ "query": "zebra" })).await;
    assert_eq!((ids(&data), &data["partial"]), (vec![1, 2], &json!(true)));
    let failed = &data["failedDatabases"][0];
    assert_eq!((&failed["database"], &failed["code"]), (&json!(id), &json!("auth")));

    let only = user.call("POST", "/api/v1/search").json(&json!({ "query": "zebra", "databases": [id] })).send().await;
    let details = only.expect_error(500, "DATABASE_ERROR");
    assert_eq!(details["failedDatabases"][0]["code"], "auth");
}

#[tokio::test]
async fn a_schema_that_has_changed_since_is_read_again() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for statement in [
        "ALTER TABLE articles DROP INDEX ft_title_body, ADD FULLTEXT ft_body (body)",
        "ALTER TABLE articles RENAME COLUMN body TO content",
        "RENAME TABLE articles TO posts",
    ] {
        schema.run(statement).await;
        assert_eq!(ids(&user.search(&json!({ "query": "zebra" })).await), [1, 2], "{statement}");
    }
}

#[tokio::test]
async fn an_account_without_databases_gets_an_empty_answer_with_advice() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let data = user.search(&json!({ "query": "zebra", "databases": [] })).await;
    assert_eq!((&data["totalCount"], &data["results"]), (&json!(0), &json!([])));
    assert_eq!(data["queryOptimization"][0]["type"], "schema");
}

#[tokio::test]
async fn a_removed_database_is_not_searched_any_more() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 2);
    user.call("DELETE", &format!("/api/v1/databases/{id}")).send().await.expect(200);
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 0);
}

/// A table of so many rows about zebras.
async fn many(name: &str, rows: usize) -> Schema {
    let parity = |n| if n % 2 == 0 { "even" } else { "odd" };
    let value = |n| format!("('{name} zebra {n} {}', 'A zebra in street {}, be it even or odd')", parity(n), n % 7);
    let values: Vec<String> = (0..rows).map(value).collect();
    mysql()
        .schema(&[
            "CREATE TABLE animals (id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(100), body TEXT, FULLTEXT (title, body))",
            &format!("INSERT INTO animals (title, body) VALUES {}", values.join(", ")),
        ])
        .await
}
