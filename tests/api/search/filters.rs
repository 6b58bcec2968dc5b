//! `filters`: conditions on columns, beside the words.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use shared::databases::Flavour;
use tests::{Schema, TestApi};

use super::fields::refused;
use super::ids;
use crate::mysql;

/// Columns of every type, each with the values of its rows; a row that was made without strict mode has dates that are none.
async fn kinds() -> Schema {
    mysql()
        .schema(&[
            "SET SESSION sql_mode = ''",
            "CREATE TABLE kinds (id INT PRIMARY KEY, words TEXT, small TINYINT, yes BOOL, big BIGINT UNSIGNED, price DECIMAL(12,4), \
             single FLOAT, twice DOUBLE, bits BIT(10), since YEAR, fixed CHAR(10), name VARCHAR(50), \
             latin VARCHAR(50) CHARACTER SET latin1, latin_bin VARCHAR(50) CHARACTER SET latin1 COLLATE latin1_bin, \
             three VARCHAR(50) CHARACTER SET utf8mb3, size ENUM('small', 'größer') CHARACTER SET latin1, \
             tags SET('a', 'b', 'c'), day DATE, moment DATETIME(3), stamp TIMESTAMP NULL, clock TIME, doc JSON, \
             raw VARBINARY(16), shape BLOB, place POINT, FULLTEXT (words))",
            "INSERT INTO kinds VALUES \
             (1, 'zebra one', -5, TRUE, 18446744073709551615, 12.5000, 0.1, 0.1, b'101', 2020, 'fix', 'Zebra', 'café', 'Café', \
              '日本', 'größer', 'a,c', '2024-02-29', '2024-02-29 12:00:00.250', '2024-02-29 12:00:00', '-26:03:04', \
              '{\"a\": 1}', x'ff00', x'ff00', POINT(1, 2)), \
             (2, 'zebra two', 7, FALSE, 0, -0.0001, -1.5, 1e300, b'0', 1999, '', '50% off_now|', '', '', \
              '', 'small', '', '1999-12-31', '1999-12-31 23:59:59.999', '1999-12-31 23:59:59', '00:00:00', '[]', x'', x'', \
              POINT(0, 0)), \
             (3, 'zebra three', 127, TRUE, 9007199254740993, 99999999.9999, 1e30, -0.25, b'1111111111', 2155, 'x', '500 now', \
              'a''b', 'ä', 'ß', 'small', 'a,b,c', '0000-00-00', '0000-00-00', '2038-01-19 03:14:07', '838:59:59', '\"s\"', \
              x'01', x'01', POINT(3, 4))",
            "INSERT INTO kinds (id, words) VALUES (4, 'zebra without anything')",
        ])
        .await
}

