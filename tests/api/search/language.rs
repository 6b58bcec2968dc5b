//! `docs/query-language.md`, run.

use serde_json::{Value, json};
use tests::{Schema, TestApi};

use crate::mysql;

const PAGE: &str = include_str!("../../../docs/query-language.md");

/// The cells of the rows of all tables of the page that have this head.
fn tables(head: &str) -> Vec<Vec<Vec<String>>> {
    let mut lines = PAGE.lines();
    let mut tables = Vec::new();
    while lines.by_ref().any(|line| line == head) {
        let rows = lines.by_ref().skip(1).take_while(|line| line.starts_with('|'));
        tables.push(rows.map(cells).collect());
    }
    tables
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('|').trim().to_owned()).collect()
}

fn code(cell: &str) -> &str {
    cell.trim_matches('`')
}

/// The table of the page.
pub async fn library(engine: &str, index: &str) -> Schema {
    let rows = tables("| title | body |").remove(0);
    assert!(rows.len() > 10, "the rows of the page are found");
    let values: Vec<String> = rows.iter().map(|row| format!("('{}', '{}')", row[0], row[1])).collect();
    mysql()
        .schema(&[
            &format!(
                "CREATE TABLE shelf (id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(200), body TEXT, {index}) \
                 ENGINE={engine} CHARACTER SET utf8mb4"
            ),
            &format!("INSERT INTO shelf (title, body) VALUES {}", values.join(", ")),
        ])
        .await
}

pub fn titles(data: &Value) -> Vec<String> {
    let results = data["results"].as_array().into_iter().flatten();
    results.map(|result| result["data"]["title"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_examples_of_the_page_find_what_it_says() {
    let (api, schema) = (TestApi::start().await, library("InnoDB", "FULLTEXT (title, body)").await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let (mut run, mut wrong) = (0, Vec::new());
    for (mode, rows) in ["natural", "boolean"].into_iter().zip(tables("| query | finds |")) {
        for row in rows {
            let data = user.search(&json!({ "query": code(&row[0]), "searchMode": mode })).await;
            let (mut found, mut expected) = (titles(&data), split(row.get(1)));
            found.sort();
            expected.sort();
            run += 1;
            if found != expected {
                wrong.push(format!("{mode} {}: {found:?}, not {expected:?}", row[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(run > 40, "the examples of the page are found");
}

fn split(cell: Option<&String>) -> Vec<String> {
    cell.into_iter().flat_map(|cell| cell.split(';')).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
}

#[tokio::test]
async fn the_words_that_the_page_calls_ignored_are_named_with_their_reason() {
    let (api, schema) = (TestApi::start().await, library("InnoDB", "FULLTEXT (title, body)").await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let rows = tables("| query | ignored |").remove(0);
    assert!(!rows.is_empty());
    for row in rows {
        let data = user.search(&json!({ "query": code(&row[0]), "searchMode": "boolean" })).await;
        let (term, reason) = row[1].split_once(' ').unwrap();
        assert_eq!(data["ignoredTerms"], json!([{ "term": code(term), "reason": reason, "database": id }]), "{row:?}");
    }
}

#[tokio::test]
async fn what_the_index_can_not_hold_orders_what_other_words_find() {
    let (api, schema) = (TestApi::start().await, library("InnoDB", "FULLTEXT (title, body)").await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (query, mode) in [("+learning +go", "boolean"), ("learning go", "natural")] {
        let data = user.search(&json!({ "query": query, "searchMode": mode })).await;
        assert_eq!((titles(&data).len(), titles(&data)[0].as_str()), (3, "Learning Go"), "{query}");
    }
}
