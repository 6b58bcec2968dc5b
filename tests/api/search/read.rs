//! Rows that no index helps with: found by reading, and as good as others.

use serde_json::{Value, json};
use tests::TestApi;

use crate::mysql;

const ROWS: &str = "(1, 'Zebra crossing', 'Where a zebra crossing is, cars stop.'), (2, 'A long day', 'One zebra was seen.'), \
                    (3, 'Horses', 'None of them has stripes.'), (4, 'Zebras', 'They live in the savanna.')";

fn rows(answer: &Value, table: &str) -> Vec<(i64, f64)> {
    let rows = answer["results"].as_array().into_iter().flatten().filter(|row| row["table"] == table);
    rows.filter_map(|row| Some((row["primaryKey"]["id"].as_i64()?, row["relevanceScore"].as_f64()?))).collect()
}

#[tokio::test]
async fn a_row_that_is_read_scores_as_one_that_an_index_has_found() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE indexed (id INT PRIMARY KEY, title VARCHAR(100), body TEXT, FULLTEXT (title, body))",
            &format!("INSERT INTO indexed VALUES {ROWS}"),
            "CREATE TABLE plain (id INT PRIMARY KEY, title VARCHAR(100), body TEXT)",
            &format!("INSERT INTO plain VALUES {ROWS}"),
        ])
        .await;
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    for mode in ["natural", "boolean", "semantic"] {
        let query = json!({ "query": "zebra crossing", "searchMode": mode, "tables": ["plain", "indexed"] });
        let data = user.search(&query).await;
        let (read, found) = (rows(&data, "plain"), rows(&data, "indexed"));
        assert_eq!(read, found, "{mode}: {data:#}");
        assert!(read.len() >= 2 && read.iter().all(|(_, score)| *score > 0.0 && *score <= 1.0), "{mode}: {read:?}");
        assert!(read.windows(2).all(|pair| pair[0].1 > pair[1].1), "{mode}: {read:?}");
        // Its id is that of the row, and not of its place.
        for offset in 0..4 {
            let page = json!({ "query": "zebra crossing", "searchMode": mode, "tables": ["plain", "indexed"],
                               "offset": offset, "limit": 1 });
            let page = user.search(&page).await;
            assert_eq!(page["results"].as_array().unwrap().len(), 1, "no more rows than are asked for");
            let (row, same) = (&page["results"][0], &data["results"][offset]);
            assert_eq!((&row["id"], &row["relevanceScore"]), (&same["id"], &same["relevanceScore"]), "{mode} {offset}");
            let key = &row["primaryKey"]["id"];
            assert_eq!(row["id"], format!("{id}:{}:{key}", row["table"].as_str().unwrap()));
        }
    }
}

#[tokio::test]
async fn a_row_that_is_read_is_found_by_other_forms_of_a_word() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE plain (id INT PRIMARY KEY, title VARCHAR(100), body TEXT)",
            &format!("INSERT INTO plain VALUES {ROWS}"),
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (query, mode, expected) in [("zebras", "natural", &[1, 2, 4][..]), ("zebras", "boolean", &[4])] {
        let data = user.search(&json!({ "query": query, "searchMode": mode })).await;
        let mut found: Vec<i64> = rows(&data, "plain").into_iter().map(|(id, _)| id).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{mode}: {data:#}");
    }
}
