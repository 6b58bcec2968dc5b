//! `sort`: other orders than that of relevance.

use serde_json::{Value, json};
use tests::{Schema, TestApi, TestUser};

use super::fields::refused;
use crate::mysql;

/// Two databases: a table whose column is a decimal, a date and a text, and one in which the same names are of other types.
async fn shelves() -> (Schema, Schema) {
    let book = |n: i32| {
        let price = if n % 50 == 49 { "NULL".to_owned() } else { format!("{}.{}", (n * 37) % 101 - 20, n % 10) };
        format!("({n}, 'zebra book {n}', {price}, '20{:02}-01-{:02} 10:00:00', 'Été {}')", n % 30, n % 28 + 1, n % 9)
    };
    let toy =
        |n: i32| format!("({n}, 'zebra toy {n}', {}e-1, '20{:02}-02-01', {})", (n * 53) % 997 - 200, n % 30, n % 11);
    let rows = |row: &dyn Fn(i32) -> String, rows| (0..rows).map(row).collect::<Vec<_>>().join(", ");
    let books = mysql()
        .schema(&[
            "CREATE TABLE books (id INT PRIMARY KEY, title VARCHAR(50), price DECIMAL(8,2), at DATETIME, label VARCHAR(20), \
             shape BLOB, FULLTEXT (title))",
            &format!("INSERT INTO books (id, title, price, at, label) VALUES {}", rows(&book, 430)),
        ])
        .await;
    let toys = mysql()
        .schema(&[
            "CREATE TABLE toys (id INT PRIMARY KEY, title VARCHAR(50), price DOUBLE, at DATE, label INT, \
             FULLTEXT (title), FULLTEXT title2 (title))",
            &format!("INSERT INTO toys VALUES {}", rows(&toy, 250)),
            "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, FULLTEXT (body))",
            "INSERT INTO notes VALUES (1, 'a zebra without a price')",
        ])
        .await;
    (books, toys)
}

/// All rows of all pages, by offset: id and data.
async fn walk(user: &TestUser<'_>, mut body: Value) -> Vec<(String, Value)> {
    let mut rows = Vec::new();
    body["limit"] = json!(70);
    loop {
        body["offset"] = json!(rows.len());
        let data = user.search(&body).await;
        let results = data["results"].as_array().cloned().unwrap_or_default();
        rows.extend(results.iter().map(|row| (row["id"].to_string(), row["data"].clone())));
        if results.len() < 70 {
            return rows;
        }
    }
}

#[tokio::test]
async fn rows_of_several_databases_are_sorted_by_the_value_of_a_number() {
    let (api, (books, toys)) = (TestApi::start().await, shelves().await);
    let user = api.register("ursula").await;
    user.connect(&books).await;
    user.connect(&toys).await;
    for (sort, sign) in [(json!("price"), 1.0), (json!([{ "column": "PRICE", "order": "desc" }, "relevance"]), -1.0)] {
        let rows = walk(&user, json!({ "query": "zebra", "sort": sort })).await;
        let price = |row: &Value| match &row["price"] {
            Value::String(digits) => digits.parse::<f64>().ok(),
            other => other.as_f64(),
        };
        let prices: Vec<Option<f64>> = rows.iter().map(|(_, row)| price(row)).collect();
        let values = prices.iter().position(Option::is_none).unwrap();
        let sorted = prices[..values].windows(2).all(|pair| pair[0].unwrap() * sign <= pair[1].unwrap() * sign);
        assert!(sorted, "{prices:?}");
        assert!(prices[values..].iter().all(Option::is_none), "no value comes last: {prices:?}");
        assert_eq!((values, prices.len()), (430 - 8 + 250, 681), "also a row of a table without the column");
        unique(&rows);
    }
}

#[tokio::test]
async fn rows_are_sorted_by_dates_and_by_texts_and_by_several_columns() {
    let (api, (books, toys)) = (TestApi::start().await, shelves().await);
    let user = api.register("ursula").await;
    user.connect(&books).await;
    user.connect(&toys).await;
    let rows = walk(&user, json!({ "query": "zebra", "sort": "-at" })).await;
    let at: Vec<&str> = rows.iter().filter_map(|(_, row)| row["at"].as_str()).collect();
    assert!(at.windows(2).all(|pair| pair[0][..10] >= pair[1][..10]), "{at:?}");
    assert_eq!((at.len(), unique(&rows)), (680, 681));

    // Numbers stand before texts.
    let rows = walk(&user, json!({ "query": "zebra", "sort": ["label", "-price"] })).await;
    let labels: Vec<String> = rows.iter().filter_map(|(_, row)| row.get("label")).map(Value::to_string).collect();
    let place = |label: &String| {
        let number = label.trim_matches('"').rsplit(' ').next().unwrap().parse::<u32>().unwrap();
        (label.starts_with('"'), number)
    };
    assert!(labels.windows(2).all(|pair| place(&pair[0]) <= place(&pair[1])), "{labels:?}");
    let first: Vec<f64> = rows.iter().take(20).map(|(_, row)| row["price"].as_f64().unwrap()).collect();
    assert!(first.windows(2).all(|pair| pair[0] >= pair[1]), "{first:?}");
    unique(&rows);
}

#[tokio::test]
async fn equal_rows_are_in_the_order_of_relevance() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE animals (id INT PRIMARY KEY, title VARCHAR(100), kind VARCHAR(10), FULLTEXT (title))",
            "INSERT INTO animals VALUES (1, 'a horse that once met a zebra on the way to the town', 'b'), \
             (2, 'zebra zebra', 'b'), (3, 'one more word about a zebra', 'a'), (4, 'zebra', 'B')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let data = user.search(&json!({ "query": "zebra", "sort": "kind" })).await;
    let ids = super::ids(&data);
    assert_eq!((ids[0], ids[3]), (3, 1), "{data:#}");
    let scores: Vec<f64> =
        data["results"].as_array().unwrap()[1..].iter().map(|row| row["relevanceScore"].as_f64().unwrap()).collect();
    assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{scores:?}");
    for sort in [json!("relevance"), json!(["relevance"]), json!([]), json!(null), json!("kind")] {
        user.search(&json!({ "query": "zebra", "sort": sort })).await;
    }
}

#[tokio::test]
async fn what_sort_can_not_be_is_refused_with_its_place() {
    let (api, (books, _)) = (TestApi::start().await, shelves().await);
    let user = api.register("ursula").await;
    user.connect(&books).await;
    for (sort, field) in [
        (json!("nothing"), "sort[0]"),
        (json!(["price", "nothing"]), "sort[1]"),
        (json!("shape"), "sort[0]"),
        (json!("-"), "sort"),
        (json!(5), "sort"),
        (json!([5]), "sort[0]"),
        (json!([{ "column": "price", "order": "up" }]), "sort[0].order"),
        (json!([{ "order": "asc" }]), "sort[0].column"),
        (json!({ "price": "desc" }), "sort.price"),
        (json!(["relevance", "price"]), "sort"),
        (json!(["id", "title", "price", "label"]), "sort"),
        (json!("price; DROP TABLE books"), "sort[0]"),
    ] {
        refused(&user, &json!({ "query": "zebra", "sort": sort }), field).await;
    }
}

fn unique(rows: &[(String, Value)]) -> usize {
    let ids: std::collections::HashSet<&String> = rows.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), rows.len());
    ids.len()
}
