//! `GET /api/v1/databases/{connectionId}/schema`, and the catalogue behind it.

use serde_json::{Value, json};
use tests::{Schema, TestApi, TestUser};

use crate::{articles, mysql};

/// Tables of every kind that a schema can hold. Each has the word zebra in a FULLTEXT index, where it can have one.
const KINDS: [&str; 12] = [
    "CREATE TABLE parents (id INT PRIMARY KEY, code VARCHAR(20) NOT NULL, UNIQUE by_code (code))",
    "INSERT INTO parents VALUES (1, 'P1')",
    "CREATE TABLE `Odd ``name``.x` (`select` INT PRIMARY KEY, `日本` VARCHAR(50), `two words` TEXT, `a.b` TEXT, \
     FULLTEXT `f 1` (`日本`, `two words`, `a.b`))",
    "INSERT INTO `Odd ``name``.x` VALUES (1, '東京 zebra', 'words', 'dot')",
    "CREATE TABLE `odd ``name``.x` (id INT PRIMARY KEY)",
    "CREATE TABLE kinds (id BIGINT UNSIGNED PRIMARY KEY, body TEXT, json_value JSON, bits BIT(12), bytes BLOB, \
     fixed BINARY(2), amount DECIMAL(30, 10), choice ENUM('a', 'ü'), flags SET('x', 'y'), no_date DATE, \
     no_time DATETIME, half_date DATE, moment TIMESTAMP(3) NULL, span TIME, year_value YEAR, place POINT, truth BOOLEAN, \
     ratio FLOAT, real_value DOUBLE, parent INT, kept VARCHAR(60) GENERATED ALWAYS AS (CONCAT(parent, ' stored')) STORED, \
     computed VARCHAR(60) GENERATED ALWAYS AS (CONCAT(parent, ' computed')) VIRTUAL, latin VARCHAR(20) CHARACTER SET latin1, \
     FULLTEXT (body), CONSTRAINT to_parent FOREIGN KEY (parent) REFERENCES parents (id))",
    "SET SESSION sql_mode = ''",
    "INSERT INTO kinds (id, body, json_value, bits, bytes, fixed, amount, choice, flags, no_date, no_time, half_date, \
     moment, span, year_value, place, truth, ratio, real_value, parent, latin) VALUES \
     (18446744073709551615, 'a zebra', '{\"a\": [1]}', b'100000000001', x'ff00', x'0102', 12345678901234567890.0123456789, \
     'ü', 'x,y', '0000-00-00', '0000-00-00 00:00:00', '2026-11-00', '2026-11-22 01:02:03.456', '-26:03:04', 2026, \
     POINT(1, 2), TRUE, 0.1, 1e300, 1, 'größe')",
    "CREATE TABLE parts (id INT PRIMARY KEY, word VARCHAR(50)) PARTITION BY HASH (id) PARTITIONS 3",
    "CREATE TABLE memory_table (id INT PRIMARY KEY, word VARCHAR(50)) ENGINE = MEMORY",
    "CREATE VIEW a_view AS SELECT id, body FROM kinds",
    "CREATE TABLE empty_table (id INT)",
];

async fn read(user: &TestUser<'_>, id: &str, query: &str) -> Value {
    user.call("GET", &format!("/api/v1/databases/{id}/schema{query}")).send().await.expect(200)
}

