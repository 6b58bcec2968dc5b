//! `docs/search.md`: every request in it is sent.

use serde_json::Value;
use tests::TestApi;

use crate::mysql;

#[tokio::test]
async fn every_request_of_the_page_on_searching_is_answered() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE books (id INT PRIMARY KEY, title VARCHAR(100), status VARCHAR(20), year INT, price DECIMAL(8,2), \
             published_at DATETIME, category VARCHAR(20), FULLTEXT (title))",
            "INSERT INTO books VALUES (1, 'Zebra crossings', 'published', 2021, 12.50, '2021-05-06', 'streets')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let page = include_str!("../../../docs/search.md");
    let examples: Vec<&str> = page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let requests: Vec<Value> = examples.iter().map(|example| serde_json::from_str(example).unwrap()).collect();
    for body in &requests {
        let data = user.search(body).await;
        assert_eq!(data["totalCount"], 1, "{body}");
    }
    assert!(requests.len() >= 5);
}