#[tokio::test]
async fn a_filter_leaves_rows_out_of_the_page_and_of_the_total() {
    let (api, schema) = (TestApi::start().await, kinds().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    for (filters, expected) in [
        (json!({}), &[1, 2, 3, 4][..]),
        (json!([]), &[1, 2, 3, 4]),
        (json!(null), &[1, 2, 3, 4]),
        (json!({ "name": "zebra" }), &[1]),
        (json!({ "name": ["zebra", "500 now"] }), &[1, 3]),
        (json!({ "since": { "gte": 2000, "lt": 2155 } }), &[1]),
        (
            json!([{ "column": "since", "op": "gte", "value": 2000 }, { "column": "small", "op": "lt", "value": 0 }]),
            &[1],
        ),
        (json!({ "NAME": { "ne": "zebra" } }), &[2, 3, 4]),
        (json!({ "name": null }), &[4]),
        (json!({ "name": { "ne": null } }), &[1, 2, 3]),
        (json!([{ "column": "doc", "op": "isNull" }]), &[4]),
        (json!({ "shape": { "isNull": false } }), &[1, 2, 3]),
        (json!({ "id": { "between": [2, 3] } }), &[2, 3]),
        (json!({ "id": { "in": [1, 4, 99] } }), &[1, 4]),
        (json!({ "id": 3 }), &[3]),
        (json!({ "yes": true }), &[1, 3]),
        (json!({ "name": { "prefix": "50% off_" } }), &[2]),
        (json!({ "name": { "prefix": "50%" } }), &[2]),
        (json!({ "name": { "prefix": "5" } }), &[2, 3]),
        (json!({ "name": { "prefix": "50% off_now|" } }), &[2]),
        (json!({ "latin_bin": "CAFÉ" }), &[]),
        (json!({ "latin": "CAFÉ" }), &[1]),
        (json!({ "latin": "日本" }), &[]),
        (json!({ "latin": { "ne": "日本 🦓" } }), &[1, 2, 3, 4]),
        (json!({ "three": "🦓" }), &[]),
        (json!({ "big": 9_007_199_254_740_993_u64 }), &[3]),
        (json!({ "big": { "gt": -1 } }), &[1, 2, 3]),
        (json!({ "price": { "gt": "12.4999", "lte": 12.5 } }), &[1]),
        (json!({ "price": { "between": ["-0.0001", "-0.0001"] } }), &[2]),
        (json!({ "day": { "gte": "2024-01-01" } }), &[1]),
        (json!({ "moment": { "lt": "2024-02-29T13:00:00+01:00", "gt": "1999-01-01" } }), &[2]),
        (json!({ "moment": "2024-02-29T13:00:00.25+01:00" }), &[1]),
        (json!({ "stamp": { "gt": "9999-12-31" } }), &[]),
        (json!({ "clock": { "lt": "00:00" } }), &[1]),
        (json!({ "name": "x' OR '1'='1" }), &[]),
    ] {
        let data = user.search(&json!({ "query": "zebra", "filters": filters })).await;
        let mut found = ids(&data);
        found.sort_unstable();
        assert_eq!(found, expected, "{filters}");
        assert_eq!((&data["totalCount"], &data["totalRelation"]), (&json!(expected.len()), &json!("exact")));
    }
}

#[tokio::test]
async fn what_an_answer_shows_of_a_column_finds_its_row_again() {
    let (api, schema) = (TestApi::start().await, kinds().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let rows = user.search(&json!({ "query": "zebra" })).await["results"].clone();
    let mut asked = 0;
    for row in rows.as_array().unwrap() {
        for (column, value) in row["data"].as_object().unwrap() {
            // JSON and shapes can not be compared; a date that is none is shown as null, and is none.
            let is_comparable = column != "doc" && column != "place";
            let is_no_date = value.is_null() && row["primaryKey"]["id"] == 3;
            if !is_comparable || is_no_date {
                continue;
            }
            let body = json!({ "query": "zebra", "filters": { column: value } });
            let found = ids(&user.search(&body).await);
            assert!(found.contains(&row["primaryKey"]["id"].as_i64().unwrap()), "{body}: {found:?}");
            asked += 1;
        }
    }
    assert!(asked > 80);
}

#[tokio::test]
async fn a_table_that_lacks_the_column_is_left_out_and_named() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE books (id INT PRIMARY KEY, title TEXT, year INT, FULLTEXT (title))",
            "INSERT INTO books VALUES (1, 'zebra', 2020), (2, 'zebra', 2021)",
            "CREATE TABLE films (id INT PRIMARY KEY, title TEXT, year VARCHAR(10), FULLTEXT (title))",
            "INSERT INTO films VALUES (3, 'zebra', '2020')",
            "CREATE TABLE songs (id INT PRIMARY KEY, title TEXT, FULLTEXT (title))",
            "INSERT INTO songs VALUES (4, 'zebra')",
        ])
        .await;
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let data = user.search(&json!({ "query": "zebra", "filters": { "year": 2020 } })).await;
    assert_eq!((ids(&data), &data["totalCount"]), (vec![1], &json!(1)));
    assert_eq!(
        data["skippedTables"],
        json!([
            { "database": id, "table": "films", "column": "year", "reason": "value_does_not_fit" },
            { "database": id, "table": "songs", "column": "year", "reason": "no_such_column" },
        ])
    );
    let body = json!({ "query": "zebra", "filters": { "year": 2020 }, "tables": ["songs"] });
    refused(&user, &body, "filters.year").await;
    let body = json!({ "query": "zebra", "filters": { "year": 2020 }, "tables": ["films", "songs"] });
    refused(&user, &body, "filters.year").await;
}

