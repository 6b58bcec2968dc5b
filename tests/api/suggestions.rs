//! `GET /api/v1/search/suggestions`

use serde_json::{Value, json};
use tests::{Answer, TestApi, TestUser};

use crate::{articles, mysql};

async fn ask(user: &TestUser<'_>, parameters: &str) -> Answer {
    user.call("GET", &format!("/api/v1/search/suggestions?{parameters}")).send().await
}

async fn suggest(user: &TestUser<'_>, parameters: &str) -> Vec<Value> {
    ask(user, parameters).await.expect(200)["suggestions"].as_array().cloned().unwrap_or_default()
}

fn texts(suggestions: &[Value]) -> Vec<&str> {
    suggestions.iter().filter_map(|suggestion| suggestion["text"].as_str()).collect()
}

#[tokio::test]
async fn words_titles_and_own_searches_go_on_from_a_beginning() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let found = suggest(&user, "query=zeb").await;
    assert_eq!(texts(&found), ["Zebra crossings", "zebra"]);
    let found = suggest(&user, "q=tuning%20m").await;
    assert_eq!(texts(&found)[0], "Tuning MySQL");
    assert!(texts(&found).contains(&"tuning mysql") || texts(&found).contains(&"tuning makes"), "{found:#?}");
    user.search(&json!({ "query": "zebra stripes" })).await;
    let found = suggest(&user, "query=zeb").await;
    assert_eq!(texts(&found)[0], "zebra stripes", "what one has asked comes first: {found:#?}");
    assert_eq!(found[0]["type"], "popular");
}

#[tokio::test]
async fn suggestions_are_few_short_in_the_order_of_their_scores_and_each_once() {
    let api = TestApi::start().await;
    let article = "zebra ".repeat(500);
    let schema = mysql()
        .schema(&[
            "CREATE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT, title TEXT, body TEXT, FULLTEXT (title, body))",
            &format!("INSERT INTO notes (title, body) VALUES ('Zebras', '{article}'), ('Zebra one', 'zebra'), ('zebra ONE', '')"),
            "INSERT INTO notes (title, body) VALUES ('Zebra two', ''), ('Zebra three', ''), ('Zebra four', ''), \
             ('Zebra five', ''), ('Zebra six', ''), ('Zebra seven', ''), ('Zebra eight', ''), ('Zebra nine', ''), \
             ('Zebra ten', ''), ('Zebra eleven', ''), ('Zebra twelve', '')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let found = suggest(&user, "query=zebra").await;
    assert_eq!(found.len(), 10);
    let scores: Vec<f64> = found.iter().map(|suggestion| suggestion["score"].as_f64().unwrap()).collect();
    assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{scores:?}");
    assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)), "{scores:?}");
    let mut lower: Vec<String> = texts(&found).iter().map(|text| text.to_lowercase()).collect();
    lower.sort();
    lower.dedup();
    assert_eq!(lower.len(), 10, "{found:#?}");
    assert!(texts(&found).iter().all(|text| text.chars().count() <= 60), "no article is a suggestion: {found:#?}");
    assert_eq!(suggest(&user, "query=zebra&limit=3").await.len(), 3);
}

#[tokio::test]
async fn a_beginning_that_nothing_goes_on_from_is_spelt_otherwise() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let found = suggest(&user, "query=zebar").await;
    assert_eq!((texts(&found), &found[0]["type"]), (vec!["zebra"], &json!("spelling")));
}

/// Fault B-24: one plain value was refused, and B-23: naming databases and tables failed on MySQL.
#[tokio::test]
async fn databases_and_tables_are_lists_in_all_five_forms() {
    let (api, first, second) = (TestApi::start().await, articles().await, articles().await);
    let user = api.register("ursula").await;
    let (a, b) = (user.connect(&first).await, user.connect(&second).await);
    for databases in [
        format!("databases={a}"),
        format!("databases={a}&databases={b}"),
        format!("databases[]={a}&databases[]={b}"),
        format!("databases[0]={a}&databases[1]={b}"),
        format!("databases={a},{b}"),
    ] {
        for tables in ["tables=articles", "tables[]=articles", "tables[0]=articles", "tables=articles,articles", ""] {
            let found = suggest(&user, &format!("query=zeb&{databases}&{tables}")).await;
            assert_eq!(texts(&found), ["Zebra crossings", "zebra"], "{databases} {tables}");
        }
    }
}

