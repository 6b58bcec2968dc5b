//! The order and the scores of `POST /api/v1/search`.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use serde_json::{Value, json};
use tests::{Schema, TestApi};

use crate::mysql;

fn scores(answer: &Value) -> Vec<(String, f64)> {
    let results = answer["results"].as_array().unwrap().iter();
    results.map(|row| (row["id"].as_str().unwrap().to_owned(), row["relevanceScore"].as_f64().unwrap())).collect()
}

/// A table of so many rows about other things, and one row about zebra crossings. The index is made when the rows are there:
/// one that so many rows are put into is written by the server afterwards, beside the first searches.
async fn schema_of(rows: usize) -> Schema {
    let others: Vec<String> = (2..=rows)
        .map(|id| {
            let about = if id % 10 == 0 { "a zebra was seen somewhere" } else { "nothing of interest was seen at all" };
            format!("({id}, 'Report number {id}', '{about} on a long day in the country')")
        })
        .collect();
    let mut statements = vec![
        "CREATE TABLE notes (id INT PRIMARY KEY, title VARCHAR(100), body TEXT)".to_owned(),
        "INSERT INTO notes VALUES (1, 'Zebra crossings', 'Where a zebra crossing is, cars stop for people.')"
            .to_owned(),
    ];
    statements.extend(others.chunks(5_000).map(|rows| format!("INSERT INTO notes VALUES {}", rows.join(", "))));
    statements.push("ALTER TABLE notes ADD FULLTEXT (title, body)".to_owned());
    mysql().schema(&statements.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn a_row_scores_the_same_in_a_table_of_20_rows_and_in_one_of_20_000() {
    let api = TestApi::start().await;
    let (small, large) = (schema_of(20).await, schema_of(20_000).await);
    let user = api.register("ursula").await;
    let (small, large) = (user.connect(&small).await, user.connect(&large).await);
    for query in ["zebra", "zebra crossing", "crossing cars people", "zebra crossing zoo"] {
        let of = async |databases: Value| {
            let answer = user.search(&json!({ "query": query, "databases": databases })).await;
            assert_eq!(answer["partial"], false, "{answer:#}");
            scores(&answer).into_iter().filter(|(id, _)| id.ends_with(":notes:1")).map(|(_, score)| score).collect()
        };
        let (few, many): (Vec<f64>, Vec<f64>) = (of(json!([small])).await, of(json!([large])).await);
        assert!((few[0] - many[0]).abs() / many[0] < 0.05, "{query}: {few:?} and {many:?}");
        let both: Vec<f64> = of(json!([small, large])).await;
        assert_eq!(both.len(), 2, "{query}: {both:?}");
        assert!((both[0] - both[1]).abs() < f64::EPSILON, "{query}: {both:?}");
    }
}

#[tokio::test]
async fn other_forms_of_a_word_are_found_and_counted() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, FULLTEXT (body))",
            "INSERT INTO notes VALUES (1, 'One zebra'), (2, 'Two zebras'), (3, 'Cities of the world'), (4, 'A zebroid')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (query, expected) in [("zebras", vec![2, 1]), ("zebra", vec![1, 2]), ("city", vec![3])] {
        let data = user.search(&json!({ "query": query })).await;
        let found: Vec<i64> =
            data["results"].as_array().unwrap().iter().map(|row| row["primaryKey"]["id"].as_i64().unwrap()).collect();
        assert_eq!(found, expected, "{query}");
        assert_eq!((&data["totalCount"], &data["totalRelation"]), (&json!(expected.len()), &json!("exact")), "{query}");
        assert_eq!(data["ignoredTerms"], json!([]), "{query}");
    }
    let strict = user.search(&json!({ "query": "+zebras", "searchMode": "boolean" })).await;
    assert_eq!(strict["totalCount"], 1);
}