/// The member of a list whose `name` is this; null where there is none.
fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().into_iter().flatten().find(|one| one["name"] == name).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn a_schema_has_its_tables_columns_and_indexes_whatever_their_names() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE `odd ``name` (`select` INT PRIMARY KEY, `日本` VARCHAR(50), notes TEXT NOT NULL, \
             FULLTEXT `f 1` (`日本`, notes), FULLTEXT (notes))",
            "CREATE VIEW v AS SELECT notes FROM `odd ``name`",
        ])
        .await;
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let tables = user.call("GET", &format!("/api/v1/databases/{id}/schema")).send().await.expect(200);
    let (table, view) = (&tables[0], &tables[1]);
    assert_eq!((&table["table"], &table["database"]), (&json!("odd `name"), &json!(schema.name)));
    assert_eq!(table["primaryKey"], json!(["select"]));
    assert_eq!(table["fullTextIndexes"][0]["columns"], json!(["日本", "notes"]));
    assert_eq!(table["fullTextIndexes"][1]["type"], "FULLTEXT");
    let column = &table["columns"][1];
    assert_eq!((&column["name"], &column["type"]), (&json!("日本"), &json!("varchar(50)")));
    assert_eq!((&column["isFullTextIndexed"], &column["isSearchable"]), (&json!(true), &json!(true)));
    assert_eq!((&view["table"], &view["fullTextIndexes"]), (&json!("v"), &json!([])));
}

#[tokio::test]
async fn every_kind_of_table_and_column_is_listed_for_a_user_who_may_only_select() {
    let (api, schema) = (TestApi::start().await, mysql().schema(&KINDS).await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let tables = read(&user, &id, "").await;
    assert_eq!(tables.as_array().unwrap().len(), 8, "{tables:#}");
    let about = |table: &str, field: &str| named(&tables, table)[field].clone();

    assert_eq!((about("a_view", "kind"), about("a_view", "engine")), (json!("view"), json!(null)));
    assert_eq!((about("kinds", "kind"), about("kinds", "engine")), (json!("table"), json!("InnoDB")));
    assert_eq!((about("parts", "partitioned"), about("kinds", "partitioned")), (json!(true), json!(false)));
    assert_eq!(about("memory_table", "engine"), "MEMORY");
    assert_eq!(about("Odd `name`.x", "fullTextColumns"), json!(["日本", "two words", "a.b"]));
    assert_eq!(about("odd `name`.x", "columns").as_array().unwrap().len(), 1);
    assert_eq!(about("parents", "uniqueKeys"), json!([{ "name": "by_code", "columns": ["code"] }]));
    assert_eq!(
        about("kinds", "foreignKeys"),
        json!([{
            "name": "to_parent", "columns": ["parent"], "referencedDatabase": null,
            "referencedTable": "parents", "referencedColumns": ["id"],
        }])
    );
    let kinds = about("kinds", "columns");
    assert_eq!(kinds.as_array().unwrap().len(), 23);
    for (column, generated, searchable, collation) in [
        ("kept", json!("STORED"), true, "utf8mb4"),
        ("computed", json!("VIRTUAL"), true, "utf8mb4"),
        ("latin", json!(null), true, "latin1"),
        ("choice", json!(null), false, ""),
        ("bits", json!(null), false, ""),
    ] {
        let column = named(&kinds, column);
        assert!(column.is_object());
        assert_eq!((&column["generated"], &column["isSearchable"]), (&generated, &json!(searchable)), "{column:#}");
        assert!(column["collation"].as_str().unwrap_or_default().starts_with(collation), "{column:#}");
    }
}

#[tokio::test]
async fn a_row_with_every_kind_of_value_is_found_and_read() {
    let (api, schema) = (TestApi::start().await, mysql().schema(&KINDS).await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let found = user.search(&json!({ "query": "zebra" })).await;
    let of = |table: &str| {
        let results = found["results"].as_array().unwrap();
        results.iter().find(|row| row["table"] == table).unwrap_or_else(|| panic!("{table} in {found:#}"))
    };
    assert_eq!(
        of("Odd `name`.x")["data"],
        json!({ "select": 1, "日本": "東京 zebra", "two words": "words", "a.b": "dot" })
    );
    let mut data = of("kinds")["data"].clone();
    // MySQL knows JSON as a type, MariaDB as text.
    if let Some(text) = data["json_value"].as_str() {
        data["json_value"] = serde_json::from_str(text).unwrap();
    }
    assert_eq!(
        data,
        json!({
            "id": u64::MAX, "body": "a zebra", "json_value": { "a": [1] }, "bits": 2049, "bytes": "/wA=", "fixed": "AQI=",
            "amount": "12345678901234567890.0123456789", "choice": "ü", "flags": "x,y", "no_date": null, "no_time": null,
            "half_date": null, "moment": "2026-11-22T01:02:03.456Z", "span": "-26:03:04", "year_value": 2026,
            "place": "AAAAAAEBAAAAAAAAAAAA8D8AAAAAAAAAQA==", "truth": 1, "ratio": 0.1, "real_value": 1e300, "parent": 1,
            "kept": "1 stored", "computed": "1 computed", "latin": "größe",
        })
    );
}

#[tokio::test]
async fn the_object_form_has_the_fields_of_samples_and_sdk_and_the_array_stays_the_default() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let plain = read(&user, &id, "").await;
    assert!(plain.is_array(), "{plain:#}");
    let path = format!("/api/v1/databases/{id}/schema");
    let by_header = user.call("GET", &path).header("X-Altus4-Compat", "sdk").send().await.expect(200);
    let mut objects = vec![by_header];
    for query in
        ["?includeData=true&includeIndexes=true", "?includeIndexes=false", "?includeData=false", "?includeData"]
    {
        objects.push(read(&user, &id, query).await);
    }
    for data in &objects {
        assert_eq!(data["tables"], data["schema"]["tables"]);
        assert!(data["recommendations"].is_array());
        let table = &data["tables"][0];
        assert_eq!((&table["name"], &table["table"]), (&json!("articles"), &json!("articles")));
        assert_eq!(table["rowCount"], table["estimatedRows"]);
        assert_eq!((&table["searchable"], &table["fullTextColumns"]), (&json!(true), &json!(["title", "body"])));
        assert_eq!(table["fulltextIndexes"], table["fullTextIndexes"]);
        let index = &table["fulltextIndexes"][0];
        assert_eq!((&index["name"], &index["columns"]), (&json!("ft_title_body"), &json!(["title", "body"])));
        let column = named(&table["columns"], "title");
        assert_eq!(
            (&column["nullable"], &column["key"], &column["type"]),
            (&json!(true), &json!("MUL"), &json!("varchar(200)"))
        );
    }
    let answer = user.call("GET", &format!("{path}?includeData=perhaps")).send().await;
    assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "includeData");
}

