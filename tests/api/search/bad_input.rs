//! What nobody should send: the contract's codes, and never a 500.

use serde_json::{Value, json};
use tests::TestApi;

use super::ids;
use crate::articles;

#[tokio::test]
async fn what_a_search_can_not_be_is_refused_with_the_name_of_its_field() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (body, field) in [
        (json!({}), "query"),
        (json!({ "query": null }), "query"),
        (json!({ "query": "" }), "query"),
        (json!({ "query": " \t\r\n\u{a0}\u{3000} " }), "query"),
        (json!({ "query": "x".repeat(501) }), "query"),
        (json!({ "query": "検".repeat(501) }), "query"),
        (json!({ "query": "?!… — ()[]{}" }), "query"),
        (json!({ "query": "🦓🦓" }), "query"),
        (json!({ "query": "\u{0}" }), "query"),
        (json!({ "query": "\u{202e}\u{200f}" }), "query"),
        (json!({ "query": "___" }), "query"),
        (json!({ "query": 5 }), "query"),
        (json!({ "query": ["zebra"] }), "query"),
        (json!({ "query": "zebra", "limit": 0 }), "limit"),
        (json!({ "query": "zebra", "limit": 101 }), "limit"),
        (json!({ "query": "zebra", "limit": 1.5 }), "limit"),
        (json!({ "query": "zebra", "limit": "10" }), "limit"),
        (json!({ "query": "zebra", "limit": -1 }), "limit"),
        (json!({ "query": "zebra", "limit": 1e300 }), "limit"),
        (json!({ "query": "zebra", "limit": null }), "limit"),
        (json!({ "query": "zebra", "offset": -1 }), "offset"),
        (json!({ "query": "zebra", "offset": 0.5 }), "offset"),
        (json!({ "query": "zebra", "offset": u64::MAX }), "offset"),
        (json!({ "query": "zebra", "searchMode": "magic" }), "searchMode"),
        (json!({ "query": "zebra", "searchMode": "" }), "searchMode"),
        (json!({ "query": "zebra", "databases": "all" }), "databases"),
        (json!({ "query": "zebra", "databases": [5] }), "databases[0]"),
        (json!({ "query": "zebra", "tables": "articles" }), "tables"),
        (json!({ "query": "zebra", "tables": ["nosuch"] }), "tables"),
        (json!({ "query": "zebra", "tables": ["mysql.user"] }), "tables"),
        (json!({ "query": "zebra", "tables": ["articles` -- "] }), "tables"),
        (json!({ "query": "zebra", "tables": [""] }), "tables"),
        (json!({ "query": "zebra", "columns": ["nosuch"] }), "columns"),
        (json!({ "query": "zebra", "columns": ["title`), (SELECT 1"] }), "columns"),
        (json!({ "query": "zebra", "weights": 5 }), "weights"),
    ] {
        let answer = user.call("POST", "/api/v1/search").json(&body).send().await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], field, "{body}");
    }
    for (body, name) in [
        (json!({ "query": "zebra", "tables": ["nosuch"] }), "nosuch"),
        (json!({ "query": "x", "columns": ["odd"] }), "odd"),
    ] {
        let details =
            user.call("POST", "/api/v1/search").json(&body).send().await.expect_error(400, "VALIDATION_ERROR");
        assert!(details["reason"].as_str().unwrap().contains(name), "{details:#}");
    }
}

#[tokio::test]
async fn what_is_no_json_is_refused_as_such() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for body in [
        &br#"{"query": "\ud800"}"#[..],
        br#"{"query": "\udc00zebra"}"#,
        b"{\"query\": \"a raw \0 byte\"}",
        br#"{"query": "zebra""#,
        br#"{"query": 'zebra'}"#,
        br#"{"query": "zebra", "limit": NaN}"#,
    ] {
        let call = user.call("POST", "/api/v1/search").header("content-type", "application/json").body(body);
        call.send().await.expect_error(400, "INVALID_JSON");
    }
    for body in [&b"[]"[..], b"5", b"\"zebra\""] {
        let call = user.call("POST", "/api/v1/search").header("content-type", "application/json").body(body);
        call.send().await.expect_error(400, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn what_boolean_mode_can_not_read_is_told_with_its_place() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let deep = format!("{}zebra{}", "(".repeat(240), ")".repeat(240));
    for query in [
        "(zebra",
        "zebra)",
        "\"zebra",
        "-zebra",
        "+",
        "zebra AND",
        "OR",
        "NOT",
        "()",
        "***",
        "zebra +",
        "++zebra",
        "+-zebra",
        "zebra \"",
        "NEAR/3",
        "zebra NEAR/3",
        "zebra OR -horse",
        "\"",
        "\"\"",
        ")(",
        &deep,
        &"(".repeat(500),
        &")".repeat(500),
        &"a ".repeat(100),
    ] {
        let body = json!({ "query": query, "searchMode": "boolean" });
        let answer = user.call("POST", "/api/v1/search").json(&body).send().await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], "query", "{query}");
        assert!(details["reason"].as_str().unwrap().contains("character"), "{details:#}");
    }
}