#[tokio::test]
async fn only_what_is_named_is_looked_through() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE a (id INT PRIMARY KEY, t TEXT, FULLTEXT (t))",
            "CREATE TABLE b (id INT PRIMARY KEY, t TEXT, FULLTEXT (t))",
            "INSERT INTO a VALUES (1, 'zebra')",
            "INSERT INTO b VALUES (1, 'zebu')",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let other = user.connect(&articles().await).await;
    assert_eq!(texts(&suggest(&user, "query=ze&tables=b").await), ["zebu"]);
    assert_eq!(texts(&suggest(&user, &format!("query=zebrs&databases={other}")).await), ["zebra"]);
}

#[tokio::test]
async fn what_can_not_be_asked_for_is_refused() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let long = format!("query={}", "x".repeat(101));
    for (parameters, field) in [
        ("", "query"),
        ("query=", "query"),
        ("query=%20", "query"),
        (long.as_str(), "query"),
        ("query=a&query=b", "query"),
        ("query=a&limit=0", "limit"),
        ("query=a&limit=1.5", "limit"),
        ("query=a&tables=mysql.user", "tables"),
    ] {
        assert_eq!(ask(&user, parameters).await.expect_error(400, "VALIDATION_ERROR")["field"], field, "{parameters}");
    }
    for parameters in ["query=?!", "query=%00", "query=%F0%9F%A6%93", "query=)(*", "query=%25_"] {
        assert_eq!(suggest(&user, parameters).await, Vec::<Value>::new(), "{parameters}");
    }
}

#[tokio::test]
async fn a_strangers_database_is_not_found_and_not_connected_to() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let (owner, stranger) = (api.register("ursula").await, api.register("eve").await);
    let id = owner.connect(&schema).await;
    owner.search(&json!({ "query": "zebra crossing" })).await;
    let opened = schema.opened().await;
    for named in [id.as_str(), "00000000-0000-4000-8000-000000000000", "no-id"] {
        ask(&stranger, &format!("query=zeb&databases={named}")).await.expect_error(404, "NOT_FOUND");
    }
    assert_eq!(suggest(&stranger, "query=zeb").await, Vec::<Value>::new());
    assert_eq!(schema.opened().await, opened);
}

#[tokio::test]
async fn a_key_needs_the_permission_to_search() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let path = "/api/v1/search/suggestions?query=zeb";
    api.call("GET", path).send().await.expect_error(401, "INVALID_API_KEY");
    let (key, _) = user.create_key(&["analytics"]).await;
    api.call("GET", path).bearer(&key).send().await.expect_error(403, "INSUFFICIENT_PERMISSIONS");
    let key = user.search_key().await;
    assert_eq!(api.call("GET", path).bearer(&key).send().await.expect(200), json!({ "suggestions": [] }));
}

#[tokio::test]
async fn a_database_that_does_not_answer_takes_no_suggestion_of_the_others_along() {
    let (api, good, mut bad) = (TestApi::start().await, articles().await, articles().await);
    let user = api.register("ursula").await;
    user.connect(&good).await;
    user.connect(&bad).await;
    bad.run(&format!("ALTER USER '{}'@'127.0.0.1' IDENTIFIED BY 'another'", bad.name.clone())).await;
    assert_eq!(texts(&suggest(&user, "query=zeb").await), ["Zebra crossings", "zebra"]);
    let opened = bad.opened().await;
    suggest(&user, "query=zeb").await;
    assert_eq!(bad.opened().await, opened, "it is left alone for a while");
}
