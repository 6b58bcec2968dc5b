//! `docs/search.md`: every request in it is sent.

use serde_json::{Value, json};
use tests::{Storage, TestApi};

use crate::mysql;
use crate::warehouses::connect_with_storage;

#[tokio::test]
async fn every_request_of_the_page_on_searching_is_answered() {
    let storage = Storage::start().await;
    let api = TestApi::with_storage(&storage).await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE books (id INT PRIMARY KEY, title VARCHAR(100), status VARCHAR(20), year INT, price DECIMAL(8,2), \
             published_at DATETIME, category VARCHAR(20), FULLTEXT (title))",
            "INSERT INTO books VALUES (1, 'Zebra crossings', 'published', 2021, 12.50, '2021-05-06', 'streets')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let (warehouse, _) = connect_with_storage(&user, &schema, &storage.settings()).await;
    let page = include_str!("../../../docs/search.md");
    let examples: Vec<&str> = page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let mut requests: Vec<Value> = examples.iter().map(|example| serde_json::from_str(example).unwrap()).collect();
    for body in &mut requests {
        if let Some(named) = body.get_mut("exportTo") {
            // That of the page is nobody's.
            *named = json!(warehouse);
        }
        let data = user.search(body).await;
        assert_eq!(data["totalCount"], 1, "{body}");
    }
    assert!(requests.len() >= 5);
}