#[tokio::test]
async fn a_preview_has_a_few_short_values_and_none_of_a_secret() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE notes (id INT PRIMARY KEY, note TEXT, api_token VARCHAR(50), latin VARCHAR(20) CHARACTER SET latin1)",
            "INSERT INTO notes VALUES (1, REPEAT('é', 5000), 'hush', 'größe'), (2, NULL, 'hush', ''), (3, '\"quoted\\\\\"', 'hush', 'b'), \
             (4, 'd', 'hush', 'c'), (5, 'e', 'hush', 'd')",
            "CREATE VIEW shown AS SELECT * FROM notes",
        ])
        .await;
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let data = read(&user, &id, "?includeData=true").await;
    assert!(!data.to_string().contains("hush"), "{data:#}");
    let columns = &named(&data["tables"], "notes")["columns"];
    assert_eq!(named(columns, "note")["dataPreview"], json!(["é".repeat(100), "\"quoted\\\"", "d"]));
    assert_eq!(named(columns, "latin")["dataPreview"], json!(["größe", "b", "c"]));
    assert_eq!((&named(columns, "id")["name"], named(columns, "id").get("dataPreview")), (&json!("id"), None));
    assert_eq!(named(&named(&data["tables"], "shown")["columns"], "note")["dataPreview"], json!([]));
    for query in ["", "?includeData=false", "?includeIndexes=true"] {
        assert!(!read(&user, &id, query).await.to_string().contains("dataPreview"), "{query}");
    }
}

