//! `POST /api/v1/search/analyze`

use serde_json::{Value, json};
use tests::{Answer, TestApi, TestUser};

use crate::{articles, mysql};

async fn ask(user: &TestUser<'_>, body: &Value) -> Answer {
    user.call("POST", "/api/v1/search/analyze").json(body).send().await
}

#[tokio::test]
async fn the_statements_of_a_search_are_explained_with_index_rows_and_time() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let data = ask(&user, &json!({ "query": "zebra the go", "databases": [id] })).await.expect(200);
    assert_eq!(data["query"], "zebra the go");
    let performance = &data["performance"][&id];
    assert_eq!((&performance["databaseName"], &performance["totalCount"]), (&json!(schema.name), &json!(2)));
    assert_eq!(performance["booleanQuery"], "zebra");
    assert!(performance["avgTime"].as_f64() > Some(0.0), "{performance:#}");
    let terms = performance["ignoredTerms"].as_array().unwrap().iter();
    let reasons: Vec<&str> = terms.map(|term| term["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["stopword", "too_short"]);

    let table = &performance["tables"][0];
    assert_eq!((&table["table"], &table["indexes"]), (&json!("articles"), &json!(["ft_title_body"])));
    assert_eq!((&table["usesIndex"], &table["matches"]), (&json!(true), &json!(2)), "{table:#}");
    assert!(table["estimatedRows"].as_u64() > Some(0) && table["executionTime"].as_f64() > Some(0.0), "{table:#}");
    let statement = table["statement"].as_str().unwrap();
    assert!(statement.contains("MATCH (`title`, `body`) AGAINST (@altus4_query IN BOOLEAN MODE)"), "{statement}");
    let steps = table["plan"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["access"] == "fulltext" && step["index"] == "ft_title_body"), "{steps:#?}");

    let sentences = data["recommendations"].as_array().unwrap().iter().map(|one| one.as_str().unwrap());
    let sentences: Vec<&str> = sentences.collect();
    assert!(sentences.iter().any(|sentence| sentence.contains("\"go\"")), "{sentences:#?}");
    assert!(sentences.iter().any(|sentence| sentence.contains("stopword")), "{sentences:#?}");
}

#[tokio::test]
async fn a_table_without_an_index_is_told_with_the_statement_that_makes_one() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE plain (id INT PRIMARY KEY, words TEXT)",
            "INSERT INTO plain VALUES (1, 'a zebra without an index')",
        ])
        .await;
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let data = ask(&user, &json!({ "query": "zebra", "databases": [id] })).await.expect(200);
    let table = &data["performance"][&id]["tables"][0];
    assert_eq!(
        (&table["usesIndex"], &table["matches"]),
        (&json!(false), &json!(1)),
        "it is read row by row: {table:#}"
    );
    let advice = data["optimization"].as_array().unwrap();
    let mends = |one: &&Value| one["sqlSuggestion"] == "ALTER TABLE `plain` ADD FULLTEXT (`words`)";
    assert_eq!(advice.iter().filter(mends).count(), 1, "{advice:#?}");
    assert!(data["recommendations"].to_string().contains("plain"), "{data:#}");
}

