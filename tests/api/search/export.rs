//! The rows of an answer as a file, beside the answer.

use serde_json::{Value, json};
use tests::{Storage, TestApi, TestUser};

use crate::warehouses::{connect_warehouse, connect_with_storage};
use crate::{articles, mysql};

/// Searches for zebras, with these fields besides.
async fn zebras(user: &TestUser<'_>, mut fields: Value) -> tests::Answer {
    fields["query"] = json!("zebra");
    user.call("POST", "/api/v1/search").json(&fields).send().await
}

#[tokio::test]
async fn the_rows_of_the_page_are_put_into_a_storage_and_linked_to_beside_the_answer() {
    let storage = Storage::start().await;
    let (api, schema) = (TestApi::with_storage(&storage).await, articles().await);
    let user = api.register("ursula").await;
    let database = user.connect(&schema).await;
    let (warehouse, _) = connect_with_storage(&user, &schema, &storage.settings()).await;
    let mut answer = zebras(&user, json!({ "export": "csv", "exportTo": warehouse })).await.expect(200);
    let export = answer.as_object_mut().unwrap().remove("export").unwrap();

    let files = storage.files();
    let lines: Vec<&str> = files[0].text.lines().collect();
    let header = "id,database,database_name,table,relevance_score,snippet,data.body,data.id,data.title";
    assert_eq!((files.len(), lines.len(), lines[0]), (1, 3, header), "{lines:#?}");
    for (line, row) in lines[1..].iter().zip(answer["results"].as_array().unwrap()) {
        let id = row["id"].as_str().unwrap();
        assert!(line.starts_with(&format!("{id},{database},")), "{line}");
        assert!(line.ends_with(row["data"]["title"].as_str().unwrap()), "{line}");
    }
    assert!(!files[0].text.contains("x1"), "what looks like a secret is in the file");
    let search = answer["searchId"].as_str().unwrap();
    assert_eq!(files[0].key, format!("altus4/searches/search-{search}.csv"));
    assert_eq!((&export["rows"], &export["bytes"]), (&json!(2), &json!(files[0].text.len())));
    let fetched = reqwest::get(export["url"].as_str().unwrap()).await.unwrap().text().await.unwrap();
    assert_eq!(fetched, files[0].text);

    let plain = zebras(&user, json!({ "cache": false })).await.expect(200);
    assert_eq!(plain["results"], answer["results"], "the answer is what it is without a file");
    assert_eq!(storage.files().len(), 1);
}

#[tokio::test]
async fn an_answer_that_was_kept_is_put_too_and_keeps_no_link() {
    let storage = Storage::start().await;
    let (api, schema) = (TestApi::with_storage(&storage).await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    connect_with_storage(&user, &schema, &storage.settings()).await;
    let mut links = Vec::new();
    for (cached, fields) in [(false, json!({ "export": "csv" })), (true, json!({ "export": "csv" })), (true, json!({}))]
    {
        let answer = zebras(&user, fields).await;
        assert_eq!(answer.body["meta"]["cached"], cached);
        links.push(answer.expect(200)["export"]["url"].clone());
    }
    assert!(links[0].is_string() && links[1].is_string() && links[0] != links[1] && links[2].is_null(), "{links:#?}");
    let files = storage.files();
    assert_eq!((files.len(), &files[0].text), (2, &files[1].text));
}

#[tokio::test]
async fn a_file_goes_into_a_storage_of_ones_own_and_which_has_to_be_plain() {
    let storage = Storage::start().await;
    let (api, mut schema) = (TestApi::with_storage(&storage).await, articles().await);
    let (user, stranger) = (api.register("ursula").await, api.register("eve").await);
    user.connect(&schema).await;
    zebras(&user, json!({ "export": "csv" })).await.expect_error(400, "NO_FILE_STORAGE");
    let (without, _) = connect_warehouse(&user, &schema).await;
    let (of_stranger, _) = connect_with_storage(&stranger, &schema, &storage.settings()).await;
    let opened = schema.opened().await;
    zebras(&user, json!({ "export": "csv" })).await.expect_error(400, "NO_FILE_STORAGE");
    zebras(&user, json!({ "export": "csv", "exportTo": without })).await.expect_error(400, "NO_FILE_STORAGE");
    for id in [of_stranger.as_str(), "64f251ce9614e0e94b000000", "x", ""] {
        zebras(&user, json!({ "export": "csv", "exportTo": id })).await.expect_error(404, "NOT_FOUND");
    }
    for wrong in [json!("xlsx"), json!(true), json!("CSV")] {
        let details = zebras(&user, json!({ "export": wrong })).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], "export", "{wrong}");
    }
    assert_eq!(schema.opened().await, opened, "nobody was searched");

    let (first, _) = connect_with_storage(&user, &schema, &storage.settings()).await;
    zebras(&user, json!({ "export": "csv" })).await.expect(200);
    connect_with_storage(&user, &schema, &storage.settings()).await;
    let details = zebras(&user, json!({ "export": "csv" })).await.expect_error(400, "VALIDATION_ERROR");
    assert_eq!(details["field"], "exportTo");
    zebras(&user, json!({ "export": "csv", "exportTo": first })).await.expect(200);
    assert_eq!(storage.files().len(), 2);
}

#[tokio::test]
async fn a_search_whose_rows_can_not_be_put_says_why_and_is_in_the_history() {
    let storage = Storage::start().await;
    let (api, schema) = (TestApi::with_storage(&storage).await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    connect_with_storage(&user, &schema, &storage.settings()).await;
    storage.says(403, "AccessDenied");
    let details = zebras(&user, json!({ "export": "csv" })).await.expect_error(400, "EXPORT_FAILED");
    assert_eq!(details["reason"], "permission");
    assert!(details["suggestion"].as_str().unwrap().contains("s3:PutObject"), "{details:#}");
    let history = user.call("GET", "/api/v1/search/history").send().await.expect(200);
    assert_eq!(history[0]["resultCount"], 2);
}

#[tokio::test]
async fn rows_of_all_databases_and_tables_are_in_one_file() {
    let storage = Storage::start().await;
    let other = mysql()
        .schema(&[
            "CREATE TABLE animals (id INT PRIMARY KEY, name VARCHAR(50), weight DECIMAL(8,2), FULLTEXT (name))",
            "INSERT INTO animals VALUES (1, '-zebra', -1.5)",
        ])
        .await;
    let (api, schema) = (TestApi::with_storage(&storage).await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    user.connect(&other).await;
    connect_with_storage(&user, &schema, &storage.settings()).await;
    let answer = zebras(&user, json!({ "export": "csv" })).await.expect(200);
    assert_eq!(answer["export"]["rows"], 3);
    let file = &storage.files()[0];
    let header = file.text.lines().next().unwrap();
    for column in ["data.title", "data.name", "data.weight"] {
        assert!(header.split(',').any(|cell| cell == column), "{header}");
    }
    assert!(file.text.contains(",'-zebra,") && file.text.contains("-1.5"), "{}", file.text);
}