#[tokio::test]
async fn a_schema_of_500_tables_is_read_in_as_many_statements_as_one_of_40() {
    let api = TestApi::start().await;
    let (small, large) = (tables(40).await, tables(500).await);
    let user = api.register("ursula").await;
    let mut counts = Vec::new();
    for (mut schema, tables) in [(small, 40), (large, 500)] {
        let id = user.connect(&schema).await;
        let added = schema.statements().await;
        assert_eq!(read(&user, &id, "").await.as_array().unwrap().len(), tables);
        let listed = schema.statements().await;
        let data = read(&user, &id, "?includeData=true").await;
        let sampled = schema.statements().await - listed;
        let previews = data["tables"].as_array().unwrap().iter();
        let filled = previews.filter(|table| table["columns"][1]["dataPreview"] == json!(["a zebra"])).count();
        assert_eq!(filled, tables.min(100));
        counts.push((listed - added, sampled));
    }
    let (few, many) = (counts[0], counts[1]);
    assert_eq!(few.0, many.0, "the schema");
    assert_eq!(
        many.1 - few.1,
        few.1 - few.0,
        "a sample is one statement for 25 tables: two of 40, and four of the 100 it takes"
    );
}

/// A schema of so many tables, each with an index. A hundred of them have a row.
async fn tables(number: usize) -> Schema {
    let create = |n| {
        format!(
            "CREATE TABLE table_{n} (id INT PRIMARY KEY, body TEXT, c2 INT, c3 VARCHAR(30), c4 DATE, c5 INT, c6 INT, \
             c7 INT, c8 INT, c9 DECIMAL(9, 2), FULLTEXT (body)) ENGINE = MyISAM"
        )
    };
    let insert = |n| format!("INSERT INTO table_{n} (id, body) VALUES (1, 'a zebra')");
    let statements: Vec<String> = (0..number).map(create).chain((0..number.min(100)).map(insert)).collect();
    mysql().schema(&statements.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn an_unknown_schema_is_not_found() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for (id, route) in [
        ("00000000-0000-4000-8000-000000000000", "schema"),
        ("00000000-0000-4000-8000-000000000000", "advice"),
        ("db_abc", "schema?includeData=true"),
    ] {
        let answer = user.call("GET", &format!("/api/v1/databases/{id}/{route}")).send().await;
        answer.expect_error(404, "CONNECTION_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_search_finds_its_way_when_indexes_columns_and_tables_come_and_go() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let found = async |body: Value| {
        let mut body = body;
        body["databases"] = json!([id]);
        user.search(&body).await["totalCount"].clone()
    };
    let plain = json!({ "query": "zebra" });
    for (statement, body, count) in [
        ("ALTER TABLE articles DROP INDEX ft_title_body", &plain, 2),
        ("ALTER TABLE articles ADD FULLTEXT ft_title (title)", &plain, 1),
        ("ALTER TABLE articles DROP INDEX ft_title, ADD FULLTEXT ft_both (title, body)", &plain, 2),
        ("ALTER TABLE articles DROP COLUMN title", &plain, 2),
        (
            "ALTER TABLE articles ADD COLUMN note TEXT, ADD FULLTEXT (note)",
            &json!({ "query": "zebra", "columns": ["note"] }),
            0,
        ),
        ("UPDATE articles SET note = 'a zebra' WHERE id = 4", &json!({ "query": "zebra", "columns": ["note"] }), 1),
        ("ALTER TABLE articles RENAME COLUMN body TO content", &json!({ "query": "zebra", "columns": ["content"] }), 2),
        ("RENAME TABLE articles TO posts", &json!({ "query": "zebra", "tables": ["posts"] }), 3),
        ("CREATE TABLE notes (id INT PRIMARY KEY, note TEXT)", &json!({ "query": "zebra", "tables": ["notes"] }), 0),
        ("INSERT INTO notes VALUES (1, 'a zebra')", &json!({ "query": "zebra", "tables": ["notes"] }), 1),
        ("ALTER TABLE notes ADD FULLTEXT (note)", &json!({ "query": "zebra", "tables": ["notes"] }), 1),
    ] {
        schema.run(statement).await;
        assert_eq!(found(body.clone()).await, count, "{statement}");
    }
}