/// Fault B-8: the reference put a client's text behind EXPLAIN and ran it.
#[tokio::test]
async fn nothing_of_a_clients_sql_is_executed_or_explained() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let (grant, user_of_schema) = (schema.name.clone(), schema.name.clone());
    schema.run(&format!("GRANT ALL ON {grant}.* TO '{user_of_schema}'@'127.0.0.1'")).await;
    schema.run("CREATE TABLE hidden (id INT PRIMARY KEY, words TEXT)").await;
    schema.run("INSERT INTO hidden VALUES (1, 'untouched')").await;
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let analyze = async |query: &str| {
        let body = json!({ "query": query, "databases": [id], "tables": ["articles"] });
        ask(&user, &body).await.expect(200)
    };
    analyze("zebra").await;
    let before = schema.statements().await;
    analyze("zebra").await;
    let of_one = schema.statements().await - before;
    for sql in [
        "SELECT zebra FROM hidden",
        "FORMAT=JSON SELECT zebra FROM hidden",
        "FORMAT=TRADITIONAL SELECT zebra.* FROM hidden AS zebra",
        "ANALYZE DELETE FROM hidden WHERE 'zebra' = 'zebra'",
        "ANALYZE SELECT zebra.* FROM hidden AS zebra",
        "zebra'; DELETE FROM hidden; --",
        "zebra') ; DROP TABLE hidden; --",
        "zebra` FROM hidden; DROP TABLE hidden; -- `",
        "zebra */ DELETE FROM hidden; /*",
    ] {
        let before = schema.statements().await;
        let data = analyze(sql).await;
        assert_eq!(schema.statements().await - before, of_one, "{sql}");
        let performance = &data["performance"][&id];
        assert_eq!(performance["totalCount"], 2, "it is text to search for: {sql}");
        let tables = performance["tables"].as_array().unwrap();
        for table in tables {
            assert!(!table["statement"].to_string().contains("hidden"), "{table:#}");
            assert!(table["plan"].as_array().unwrap().iter().all(|step| step["table"] != "hidden"), "{table:#}");
        }
    }
    schema.run("INSERT INTO hidden VALUES (2, 'there')").await;
    let rows: Option<u64> =
        mysql_async::prelude::Queryable::query_first(&mut schema.root, "SELECT COUNT(*) FROM hidden").await.unwrap();
    assert_eq!(rows, Some(2));
}

#[tokio::test]
async fn a_database_that_fails_is_named_and_the_others_are_analyzed() {
    let (api, good, mut bad) = (TestApi::start().await, articles().await, articles().await);
    let user = api.register("ursula").await;
    let (good, id) = (user.connect(&good).await, user.connect(&bad).await);
    bad.run(&format!("ALTER USER '{}'@'127.0.0.1' IDENTIFIED BY 'another'", bad.name.clone())).await;
    let data = ask(&user, &json!({ "query": "zebra", "databases": [good, id] })).await.expect(200);
    assert_eq!((&data["failedDatabases"][0]["database"], data["performance"].get(&id)), (&json!(id), None));
    assert_eq!(data["performance"][&good]["totalCount"], 2);
    let only = ask(&user, &json!({ "query": "zebra", "databases": [id] })).await;
    only.expect_error(500, "DATABASE_ERROR");
}

#[tokio::test]
async fn what_can_not_be_analyzed_is_refused() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let (owner, stranger) = (api.register("ursula").await, api.register("eve").await);
    let id = owner.connect(&schema).await;
    for (body, field) in [
        (json!({ "databases": [id] }), "query"),
        (json!({ "query": " ", "databases": [id] }), "query"),
        (json!({ "query": "?!", "databases": [id] }), "query"),
        (json!({ "query": "(zebra", "databases": [id], "searchMode": "boolean" }), "query"),
        (json!({ "query": "zebra" }), "databases"),
        (json!({ "query": "zebra", "databases": [] }), "databases"),
        (json!({ "query": "zebra", "databases": [id], "tables": ["mysql.user"] }), "tables"),
    ] {
        assert_eq!(ask(&owner, &body).await.expect_error(400, "VALIDATION_ERROR")["field"], field, "{body}");
    }
    let opened = schema.opened().await;
    ask(&stranger, &json!({ "query": "zebra", "databases": [id] })).await.expect_error(404, "NOT_FOUND");
    assert_eq!(schema.opened().await, opened);

    let path = "/api/v1/search/analyze";
    api.call("POST", path).send().await.expect_error(401, "INVALID_API_KEY");
    let key = owner.search_key().await;
    api.call("POST", path).bearer(&key).send().await.expect_error(403, "INSUFFICIENT_PERMISSIONS");
}