#[tokio::test]
async fn natural_mode_takes_whatever_a_person_types() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let (deep, long) = (format!("{}zebra", "(".repeat(494)), format!("zebra {}", "x".repeat(490)));
    for query in [
        "zebra +",
        "zebra)",
        "(zebra",
        "++zebra",
        "zebra @3",
        "~zebra",
        "\"zebra",
        "zebra*",
        "<zebra>",
        "zebra -horse",
        "zebra' OR 1=1 --",
        "zebra`; DROP TABLE articles; --",
        "zebra \u{0} \u{202e}",
        "zebra % _",
        "🦓 zebra",
        "zebra \\",
        "zebra \u{202e}\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{202c}",
        "\u{feff}zebra\u{fffd}",
        "zebra مرحبا بالعالم",
        "zebra\u{0}crossing",
        &deep,
        &long,
    ] {
        let data = user.search(&json!({ "query": query })).await;
        assert!(ids(&data).contains(&1), "{query}: {data:#}");
    }
}

#[tokio::test]
async fn only_stopwords_and_short_words_are_an_answer_and_no_error() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for query in ["the", "the of a", "to be or not to be", "x", "1", "+the +of"] {
        for mode in ["natural", "boolean", "semantic"] {
            let data = user.search(&json!({ "query": query, "searchMode": mode })).await;
            let said = [&data["queryOptimization"], &data["ignoredTerms"]].map(|said| said.as_array().unwrap().len());
            assert!(said != [0, 0], "{query} {mode}: {data:#}");
        }
    }
}

#[tokio::test]
async fn a_database_that_is_unknown_or_anothers_is_not_found_and_no_connection_is_made() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let (owner, other) = (api.register("ursula").await, api.register("otto").await);
    let id = owner.connect(&schema).await;
    let (opened, body) = (schema.opened().await, |id: &str| json!({ "query": "zebra", "databases": [id] }));
    for id in [id.as_str(), "00000000-0000-4000-8000-000000000000", "db_abc", "", "\u{0}", &"x".repeat(5_000)] {
        let answer = other.call("POST", "/api/v1/search").json(&body(id)).send().await;
        answer.expect_error(404, "NOT_FOUND");
    }
    // Also beside one's own, which is not asked then either.
    let mut own = articles().await;
    let mine = other.connect(&own).await;
    let opened_of_mine = own.opened().await;
    let both = json!({ "query": "zebra", "databases": [mine, id] });
    other.call("POST", "/api/v1/search").json(&both).send().await.expect_error(404, "NOT_FOUND");
    assert_eq!((schema.opened().await, own.opened().await), (opened, opened_of_mine));
}

#[tokio::test]
async fn what_was_dropped_since_it_was_discovered_is_missed_and_no_error() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let named = json!({ "query": "zebra", "tables": ["articles"] });
    assert_eq!(ids(&user.search(&named).await), [1, 2]);

    schema.run("ALTER TABLE articles DROP INDEX ft_title_body").await;
    let data = user.search(&named).await;
    assert_eq!(ids(&data), [1, 2], "its rows are few, and are read");
    assert!(data["queryOptimization"][0]["sqlSuggestion"].as_str().unwrap().contains("ADD FULLTEXT"), "{data:#}");

    schema.run("ALTER TABLE articles DROP COLUMN body, ADD FULLTEXT (title)").await;
    assert_eq!(ids(&user.search(&named).await), [1]);
    let columns = json!({ "query": "zebra", "columns": ["body"] });
    let answer = user.call("POST", "/api/v1/search").json(&columns).send().await;
    assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "columns");

    schema.run("DROP TABLE articles").await;
    let answer = user.call("POST", "/api/v1/search").json(&named).send().await;
    assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "tables");
    let data: Value = user.search(&json!({ "query": "zebra" })).await;
    assert_eq!((&data["totalCount"], &data["partial"]), (&json!(0), &json!(false)), "{data:#}");
}

#[tokio::test]
async fn what_no_mode_can_read_is_refused_in_every_mode_and_the_rest_is_answered() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for mode in ["natural", "boolean", "semantic"] {
        for query in ["", "   ", "?!… — ", "\u{0}", "\u{202e}\u{200f}", "🦓", &"x".repeat(501), &"(".repeat(500)]
        {
            let body = json!({ "query": query, "searchMode": mode });
            let answer = user.call("POST", "/api/v1/search").json(&body).send().await;
            let message = answer.body["error"]["message"].as_str().unwrap_or_default().to_owned();
            let details = answer.expect_error(400, "VALIDATION_ERROR");
            assert_eq!(details["field"], "query", "{mode} {query:?}");
            let reason = details["reason"].as_str().unwrap();
            assert!(message.matches(reason).count() <= 1, "said once: {message}");
        }
        for query in ["zebra\u{0}", "\u{202e}zebra \u{5e9}\u{5dc}\u{5d5}\u{5dd}", "zebra مرحبا", "zebra\u{fffd}"] {
            let data = user.search(&json!({ "query": query, "searchMode": mode })).await;
            assert!(ids(&data).contains(&1), "{mode} {query:?}: {data:#}");
        }
    }
}
