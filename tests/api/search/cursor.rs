//! `cursor`: all pages, however many there are.

use std::collections::HashSet;

use serde_json::{Value, json};
use tests::{TestApi, TestUser};

use super::fields::refused;
use super::many;
use crate::{articles, mysql};

/// How many rows all pages have by cursor; each is there once; and how many pages there are.
async fn walk(user: &TestUser<'_>, mut body: Value) -> (usize, usize) {
    let (mut seen, mut rows, mut pages) = (HashSet::new(), 0, 0);
    loop {
        let data = user.search(&body).await;
        pages += 1;
        assert_eq!(data["page"], pages, "{body}");
        for result in data["results"].as_array().into_iter().flatten() {
            rows += 1;
            assert!(seen.insert(result["id"].to_string()), "{} twice, on page {pages} of {body}", result["id"]);
        }
        match data.get("nextCursor") {
            Some(cursor) => body["cursor"] = cursor.clone(),
            None => return (rows, pages),
        }
    }
}

#[tokio::test]
async fn walking_all_pages_of_three_databases_by_cursor_gives_each_row_exactly_once() {
    let api = TestApi::start().await;
    let (first, second, third) = (many("first", 730).await, many("second", 400).await, many("third", 90).await);
    let user = api.register("ursula").await;
    for schema in [&first, &second, &third] {
        user.connect(schema).await;
    }
    for (body, rows) in [
        (json!({ "query": "zebra street", "limit": 70 }), 1_220),
        (json!({ "query": "zebra street", "limit": 100, "sort": "-title" }), 1_220),
        (json!({ "query": "zebra street", "limit": 100, "sort": ["body", "id"] }), 1_220),
        (json!({ "query": "zebra", "limit": 61, "filters": { "id": { "lte": 300 } } }), 690),
        (json!({ "query": "even", "columns": ["title"], "limit": 50 }), 610),
        (json!({ "query": "even", "columns": ["title"], "limit": 50, "sort": "body" }), 610),
    ] {
        assert_eq!(walk(&user, body.clone()).await.0, rows, "{body}");
    }
}

#[tokio::test]
async fn cursors_go_beyond_the_last_offset() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE tens (n INT PRIMARY KEY)",
            "INSERT INTO tens VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
            "CREATE TABLE animals (id INT PRIMARY KEY, title VARCHAR(50), FULLTEXT (title))",
            "INSERT INTO animals SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n, CONCAT('zebra ', a.n) \
             FROM tens a, tens b, tens c, tens d",
            "INSERT INTO animals SELECT id + 10000, title FROM animals WHERE id < 750",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for sort in [json!("relevance"), json!("-id")] {
        let body = json!({ "query": "zebra", "limit": 100, "sort": sort, "fields": ["id"] });
        assert_eq!(walk(&user, body).await, (10_750, 108));
    }
    // From the last offset on, too.
    let data = user.search(&json!({ "query": "zebra", "limit": 100, "offset": 10_000 })).await;
    let cursor = &data["nextCursor"];
    let next = user.search(&json!({ "query": "zebra", "limit": 100, "cursor": cursor })).await;
    assert_eq!((&next["page"], next["results"].as_array().unwrap().len()), (&json!(102), 100));
    assert_eq!((&next["totalCount"], &next["totalRelation"]), (&json!(10_750), &json!("exact")));
}

#[tokio::test]
async fn pages_by_cursor_and_by_offset_are_the_same() {
    let (api, schema) = (TestApi::start().await, many("first", 450).await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for sort in [json!(null), json!("-body")] {
        let mut body = json!({ "query": "zebra street", "limit": 90, "sort": sort });
        let mut cursor = Value::Null;
        for offset in [0, 90, 180, 270, 360] {
            body["cursor"] = cursor;
            let by_cursor = user.search(&body).await;
            body["cursor"] = Value::Null;
            body["offset"] = json!(offset);
            let by_offset = user.search(&body).await;
            body["offset"] = json!(0);
            assert_eq!(by_cursor["results"], by_offset["results"], "{offset} {sort}");
            cursor = by_cursor.get("nextCursor").cloned().unwrap_or_default();
            assert_eq!(cursor.is_null(), offset == 360);
        }
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_the_search_that_gave_it_and_for_nobody_else() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (user, other) = (api.register("ursula").await, api.register("otto").await);
    let id = user.connect(&schema).await;
    other.connect(&schema).await;
    let body = json!({ "query": "zebra", "limit": 1, "filters": { "id": { "gt": 0 } } });
    let cursor = user.search(&body).await["nextCursor"].clone();
    let with = |field: &str, value: Value| {
        let mut body = body.clone();
        body["cursor"] = cursor.clone();
        body[field] = value;
        body
    };
    assert_eq!(super::ids(&user.search(&with("limit", json!(5))).await), [2]);
    assert_eq!(super::ids(&user.search(&with("databases", json!([id]))).await), [2], "the same databases, by name");
    refused(&other, &with("limit", json!(1)), "cursor").await;
    let garbled = cursor.as_str().unwrap().replacen('A', "B", 1);
    for (field, value, refused_field) in [
        ("query", json!("horse"), "cursor"),
        ("searchMode", json!("boolean"), "cursor"),
        ("tables", json!(["articles"]), "cursor"),
        ("columns", json!(["title"]), "cursor"),
        ("filters", json!({}), "cursor"),
        ("sort", json!("id"), "cursor"),
        ("offset", json!(1), "offset"),
        ("cursor", json!(format!("{garbled}A")), "cursor"),
        ("cursor", json!(""), "cursor"),
        ("cursor", json!("next please"), "cursor"),
        ("cursor", json!("eyJuIjoxLCJzIjoxLCJwIjowfQ"), "cursor"),
        ("cursor", json!(5), "cursor"),
        ("cursor", json!({}), "cursor"),
    ] {
        refused(&user, &with(field, value), refused_field).await;
    }
}