#[tokio::test]
async fn a_row_of_two_indexes_is_filtered_in_both() {
    let api = TestApi::start().await;
    let schema = mysql()
        .schema(&[
            "CREATE TABLE books (id INT PRIMARY KEY, title TEXT, body TEXT, year INT, FULLTEXT (title), FULLTEXT (body))",
            "INSERT INTO books VALUES (1, 'zebra', 'zebra', 2020), (2, 'horse', 'zebra', 2021), (3, 'zebra', 'horse', 2021)",
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let body = json!({ "query": "zebra", "filters": [{ "column": "year", "op": "eq", "value": 2021 }], "sort": "-id" });
    assert_eq!(ids(&user.search(&body).await), [3, 2]);
}

#[tokio::test]
async fn a_filter_on_a_column_that_came_or_went_since_is_understood() {
    let api = TestApi::start().await;
    let mut schema = kinds().await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    schema.run("ALTER TABLE kinds ADD COLUMN stars INT DEFAULT 5").await;
    let body = json!({ "query": "zebra", "filters": { "stars": 5 }, "sort": "stars", "facets": ["stars"] });
    assert_eq!(user.search(&body).await["totalCount"], 4);
    schema.run("ALTER TABLE kinds DROP COLUMN stars").await;
    refused(&user, &body, "filters.stars").await;
}

#[tokio::test]
async fn what_filters_can_not_be_is_refused_with_its_place() {
    let (api, schema) = (TestApi::start().await, kinds().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let listed = |column: &str, op: &str, value: Value| json!([{ "column": column, "op": op, "value": value }]);
    for (filters, field) in [
        (json!("year > 5"), "filters"),
        (json!(5), "filters"),
        (json!(true), "filters"),
        (json!(["since"]), "filters[0]"),
        (json!([{}]), "filters[0].column"),
        (json!([{ "column": "since" }]), "filters[0].op"),
        (json!([{ "column": "since", "op": "eq" }]), "filters[0]"),
        (json!([{ "column": "since", "op": "eq", "value": 2020, "or": 1 }]), "filters[0].or"),
        (listed("since", "like", json!("x")), "filters[0].op"),
        (listed("nothing", "eq", json!(1)), "filters[0]"),
        (json!([{ "column": "id", "op": "eq", "value": 1 }, { "column": "nothing", "op": "isNull" }]), "filters[1]"),
        (listed("id", "in", json!([])), "filters[0]"),
        (listed("id", "in", json!(5)), "filters[0]"),
        (listed("id", "in", json!([1, null])), "filters[0]"),
        (listed("id", "in", json!([[1]])), "filters[0]"),
        (listed("id", "between", json!([1])), "filters[0]"),
        (listed("id", "between", json!([1, 2, 3])), "filters[0]"),
        (listed("id", "gt", json!(null)), "filters[0]"),
        (listed("id", "isNull", json!("yes")), "filters[0]"),
        (listed("name", "prefix", json!(5)), "filters[0]"),
        (listed("id", "prefix", json!("5")), "filters[0]"),
        (listed("name", "eq", json!("x".repeat(1_001))), "filters[0]"),
        (listed("id", "eq", json!("five")), "filters[0]"),
        (listed("id", "eq", json!(5.5)), "filters[0]"),
        (listed("name", "eq", json!(5)), "filters[0]"),
        (listed("day", "eq", json!("yesterday")), "filters[0]"),
        (listed("day", "eq", json!("2024-02-30")), "filters[0]"),
        (listed("price", "eq", json!(1e300)), "filters[0]"),
        (listed("since", "eq", json!(20)), "filters[0]"),
        (listed("place", "eq", json!("POINT(1 2)")), "filters[0]"),
        (json!({ "since": {} }), "filters.since"),
        (json!({ "since": { "above": 5 } }), "filters.since"),
        (json!({ "dateRange": { "start": "2024-01-01" } }), "filters.dateRange"),
        (json!({ "nothing": 5 }), "filters.nothing"),
        (json!({ "kinds.since": 5 }), "filters.kinds.since"),
        (json!({ "id` = 1 OR `id": 5 }), "filters.id` = 1 OR `id"),
        (json!(vec![json!({ "column": "id", "op": "isNull" }); 21]), "filters"),
        (listed("id", "in", json!(vec![1; 101])), "filters"),
    ] {
        refused(&user, &json!({ "query": "zebra", "filters": filters }), field).await;
    }
    // To MariaDB JSON is text (MariaDB, "JSON Data Type").
    if schema.flavour() == Flavour::MySql {
        refused(&user, &json!({ "query": "zebra", "filters": { "doc": "{}" } }), "filters.doc").await;
    }
}

/// Random filters, sorts and facets over all types of columns: each is answered or refused, and no database ever fails.
/// `PROPTEST_CASES` says how many.
#[tokio::test]
async fn no_filter_makes_a_server_complain() {
    let (api, schema) = (TestApi::start().await, kinds().await);
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let first = user.search(&json!({ "query": "zebra", "limit": 1 })).await["results"][0]["data"].clone();
    let columns: Vec<String> = first.as_object().unwrap().keys().cloned().collect();
    let mut runner = TestRunner::deterministic();
    let (filter, column) = (filter(columns.clone()), prop::sample::select(columns));
    let (mut answered, mut refused) = (0, 0);
    for number in 0..ProptestConfig::default().cases {
        if number.is_multiple_of(500) {
            api.advance(std::time::Duration::from_hours(1));
        }
        let mut draw = |strategy: &BoxedStrategy<Value>| strategy.new_tree(&mut runner).unwrap().current();
        let mut body = json!({ "query": "zebra", "filters": [draw(&filter)] });
        let named = column.clone().prop_map(Value::from).boxed();
        match number % 10 {
            0 => body["sort"] = json!([draw(&named)]),
            1 => body["facets"] = json!([draw(&named)]),
            _ => {}
        }
        let answer = user.call("POST", "/api/v1/search").json(&body).send().await;
        if answer.status == 400 {
            answer.expect_error(400, "VALIDATION_ERROR");
            refused += 1;
        } else {
            let data = answer.expect(200);
            assert_eq!(data["failedDatabases"], json!([]), "{body}");
            answered += 1;
        }
    }
    assert!(answered > 50 && refused > 20, "{answered} answered, {refused} refused");
}

fn filter(columns: Vec<String>) -> BoxedStrategy<Value> {
    let values =
        prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3_000_i32..3_000).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[a-zA-Z0-9+/]{8}".prop_map(Value::from),
        "-?[0-9]{1,36}(\\.[0-9]{1,31})?".prop_map(Value::from),
        "[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\\.[0-9]{1,9})?)?(Z|[+-]0[0-9]:[03]0)?)?"
            .prop_map(Value::from),
        "-?[0-9]{1,3}:[0-5][0-9](:[0-5][0-9])?".prop_map(Value::from),
        prop::sample::select(vec!["%", "_", "|", "\\", "'", "\"", "\0", "\u{1F993}", "größer", "a,c", "", "0000-00-00"])
            .prop_map(Value::from),
    ]
        .boxed();
    let op = prop::sample::select(vec!["eq", "ne", "lt", "lte", "gt", "gte", "in", "between", "prefix", "isNull"]);
    (prop::sample::select(columns), op, prop::collection::vec(values, 1..4))
        .prop_map(|(column, op, mut values)| {
            let value = match op {
                "in" => Value::Array(values),
                "between" => {
                    values.resize(2, values[0].clone());
                    Value::Array(values)
                }
                "isNull" => json!(values.len() > 1),
                _ => values.swap_remove(0),
            };
            let condition = [("column", json!(column)), ("op", json!(op)), ("value", value)];
            Value::Object(condition.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
        })
        .boxed()
}
