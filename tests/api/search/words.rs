//! Words that an index can not hold: found all the same, or told with what would help.

use serde_json::{Value, json};
use shared::databases::Flavour;
use tests::{Schema, TestApi};

use super::language::{library, titles};
use crate::mysql;

/// A table whose estimate says that it is too large to be read row by row.
async fn large() -> Schema {
    let rows = |n: usize| format!("('{n} zebra street from データベースの全文検索 go')");
    let values: Vec<String> = (0..12_000).map(rows).collect();
    mysql()
        .schema(&[
            "CREATE TABLE large (id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(100), FULLTEXT ft (title)) \
             CHARACTER SET utf8mb4",
            &format!("INSERT INTO large (title) VALUES {}", values.join(", ")),
            "ANALYZE TABLE large",
        ])
        .await
}

#[tokio::test]
async fn a_large_table_is_not_read_and_the_answer_says_why_nothing_is_found_and_what_would_help() {
    let (api, schema) = (TestApi::start().await, large().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    for (query, reason, advice) in [
        ("go", "too_short", "innodb_ft_min_token_size to 2"),
        ("from", "stopword", "innodb_ft_enable_stopword"),
        ("検索", "no_word_boundaries", if schema.flavour() == Flavour::MySql { "ngram" } else { "Mroonga" }),
    ] {
        for mode in ["natural", "boolean"] {
            let data = user.search(&json!({ "query": query, "searchMode": mode })).await;
            assert_eq!((&data["totalCount"], &data["totalRelation"]), (&json!(0), &json!("exact")), "{query}");
            assert_eq!(data["ignoredTerms"], json!([{ "term": query, "reason": reason, "database": id }]));
            let told = data["queryOptimization"][0]["description"].as_str().unwrap_or_default();
            assert!(told.contains(advice) && told.contains("large"), "{query}: {data:#}");
        }
    }
}

#[tokio::test]
async fn the_advice_for_text_without_blanks_makes_it_found() {
    let (api, mut schema) = (TestApi::start().await, large().await);
    if schema.flavour() != Flavour::MySql {
        // MariaDB needs an engine that is not installed with it.
        return;
    }
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let data = user.search(&json!({ "query": "検索" })).await;
    let sql = data["queryOptimization"][0]["sqlSuggestion"].as_str().unwrap().to_owned();
    schema.run(&sql).await;
    user.call("GET", &format!("/api/v1/databases/{id}/schema")).send().await.expect(200);
    let data = user.search(&json!({ "query": "検索" })).await;
    assert_eq!((&data["totalCount"], &data["ignoredTerms"]), (&json!(12_000), &json!([])), "{sql}");
}

#[tokio::test]
async fn an_index_of_ngrams_is_asked_for_what_it_holds() {
    if mysql().flavour() != Flavour::MySql {
        return;
    }
    let api = TestApi::start().await;
    let schema = library("InnoDB", "FULLTEXT (title, body) WITH PARSER ngram").await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (query, expected) in [
        ("検索", &["全文検索入門"][..]),
        ("+検索 +入門", &["全文検索入門"]),
        ("\"データベース\" -検索", &[]),
        ("엔진", &["검색엔진"]),
        ("C++", &["Learning C++"]),
        ("go", &["Learning Go"]),
        ("zebra", &["Horse riding", "Zebra crossing"]),
        ("+zebra +horse", &["Horse riding"]),
        ("\"zebra crossing\"", &["Zebra crossing"]),
        // All of its pairs of letters hold a stopword.
        ("tea", &["Café guide"]),
        // The pair that is left is in other words too.
        ("stripes", &["Zebras"]),
    ] {
        let mut found = titles(&user.search(&json!({ "query": query, "searchMode": "boolean" })).await);
        found.sort();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn indexes_of_two_kinds_in_one_table_are_each_asked_in_their_way() {
    if mysql().flavour() != Flavour::MySql {
        return;
    }
    let api = TestApi::start().await;
    let schema = library("InnoDB", "FULLTEXT (title), FULLTEXT (body) WITH PARSER ngram").await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (query, expected) in
        [("zebra", &["Horse riding", "Zebra crossing"][..]), ("検索", &["全文検索入門"]), ("vector", &["Learning C++"])]
    {
        let mut found = titles(&user.search(&json!({ "query": query })).await);
        found.sort();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn myisam_has_a_list_and_lengths_of_its_own() {
    for engine in ["MyISAM", "Aria"] {
        if engine == "Aria" && mysql().flavour() == Flavour::MySql {
            continue;
        }
        let api = TestApi::start().await;
        let schema = library(engine, "FULLTEXT (title, body)").await;
        let user = api.register("ursula").await;
        user.connect(&schema).await;
        for (query, expected) in [
            ("steel", &["Spare part AB-1234-X", "Spare part AB-5678-X"][..]),
            ("+bolt +steel", &["Spare part AB-1234-X"]),
            ("\"horse zebra\"~4", &["Horse riding"]),
            // Three letters.
            ("tea", &["Café guide"]),
            // On its list, and on no other.
            ("where", &["Café guide"]),
            ("+where +drink", &["Café guide"]),
            ("検索", &["全文検索入門"]),
        ] {
            let mut found = titles(&user.search(&json!({ "query": query, "searchMode": "boolean" })).await);
            found.sort();
            assert_eq!(found, expected, "{engine} {query}");
        }
        let data = user.search(&json!({ "query": "tea where bolt" })).await;
        let reasons: Vec<&Value> =
            data["ignoredTerms"].as_array().unwrap().iter().map(|term| &term["reason"]).collect();
        assert_eq!(reasons, ["too_short", "stopword"]);
    }
}

#[tokio::test]
async fn a_small_table_without_an_index_is_read_and_the_answer_says_so() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE plain (id INT PRIMARY KEY, title TEXT, note VARCHAR(50) CHARACTER SET latin1 COLLATE latin1_bin, \
             api_token TEXT) CHARACTER SET utf8mb4",
            "INSERT INTO plain VALUES (1, 'A Zebra', 'Caf\u{e9}', 'zebracrossing'), (2, '100% of x_y', 'Wild', 'zebra'), \
             (3, 'xzy', 'zebra', '')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (query, mode, expected) in [
        ("zebra", "natural", &[1, 3][..]),
        ("ZEBRA cafe", "natural", &[1, 3]),
        ("+zebra -cafe", "boolean", &[3]),
        ("zeb*", "boolean", &[1, 3]),
        ("\"of x_y\"", "boolean", &[2]),
        ("100%", "natural", &[2]),
        ("zebracrossing", "natural", &[]),
        ("x_y", "natural", &[2]),
    ] {
        let data = user.search(&json!({ "query": query, "searchMode": mode })).await;
        let mut found = super::ids(&data);
        found.sort_unstable();
        assert_eq!(found, expected, "{query}: {data:#}");
        assert_eq!((&data["totalCount"], &data["totalRelation"]), (&json!(expected.len()), &json!("exact")));
        let advice = &data["queryOptimization"][0];
        assert!(advice["description"].as_str().unwrap().contains("read one by one"), "{advice:#}");
        assert!(
            advice["sqlSuggestion"].as_str().unwrap().starts_with("ALTER TABLE `plain` ADD FULLTEXT"),
            "{advice:#}"
        );
    }
    let data = user.search(&json!({ "query": "zebra", "columns": ["note"] })).await;
    assert_eq!((super::ids(&data), &data["results"][0]["matchedColumns"]), (vec![3], &json!(["note"])));
    let data = user.search(&json!({ "query": "zebra", "columns": ["api_token"] })).await;
    assert_eq!(data["totalCount"], 0, "{data:#}");
}