#[tokio::test]
async fn what_databases_and_tables_count_changes_scores_and_order() {
    let api = TestApi::start().await;
    let tables = [
        "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, FULLTEXT (body))",
        "INSERT INTO notes VALUES (1, 'a zebra')",
        "CREATE TABLE letters (id INT PRIMARY KEY, body TEXT, FULLTEXT (body))",
        "INSERT INTO letters VALUES (1, 'a zebra')",
    ];
    let (first, second) = (mysql().schema(&tables).await, mysql().schema(&tables).await);
    let user = api.register("ursula").await;
    let (first, second) = (user.connect(&first).await, user.connect(&second).await);
    for (heavy, light) in [(&first, &second), (&second, &first)] {
        let weights = json!({ "query": "zebra", "databaseWeights": { heavy: 2 }, "tableWeights": { "letters": 4 } });
        let found = scores(&user.search(&weights).await);
        let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
        let expected = [(heavy, "letters"), (light, "letters"), (heavy, "notes"), (light, "notes")]
            .map(|(d, t)| format!("{d}:{t}:1"));
        assert_eq!(ids, expected);
        assert!(
            (found[1].1 * 2.0 - found[0].1).abs() < 1e-9 && (found[2].1 * 4.0 - found[0].1).abs() < 1e-9,
            "{found:?}"
        );
    }
    let of_column = user.search(&json!({ "query": "zebra", "weights": { "letters.body": 9 } })).await;
    assert!(scores(&of_column)[0].0.contains(":letters:"), "{of_column:#}");
}

#[tokio::test]
async fn rows_below_the_lowest_score_are_neither_shown_nor_counted() {
    let api = TestApi::start().await;
    let schema = schema_of(60).await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let all = user.search(&json!({ "query": "zebra crossing" })).await;
    assert_eq!(all["totalCount"], 7);
    let best = scores(&all)[0].1;
    let data = user.search(&json!({ "query": "zebra crossing", "minScore": best })).await;
    assert_eq!((&data["totalCount"], &data["totalRelation"]), (&json!(1), &json!("exact")));
    assert_eq!(scores(&data), [scores(&all)[0].clone()]);
    assert_eq!(user.search(&json!({ "query": "zebra crossing", "minScore": 1 })).await["totalCount"], 0);
    for (wrong, kind) in [(json!(1.5), "at most 1"), (json!(-0.1), "at least 0"), (json!("high"), "")] {
        let body = json!({ "query": "zebra", "minScore": wrong });
        let details =
            user.call("POST", "/api/v1/search").json(&body).send().await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], "minScore", "{details:#}");
        assert!(details["reason"].as_str().unwrap().contains(kind), "{details:#}");
    }
}

#[tokio::test]
async fn a_score_is_explained_where_that_is_asked() {
    let api = TestApi::start().await;
    let schema = schema_of(30).await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for mode in ["natural", "boolean", "semantic"] {
        let data = user.search(&json!({ "query": "zebra crossing", "searchMode": mode, "explain": true })).await;
        for row in data["results"].as_array().unwrap() {
            let (told, score) = (&row["explanation"], row["relevanceScore"].as_f64().unwrap());
            let number = |value: &Value, name: &str| value[name].as_f64().unwrap();
            let constant = |name: &str| number(&told["constants"], name);
            let sum = |name: &str| told["terms"].as_array().unwrap().iter().map(|term| number(term, name)).sum::<f64>();
            let factor = |part: &str, share: &str| 1.0 - constant(share) + constant(share) * number(told, part);
            let computed = sum("contribution") / sum("weight")
                * factor("coverage", "coverageShare")
                * factor("proximity", "proximityShare")
                * number(told, "source");
            assert!((computed - score).abs() < 1e-9, "{mode}: {computed} and {score}: {told:#}");
        }
    }
    let silent = user.search(&json!({ "query": "zebra" })).await;
    assert!(silent["results"][0].get("explanation").is_none());
}

#[tokio::test]
async fn without_a_provider_semantic_mode_learns_from_the_best_rows() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, FULLTEXT (body))",
            "INSERT INTO notes VALUES (1, 'zebra stripes savanna herd'), (2, 'zebra zebra savanna herd grass'), \
             (3, 'one zebra near the savanna herd'), (4, 'zebra crossing for cars within the town'), \
             (5, 'zebra savanna herd and grass upon plains')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let data = user.search(&json!({ "query": "zebra", "searchMode": "semantic" })).await;
    let found = scores(&data);
    assert_eq!(found.len(), 5);
    assert!(found[4].0.ends_with(":notes:4"), "{found:?}");
    assert_eq!(data["queryOptimization"], json!([]));
}
