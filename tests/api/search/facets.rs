//! `facets`: values and their counts over all rows that match.

use serde_json::json;
use tests::{Schema, TestApi};

use super::fields::refused;
use crate::{articles, mysql};

async fn animals() -> Schema {
    let row = |n: u32| {
        let category = if n.is_multiple_of(10) { "NULL".to_owned() } else { format!("'c{}'", n % 3) };
        format!("({n}, 'zebra {n}', {category}, {}, '2026-11-{:02}')", n % 7, n % 28 + 1)
    };
    let rows: Vec<String> = (0..450).map(row).collect();
    mysql()
        .schema(&[
            "CREATE TABLE animals (id INT PRIMARY KEY, title VARCHAR(50), category VARCHAR(20), stars INT, seen DATE, \
             shape BLOB, FULLTEXT (title))",
            &format!("INSERT INTO animals (id, title, category, stars, seen) VALUES {}", rows.join(", ")),
            "CREATE TABLE plants (code VARCHAR(5) PRIMARY KEY, name VARCHAR(50), notes TEXT, category VARCHAR(20), \
             FULLTEXT (name), FULLTEXT (notes))",
            "INSERT INTO plants VALUES ('a', 'zebra grass', 'like a zebra', 'c0'), ('b', 'grass', 'no zebra', 'grass')",
        ])
        .await
}

#[tokio::test]
async fn facets_count_all_rows_that_match_and_not_those_of_the_page() {
    let (api, schema) = (TestApi::start().await, animals().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let body = json!({ "query": "zebra", "limit": 1, "facets": ["category", "stars", "seen"] });
    let data = user.search(&body).await;
    let expected = |rest| (0..450).filter(|n| n % 10 != 0 && n % 3 == rest).count();
    assert_eq!(
        data["facets"]["category"],
        json!([
            { "value": "c0", "count": expected(0) + 1 },
            { "value": "c1", "count": expected(1) },
            { "value": "c2", "count": expected(2) },
            { "value": "grass", "count": 1 },
        ]),
        "of both tables, a row of two indexes once, and nulls not at all"
    );
    assert_eq!(data["facets"]["stars"][0], json!({ "value": 0, "count": 65 }));
    assert_eq!(data["facets"]["seen"].as_array().unwrap().len(), 20);
    assert_eq!(data["facets"]["seen"][0], json!({ "value": "2026-11-01", "count": 17 }));
    assert_eq!(data["facetRelation"]["category"], "exact");

    let mut filtered = body;
    filtered["filters"] = json!({ "category": "c1", "stars": { "lt": 2 } });
    let data = user.search(&filtered).await;
    let rows = (0..450).filter(|n| n % 10 != 0 && n % 3 == 1 && n % 7 < 2).count();
    assert_eq!(data["facets"]["category"], json!([{ "value": "c1", "count": rows }]));
    assert_eq!((&data["totalCount"], &data["totalRelation"]), (&json!(rows), &json!("exact")));
}

#[tokio::test]
async fn a_facet_says_that_it_is_an_estimate_where_rows_are_looked_at_again() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let data = user.search(&json!({ "query": "zebra", "columns": ["title"], "facets": ["id"] })).await;
    assert_eq!(data["facetRelation"], json!({ "id": "estimate" }));
    let data = user.search(&json!({ "query": "zebra" })).await;
    assert!(data.get("facets").is_none(), "nobody asked: {data:#}");
    let data = user.search(&json!({ "query": "unicorn", "facets": ["id"] })).await;
    assert_eq!(data["facets"], json!({ "id": [] }));
}

#[tokio::test]
async fn what_facets_can_not_be_is_refused_with_its_place() {
    let (api, schema) = (TestApi::start().await, animals().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (facets, field) in [
        (json!("category"), "facets"),
        (json!(true), "facets"),
        (json!([1]), "facets[0]"),
        (json!(["category", "nothing"]), "facets[1]"),
        (json!(["shape"]), "facets[0]"),
        (json!(["a", "b", "c", "d", "e", "f"]), "facets"),
    ] {
        refused(&user, &json!({ "query": "zebra", "facets": facets }), field).await;
    }
    user.search(&json!({ "query": "zebra", "facets": null })).await;
}
