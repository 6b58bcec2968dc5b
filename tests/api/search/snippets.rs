//! Passages with marks.

use serde_json::json;
use tests::TestApi;

use crate::articles;

#[tokio::test]
async fn a_passage_is_marked_and_escaped_where_that_is_asked_for() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    schema.run("INSERT INTO articles (title, body) VALUES ('<Okapi>', 'An <b>okapi</b> & a café; okapis.')").await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let plain = user.search(&json!({ "query": "okapi" })).await;
    let result = &plain["results"][0];
    assert_eq!((&result["snippet"], result.get("highlights")), (&json!("An <b>okapi</b> & a café; okapis."), None));

    let marked = user.search(&json!({ "query": "okapi CAFE", "highlight": {} })).await;
    let result = &marked["results"][0];
    let expected = "An &lt;b&gt;<em>okapi</em>&lt;/b&gt; &amp; a <em>café</em>; <em>okapis</em>.";
    assert_eq!((&result["snippet"], result.get("highlights")), (&json!(expected), None));

    let style = json!({ "pre": "<mark class=\"x\">", "post": "</mark>", "length": 20, "columns": true });
    let marked = user.search(&json!({ "query": "okapi", "highlight": style })).await;
    let highlights = &marked["results"][0]["highlights"];
    assert_eq!(highlights["title"], "&lt;<mark class=\"x\">Okapi</mark>&gt;");
    assert!(highlights["body"].as_str().unwrap().ends_with("..."), "{highlights:#}");
    assert_eq!(marked["results"][0]["matchedColumns"], json!(["title", "body"]));
}

#[tokio::test]
async fn a_column_matches_by_a_stem_a_prefix_or_an_accent_and_not_by_half_a_phrase() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (query, mode, columns) in [
        ("street zebras", "natural", json!(["title", "body"])),
        ("stre*", "boolean", json!(["body"])),
        ("\"zebra crossings\"", "boolean", json!(["title"])),
        ("\"zébra crossing\"", "boolean", json!(["body"])),
    ] {
        let data = user.search(&json!({ "query": query, "searchMode": mode })).await;
        let result = &data["results"][0];
        assert_eq!((&result["primaryKey"]["id"], &result["matchedColumns"]), (&json!(1), &columns), "{query}");
    }
}

#[tokio::test]
async fn marks_that_can_not_be_are_refused() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for style in [
        json!({ "length": 19 }),
        json!({ "length": 1001 }),
        json!({ "length": "200" }),
        json!({ "pre": "x".repeat(65) }),
        json!({ "post": 5 }),
        json!(["<em>"]),
        json!("<em>"),
        json!({ "columns": "all" }),
    ] {
        let body = json!({ "query": "zebra", "highlight": style });
        let answer = user.call("POST", "/api/v1/search").json(&body).send().await;
        assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "highlight", "{style}");
    }
}
