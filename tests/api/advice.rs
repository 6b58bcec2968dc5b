//! `GET /api/v1/databases/{connectionId}/advice`: what the adviser says, and that its statements do what it says.

use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use tests::{Schema, TestApi, TestUser};

use crate::{articles, mysql};

/// A schema with everything that the adviser knows a statement for, and some things for which there is none.
const LACKING: [&str; 21] = [
    "CREATE TABLE plain (id INT PRIMARY KEY, title VARCHAR(100), body TEXT, country CHAR(2), password_hash VARCHAR(64))",
    "CREATE TABLE `odd ``name``.x` (id INT PRIMARY KEY, `select` TEXT, `日 本` VARCHAR(60), `a``b` TINYTEXT)",
    "CREATE TABLE half (id INT PRIMARY KEY, title VARCHAR(100), body TEXT, FULLTEXT (title))",
    "CREATE TABLE apart (id INT PRIMARY KEY, title VARCHAR(100), body TEXT, FULLTEXT (title), FULLTEXT (body))",
    "CREATE TABLE twice (id INT PRIMARY KEY, title VARCHAR(100), body TEXT, FULLTEXT a (title, body), \
     FULLTEXT b (body, title), FULLTEXT `c ``d` (title, body))",
    "CREATE TABLE within (id INT PRIMARY KEY, title VARCHAR(100), body TEXT, FULLTEXT first_part (title), \
     FULLTEXT second_part (body), FULLTEXT whole (title, body))",
    "CREATE TABLE mixed (id INT PRIMARY KEY, a TEXT, b TEXT CHARACTER SET latin1, c TEXT COLLATE utf8mb4_bin, d TEXT)",
    "CREATE TABLE wide (id INT PRIMARY KEY, a TEXT CHARACTER SET ucs2, b VARCHAR(50) CHARACTER SET utf32)",
    "CREATE TABLE computed (id INT PRIMARY KEY, a TEXT, s VARCHAR(99) GENERATED ALWAYS AS (LEFT(a, 9)) STORED, \
     v VARCHAR(99) GENERATED ALWAYS AS (LEFT(a, 9)) VIRTUAL)",
    "CREATE TABLE keyless (id INT, ID_ INT, note TEXT, FULLTEXT (note))",
    "CREATE TABLE nameless (note TEXT, FULLTEXT (note))",
    "CREATE TABLE unique_one (code VARCHAR(20) NOT NULL, note TEXT NOT NULL, UNIQUE a (note(10)), UNIQUE b (code), FULLTEXT (note))",
    "CREATE TABLE counted (n INT AUTO_INCREMENT, note TEXT, KEY (n), FULLTEXT (note))",
    "CREATE TABLE in_memory (id INT PRIMARY KEY, note VARCHAR(100)) ENGINE = MEMORY",
    "CREATE TABLE in_csv (note VARCHAR(100) NOT NULL) ENGINE = CSV",
    "CREATE TABLE in_myisam (id INT PRIMARY KEY, note VARCHAR(100)) ENGINE = MyISAM",
    "CREATE TABLE parts (id INT PRIMARY KEY, note VARCHAR(100)) PARTITION BY HASH (id) PARTITIONS 2",
    "CREATE TABLE many (id INT PRIMARY KEY, c1 TEXT, c2 TEXT, c3 TEXT, c4 TEXT, c5 TEXT, c6 TEXT, c7 TEXT, c8 TEXT, \
     c9 TEXT, c10 TEXT, c11 TEXT, c12 TEXT, c13 TEXT, c14 TEXT, c15 TEXT, c16 TEXT, c17 TEXT, c18 TEXT)",
    "CREATE TABLE japanese (id INT PRIMARY KEY, body TEXT, FULLTEXT whole (body))",
    "INSERT INTO japanese VALUES (1, '日本語の全文検索'), (2, '東京都庁'), (3, 'größer'), (4, 'schöner')",
    "CREATE VIEW a_view AS SELECT * FROM plain",
];

async fn advice(user: &TestUser<'_>, id: &str) -> Vec<Value> {
    let data = user.call("GET", &format!("/api/v1/databases/{id}/advice")).send().await.expect(200);
    data["recommendations"].as_array().cloned().unwrap_or_default()
}

/// Those about one table.
fn about<'a>(advice: &'a [Value], table: &str) -> Vec<&'a Value> {
    advice.iter().filter(|one| one["table"] == table).collect()
}

