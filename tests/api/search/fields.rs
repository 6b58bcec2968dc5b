//! `fields`, and columns that look like secrets.

use serde_json::{Value, json};
use tests::{Schema, TestApi, TestUser};

use crate::{articles, mysql};

#[tokio::test]
async fn only_the_fields_that_are_named_come_back() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let data = user.search(&json!({ "query": "zebra", "fields": ["TITLE"] })).await;
    assert_eq!(data["results"][0]["data"], json!({ "title": "Zebra crossings" }));
    assert_eq!(data["results"][0]["snippet"], "How a zebra crossing makes a street safer.");
    let all = user.search(&json!({ "query": "zebra", "fields": [] })).await;
    assert_eq!(all["results"][0]["data"].as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn fields_that_no_table_has_are_refused_with_their_place() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (fields, field) in [
        (json!(["title", "nothing"]), "fields[1]"),
        (json!(["password_hash"]), "fields[0]"),
        (json!("title"), "fields"),
        (json!([5]), "fields[0]"),
        (json!({}), "fields"),
        (json!(vec!["title"; 101]), "fields"),
    ] {
        refused(&user, &json!({ "query": "zebra", "fields": fields }), field).await;
    }
}

#[tokio::test]
async fn nothing_leaks_what_looks_like_a_secret() {
    let (api, schema) = (TestApi::start().await, members().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let told = |condition: Value| json!({ "query": "member", "filters": condition });
    for (body, field) in [
        (told(json!({ "api_token": { "prefix": "z" } })), "filters.api_token"),
        (told(json!({ "api_token": null })), "filters.api_token"),
        (told(json!([{ "column": "API_TOKEN", "op": "eq", "value": "zebra" }])), "filters[0]"),
        (json!({ "query": "member", "sort": "api_token" }), "sort[0]"),
        (json!({ "query": "member", "facets": ["api_token"] }), "facets[0]"),
        (json!({ "query": "member", "fields": ["api_token"] }), "fields[0]"),
    ] {
        let secret = refused(&user, &body, field).await;
        // Word for word what is said of a column that is not there.
        let absent = body.to_string().replace("api_token", "no_column").replace("API_TOKEN", "no_column");
        let absent =
            refused(&user, &serde_json::from_str(&absent).unwrap(), &field.replace("api_token", "no_column")).await;
        let said = secret.to_string().replace("api_token", "no_column").replace("API_TOKEN", "no_column");
        assert_eq!(said, absent.to_string());
    }
    let data = user.search(&json!({ "query": "member" })).await;
    assert!(!data.to_string().contains("zebra"), "{data:#}");
    let path = format!("/api/v1/databases/{id}/schema?includeData=true");
    let seen = user.call("GET", &path).send().await.expect(200);
    assert!(!seen.to_string().contains("zebra"), "{seen:#}");
}

#[tokio::test]
async fn a_column_of_the_allow_list_is_a_column_like_others() {
    let (api, schema) = (TestApi::start().await, members().await);
    let user = api.register("ursula").await;
    for (allowed, is_shown) in [("members.api_token", true), ("api_TOKEN", true), ("others.api_token", false)] {
        let mut connection = schema.connection();
        connection["searchOptions"] = json!({ "allowedColumns": [allowed] });
        let made = user.call("POST", "/api/v1/databases").json(&connection).send().await.expect(201);
        assert_eq!(made["searchOptions"]["allowedColumns"], json!([allowed]));
        let mut body = json!({ "query": "member", "databases": [made["id"]], "filters": { "api_token": "zebra1" } });
        body["sort"] = json!("-api_token");
        body["facets"] = json!(["api_token"]);
        let answer = user.call("POST", "/api/v1/search").json(&body).send().await;
        if is_shown {
            let data = answer.expect(200);
            assert_eq!(data["results"][0]["data"]["api_token"], "zebra1");
            assert_eq!(data["facets"], json!({ "api_token": [{ "value": "zebra1", "count": 1 }] }));
            let found = user.search(&json!({ "query": "zebra1", "databases": [made["id"]] })).await;
            assert_eq!(found["results"][0]["matchedColumns"], json!(["api_token"]));
        } else {
            assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "filters.api_token");
        }
    }
}

#[tokio::test]
async fn an_allow_list_is_a_short_list_of_names() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    for allowed in [json!("api_token"), json!([5]), json!(vec!["c"; 101]), json!(["c".repeat(130)])] {
        let mut connection = schema.connection();
        connection["searchOptions"] = json!({ "allowedColumns": allowed });
        let answer = user.call("POST", "/api/v1/databases").json(&connection).send().await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert!(details["field"].as_str().unwrap().starts_with("searchOptions"), "{details:#}");
    }
}

async fn members() -> Schema {
    mysql()
        .schema(&[
            "CREATE TABLE members (id INT PRIMARY KEY, name VARCHAR(50), api_token VARCHAR(50), \
             FULLTEXT (name), FULLTEXT (name, api_token))",
            "INSERT INTO members VALUES (1, 'first member', 'zebra1'), (2, 'second member', 'zebra2')",
        ])
        .await
}

/// The details of the 400 that names this field.
pub async fn refused(user: &TestUser<'_>, body: &Value, field: &str) -> Value {
    let answer = user.call("POST", "/api/v1/search").json(body).send().await;
    assert_eq!(answer.status, 400, "{body}");
    let details = answer.expect_error(400, "VALIDATION_ERROR");
    assert_eq!(details["field"], field, "{body}: {details:#}");
    details
}
