//! Filters, orders, facets and cursors, beside tables without an index, `minScore` and other spellings.

use std::collections::HashSet;

use serde_json::{Value, json};
use tests::{TestApi, TestUser};

use super::fields::refused;
use crate::mysql;

/// Ids and scores of all pages, by cursor.
async fn walk(user: &TestUser<'_>, body: &Value) -> Vec<(String, f64)> {
    let (mut body, mut rows) = (body.clone(), Vec::new());
    loop {
        let data = user.search(&body).await;
        let found = data["results"].as_array().into_iter().flatten();
        rows.extend(found.map(|row| {
            (row["id"].as_str().unwrap_or_default().to_owned(), row["relevanceScore"].as_f64().unwrap_or_default())
        }));
        match data.get("nextCursor") {
            Some(cursor) => body["cursor"] = cursor.clone(),
            None => return rows,
        }
        assert!(rows.len() < 10_000, "the walk ends");
    }
}

#[tokio::test]
async fn a_small_table_without_an_index_is_filtered_sorted_counted_and_paged_too() {
    let (api, schema) = (
        TestApi::start().await,
        mysql()
            .schema(&[
                "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, kind VARCHAR(20), year INT)",
                "INSERT INTO notes VALUES (1, 'A zebra', 'wild', 2001), (2, 'Two zebra', 'Wild', 2003), \
                 (3, 'The zebra', 'tame', 2002), (4, 'A zebrawood', 'wild', 2004), (5, 'A horse', 'wild', 2005), \
                 (6, 'Old zebra', 'wild', NULL)",
            ])
            .await,
    );
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let ids = |data: &Value| -> Vec<Value> {
        data["results"].as_array().unwrap().iter().map(|row| row["data"]["id"].clone()).collect()
    };
    let mut body = json!({ "query": "zebra", "searchMode": "boolean", "sort": "-year", "facets": ["kind"] });
    let data = user.search(&body).await;
    assert_eq!(ids(&data), [2, 3, 1, 6]);
    let counted = json!([{ "value": "wild", "count": 3 }, { "value": "tame", "count": 1 }]);
    // Which of the two spellings stands for both is for the server to say.
    assert_eq!(data["facets"]["kind"].to_string().to_lowercase(), counted.to_string());
    assert_eq!(data["facetRelation"]["kind"], "exact");
    body["filters"] = json!({ "kind": "wild", "year": { "gte": 2001 } });
    let data = user.search(&body).await;
    assert_eq!((ids(&data), &data["totalCount"]), (vec![json!(2), json!(1)], &json!(2)));
    body["limit"] = json!(1);
    assert_eq!(walk(&user, &body).await.len(), 2);
    body["fields"] = json!(["kind", "nothing"]);
    refused(&user, &body, "fields[1]").await;
}

#[tokio::test]
async fn a_row_has_the_same_score_by_cursor_and_by_offset_and_min_score_counts_alike() {
    let rows = (0..900).map(|id| format!("({id}, '{}crossing {}')", ["zebra ", ""][id % 2], "street ".repeat(id % 5)));
    let schema = mysql()
        .schema(&[
            "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, FULLTEXT (body))",
            &format!("INSERT INTO notes VALUES {}", rows.collect::<Vec<_>>().join(", ")),
        ])
        .await;
    let (api, mut by_offset) = (TestApi::start().await, Vec::new());
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let body = json!({ "query": "zebra crossing", "limit": 70 });
    for offset in (0..900).step_by(70) {
        let data = user.search(&json!({ "query": "zebra crossing", "limit": 70, "offset": offset })).await;
        let found = data["results"].as_array().unwrap().iter();
        by_offset
            .extend(found.map(|row| (row["id"].as_str().unwrap().to_owned(), row["relevanceScore"].as_f64().unwrap())));
    }
    let by_cursor = walk(&user, &body).await;
    assert_eq!((by_cursor.len(), &by_cursor), (900, &by_offset));
    let sorted = walk(&user, &json!({ "query": "zebra crossing", "limit": 70, "sort": "-id" })).await;
    assert_eq!(sorted.iter().map(|row| &row.0).collect::<HashSet<_>>().len(), 900);

    let least = by_cursor[150].1;
    let good = walk(&user, &json!({ "query": "zebra crossing", "limit": 70, "minScore": least })).await;
    assert_eq!(good, by_cursor[..300].iter().filter(|row| row.1 >= least).cloned().collect::<Vec<_>>());
    let body = json!({ "query": "zebra crossing", "minScore": least, "sort": "id" });
    refused(&user, &body, "minScore").await;
}

#[tokio::test]
async fn another_spelling_is_searched_with_the_filters_of_the_request() {
    let (api, schema) = (
        TestApi::start().await,
        mysql()
            .schema(&[
                "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, year INT, FULLTEXT (body))",
                "INSERT INTO notes VALUES (1, 'A zebra crossing', 2001), (2, 'Another zebra', 2002), (3, 'A zebra', 2003)",
            ])
            .await,
    );
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let body = json!({ "query": "zebar", "filters": { "year": { "gt": 2001 } }, "sort": "-year", "limit": 1 });
    let data = user.search(&body).await;
    assert_eq!((&data["correctedQuery"], &data["totalCount"]), (&json!("zebra"), &json!(2)));
    assert_eq!(data["results"][0]["data"]["id"], 3);
    assert_eq!(walk(&user, &body).await.len(), 2);
}