#[tokio::test]
async fn every_statement_of_the_adviser_is_legal_and_mends_what_it_was_made_for() {
    let (api, mut schema) = (TestApi::start().await, mysql().schema(&LACKING).await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let mut mended: Vec<String> = Vec::new();
    let mut found = advice(&user, &id).await;
    while let Some(next) = found.iter().find(|one| one["query"].is_string()).cloned() {
        schema.run(next["query"].as_str().unwrap()).await;
        found = advice(&user, &id).await;
        let is_still_there = found.iter().any(|one| one["type"] == next["type"] && one["query"] == next["query"]);
        assert!(!is_still_there, "it was run and is advised again: {next:#}");
        mended.push(next["type"].as_str().unwrap().to_owned());
        assert!(mended.len() < 60, "the adviser does not come to an end: {mended:?}");
    }
    assert!(!found.is_empty());
    for kind in [
        "missing_index",
        "uncovered_columns",
        "compound_index",
        "duplicate_index",
        "covered_index",
        "missing_primary_key",
        "unsupported_engine",
    ] {
        assert!(mended.iter().any(|known| known == kind), "{kind} in {mended:?}");
    }
    let left: Vec<&Value> = found.iter().map(|one| &one["type"]).collect();
    for kind in ["view", "unsupported_charset", "token_size", "stopwords"] {
        assert!(left.contains(&&json!(kind)), "{kind} in {left:?}");
    }
    let cjk = |kind: &Value| *kind == json!("ngram_parser") || *kind == json!("mroonga");
    assert!(left.into_iter().any(cjk) || mended.iter().any(|kind| cjk(&json!(kind))), "{found:#?}");
    // All that can be searched is, and was not before.
    let data = user.call("GET", &format!("/api/v1/databases/{id}/schema")).send().await.expect(200);
    let searched = data.as_array().unwrap().iter().filter(|table| table["searchable"] == true).count();
    assert!(searched >= 16, "{searched} of {data:#}");
}

#[tokio::test]
async fn advice_says_what_why_how_and_at_what_cost() {
    let (api, schema) = (TestApi::start().await, mysql().schema(&LACKING).await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let found = advice(&user, &id).await;
    for one in &found {
        for field in ["type", "description", "reason", "impact"] {
            assert!(one[field].as_str().is_some_and(|text| text.len() > 2), "{field} of {one:#}");
        }
        assert!(one["query"].is_null() || one["cost"].is_string(), "{one:#}");
    }
    let impacts: Vec<&str> = found.iter().map(|one| one["impact"].as_str().unwrap()).collect();
    let place = |impact: &str| ["high", "medium", "low"].iter().position(|known| *known == impact);
    assert!(impacts.is_sorted_by_key(|impact| place(impact)), "{impacts:?}");

    let query = |table: &str| {
        let all = about(&found, table);
        all.first().and_then(|one| one["query"].as_str()).unwrap_or_default().to_owned()
    };
    assert_eq!(query("plain"), "ALTER TABLE `plain` ADD FULLTEXT (`title`, `body`)");
    assert_eq!(query("odd `name`.x"), "ALTER TABLE `odd ``name``.x` ADD FULLTEXT (`select`, `日 本`, `a``b`)");
    assert_eq!(query("half"), "ALTER TABLE `half` ADD FULLTEXT (`title`, `body`)");
    assert_eq!(
        query("keyless"),
        "ALTER TABLE `keyless` ADD COLUMN `altus4_id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY"
    );
    assert_eq!(query("unique_one"), "ALTER TABLE `unique_one` ADD PRIMARY KEY (`note`(10))");
    assert_eq!(query("computed"), "ALTER TABLE `computed` ADD FULLTEXT (`a`, `s`)");
    let drops: Vec<&Value> = about(&found, "twice").into_iter().map(|one| &one["query"]).collect();
    assert_eq!(drops, ["ALTER TABLE `twice` DROP INDEX `b`", "ALTER TABLE `twice` DROP INDEX `c ``d`"]);
    let covered = about(&found, "within");
    assert_eq!((covered.len(), &covered[0]["type"]), (2, &json!("covered_index")));
    assert!(covered[0]["reason"].as_str().unwrap().contains("MATCH (title)"), "{covered:#?}");
    assert!(about(&found, "plain")[0]["cost"].as_str().unwrap().contains("FTS_DOC_ID"));
}

#[tokio::test]
async fn a_good_schema_gets_no_advice_but_about_the_server() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    assert_eq!(advice(&user, &id).await.iter().filter(|one| one["type"] != "token_size").count(), 0);
    let created = async |schema: &mut Schema| {
        let row: Option<(String, String)> = schema.root.query_first("SHOW CREATE TABLE articles").await.unwrap();
        row.unwrap()
    };
    let before = created(&mut schema).await;
    user.call("GET", &format!("/api/v1/databases/{id}/schema?includeIndexes=true")).send().await.expect(200);
    assert_eq!(created(&mut schema).await, before, "the adviser runs nothing");
}

#[tokio::test]
async fn a_search_gives_the_advice_of_the_adviser() {
    let api = TestApi::start().await;
    let is_wanted =
        |statement: &&str| ["plain", "keyless", "a_view", "in_memory"].iter().any(|name| statement.contains(name));
    let statements: Vec<&str> = LACKING.into_iter().filter(is_wanted).collect();
    let schema = mysql().schema(&statements).await;
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let found = advice(&user, &id).await;
    for table in ["plain", "keyless", "a_view", "in_memory"] {
        let data = user.search(&json!({ "query": "zebra", "tables": [table] })).await;
        let (told, advised) = (&data["queryOptimization"][0], about(&found, table)[0]);
        let words = |advice: &Value| advice["description"].as_str().unwrap().to_owned();
        assert!(words(told).starts_with(&words(advised)), "{told:#}");
        assert_eq!((&told["impact"], &told["sqlSuggestion"]), (&advised["impact"], &advised["query"]));
        assert!(["index", "schema"].contains(&told["type"].as_str().unwrap()), "{told:#}");
    }
}
