//! The shapes of requests, answers and errors.

use serde_json::{Value, json};
use tests::TestApi;

use super::{CONNECTIONS, TRIAL, body_of, connection, post, table, uri_of};
use crate::{articles, mysql};

#[tokio::test]
async fn a_connection_has_the_fields_of_both_generations() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let mut body = body_of(&schema);
    body["use_ssh"] = json!("no");
    body["alias"] = json!(5);
    body["connection_uri"] = json!(format!("  {} ", uri_of(&schema)));
    body["llm_api_key"] = json!("sk-llm");
    body["metadata"] = json!({ "team": { "name": "sales", "size": 3 } });
    body["file_storage"] = json!({
        "name": "S3", "access_key_id": "AKIA", "secret_access_key": "s3", "region": "us-east-1", "bucket": "my-bucket",
    });
    body["anything"] = json!("else");
    let made = post(&user, CONNECTIONS, &body).await.expect(201);
    let mut fields: Vec<&String> = made.as_object().unwrap().keys().collect();
    fields.sort_unstable();
    let mut expected = [
        "id",
        "alias",
        "use_ssh",
        "uri",
        "connection_uri",
        "path_to_credentials_file",
        "llm_api_key",
        "ssh_settings",
        "file_storage",
        "dialect",
        "schemas",
        "bigquery_credential_file_content",
        "metadata",
        "created_at",
    ];
    expected.sort_unstable();
    assert_eq!(fields, expected);
    assert_eq!((&made["alias"], &made["use_ssh"]), (&json!("5"), &json!(false)));
    assert_eq!((&made["dialect"], &made["schemas"]), (&json!("mysql"), &Value::Null));
    assert_eq!(made["metadata"], body["metadata"]);
    assert_eq!((&made["file_storage"]["bucket"], &made["file_storage"]["name"]), (&json!("my-bucket"), &json!("S3")));
    let path = connection(&made["id"]);
    assert_eq!(user.call("GET", &path).send().await.expect(200), made);
    assert_eq!(user.call("GET", CONNECTIONS).send().await.expect(200), json!([made]));
}

#[tokio::test]
async fn what_has_the_wrong_shape_is_told_place_by_place() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let missing =
        |field: &str| json!({ "loc": ["body", field], "msg": "field required", "type": "value_error.missing" });
    let bool_wrong = json!({ "loc": ["body", "use_ssh"], "msg": "value could not be parsed to a boolean", "type": "type_error.bool" });
    for (body, detail) in [
        (json!({}), json!([missing("alias")])),
        (json!({ "use_ssh": "maybe" }), json!([missing("alias"), bool_wrong])),
        (
            json!({ "alias": null, "file_storage": { "name": "S3" } }),
            json!([
                {
                    "loc": ["body", "alias"], "msg": "none is not an allowed value",
                    "type": "type_error.none.not_allowed",
                },
                { "loc": ["body", "file_storage", "access_key_id"], "msg": "field required", "type": "value_error.missing" },
                {
                    "loc": ["body", "file_storage", "secret_access_key"], "msg": "field required",
                    "type": "value_error.missing",
                },
                { "loc": ["body", "file_storage", "bucket"], "msg": "field required", "type": "value_error.missing" },
            ]),
        ),
        (
            json!({ "alias": "a", "ssh_settings": "x", "schemas": "public" }),
            json!([
                { "loc": ["body", "ssh_settings"], "msg": "value is not a valid dict", "type": "type_error.dict" },
                { "loc": ["body", "schemas"], "msg": "value is not a valid list", "type": "type_error.list" },
            ]),
        ),
        (json!([]), json!([{ "loc": ["body"], "msg": "value is not a valid dict", "type": "type_error.dict" }])),
    ] {
        let refused = post(&user, CONNECTIONS, &body).await.expect_error(422, "validation_error");
        assert_eq!(refused["detail"], detail, "{body}");
    }
    for (text, place) in [("", json!(["body"])), ("{\"alias\": s3cret-text}", json!(["body", 10]))] {
        let answer = user.call("POST", CONNECTIONS).body(text).send().await;
        let refused = answer.expect_error(422, "validation_error");
        assert_eq!(refused["detail"][0]["loc"], place, "{refused:#}");
        assert!(!refused.to_string().contains("s3cret"), "{refused:#}");
    }
}

#[tokio::test]
async fn what_can_not_be_connected_is_a_400_with_a_sentence_a_code_and_a_reason_and_is_not_stored() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let uri = uri_of(&schema);
    let wrong_password = uri.replace("@127", "s3cret@127");
    let of_first =
        json!({ "host": "h", "username": "u", "remote_host": "r", "remote_db_name": "u", "db_driver": "mysql" });
    let of_athena = |host: &str| format!("awsathena+rest://k:s3cret@{host}/d?s3_staging_dir=s3://b/");
    for (body, code, reason) in [
        (json!({ "alias": "a" }), "invalid_connection_settings", Value::Null),
        (
            json!({ "alias": "a", "use_ssh": true, "connection_uri": uri, "ssh_settings": of_first }),
            "invalid_connection_settings",
            Value::Null,
        ),
        (
            json!({ "alias": "a", "use_ssh": true, "connection_uri": uri }),
            "ssh_invalid_database_connection",
            Value::Null,
        ),
        (
            json!({ "alias": "a", "use_ssh": true, "connection_uri": uri, "path_to_credentials_file": "/app/id_rsa",
                    "ssh_settings": { "host": "h", "username": "u", "password": "p" } }),
            "ssh_invalid_database_connection",
            json!("bad_credentials_file"),
        ),
        (
            json!({ "alias": "a", "connection_uri": "oracle://u:s3cret@h/d" }),
            "unsupported_dialect",
            json!("unsupported_dialect"),
        ),
        (
            json!({ "alias": "a", "connection_uri": "mysql://u:s3cret@h:port/d" }),
            "invalid_database_uri_format",
            Value::Null,
        ),
        (
            json!({ "alias": "a", "use_ssh": true, "connection_uri": of_athena("athena.us-east-1.amazonaws.com"),
                    "ssh_settings": { "host": "h", "username": "u", "password": "p" } }),
            "invalid_connection_settings",
            Value::Null,
        ),
        (
            json!({ "alias": "a", "connection_uri": of_athena("athena.us-east-1.amazonaws.com.evil.example") }),
            "invalid_database_uri_format",
            Value::Null,
        ),
        (
            json!({ "alias": "a", "connection_uri": of_athena("athena.us-east-1.amazonaws.com:8443") }),
            "invalid_database_uri_format",
            Value::Null,
        ),
        (json!({ "alias": "a", "connection_uri": uri, "schemas": ["s"] }), "schema_not_supported", Value::Null),
        (json!({ "alias": "a", "connection_uri": wrong_password }), "invalid_database_connection", json!("auth")),
        (
            json!({ "alias": "a", "connection_uri": "mysql://u:s3cret@foo.invalid/d" }),
            "invalid_database_connection",
            json!("dns"),
        ),
        (
            json!({ "alias": "a", "connection_uri": "mysql://u:s3cret@127.0.0.1:1/d" }),
            "invalid_database_connection",
            json!("refused"),
        ),
        (
            json!({ "alias": "a", "connection_uri": "mysql://u:s3cret@10.0.0.1/d" }),
            "invalid_database_connection",
            json!("refused"),
        ),
    ] {
        for path in [CONNECTIONS, TRIAL] {
            let refused = post(&user, path, &body).await.expect_error(400, code);
            assert_eq!(refused["reason"], reason, "{body}: {refused:#}");
            assert!(refused["detail"].is_string() && refused["message"].is_string(), "{refused:#}");
            assert!(!refused.to_string().contains("s3cret"), "{refused:#}");
        }
    }
    assert_eq!(user.call("GET", CONNECTIONS).send().await.expect(200), json!([]));
}

#[tokio::test]
async fn a_trial_says_what_would_be_connected_and_stores_nothing() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let tried = post(&user, TRIAL, &body_of(&schema)).await.expect(200);
    assert_eq!((&tried["connected"], &tried["dialect"], &tried["tables"]), (&json!(true), &json!("mysql"), &json!(1)));
    assert_eq!(user.call("GET", CONNECTIONS).send().await.expect(200), json!([]));
}

#[tokio::test]
async fn a_database_without_tables_is_connected_with_a_warning_unless_the_client_is_strict() {
    let (api, schema) = (TestApi::start().await, mysql().schema(&[]).await);
    let user = api.register("ursula").await;
    let mut body = body_of(&schema);
    let made = post(&user, CONNECTIONS, &body).await.expect(201);
    assert!(made["warning"].as_str().unwrap().contains("no tables"), "{made:#}");
    body["strict"] = json!(true);
    let refused = post(&user, CONNECTIONS, &body).await.expect_error(400, "empty_database");
    assert_eq!(refused["reason"], "empty");
}

#[tokio::test]
async fn a_connection_is_replaced_as_a_whole_and_removed_with_all_that_is_known_of_it() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let mut body = body_of(&schema);
    body["llm_api_key"] = json!("sk-llm");
    body["metadata"] = json!({ "a": 1 });
    let made = post(&user, CONNECTIONS, &body).await.expect(201);
    let path = connection(&made["id"]);
    let other = json!({ "alias": "renamed", "connection_uri": uri_of(&schema) });
    let replaced = user.call("PUT", &path).json(&other).send().await.expect(200);
    assert_eq!((&replaced["alias"], &replaced["id"]), (&json!("renamed"), &made["id"]));
    assert_eq!((&replaced["llm_api_key"], &replaced["metadata"]), (&json!(""), &Value::Null));
    assert_eq!(replaced["created_at"], made["created_at"]);
    let first = super::tables_of(&user, made["id"].as_str().unwrap()).await[0]["id"].clone();

    user.call("DELETE", &path).send().await.expect(200);
    for method in ["GET", "DELETE"] {
        user.call(method, &path).send().await.expect_error(404, "database_connection_not_found");
    }
    user.call("PUT", &path).json(&other).send().await.expect_error(404, "database_connection_not_found");
    user.call("GET", &table(&first)).send().await.expect_error(404, "table_description_not_found");
    let audit = user.call("GET", "/api/v1/management/audit").send().await.expect(200).to_string();
    for action in ["warehouse.added", "warehouse.updated", "warehouse.removed"] {
        assert_eq!(audit.matches(action).count(), 1, "{action}: {audit}");
    }
}

#[tokio::test]
async fn an_account_has_room_for_fifty_connections() {
    let (api, schema) = (TestApi::start().await, mysql().schema(&[]).await);
    let user = api.register("ursula").await;
    let body = body_of(&schema);
    let mut last = json!(null);
    for _ in 0..50 {
        last = post(&user, CONNECTIONS, &body).await.expect(201)["id"].clone();
    }
    post(&user, CONNECTIONS, &body).await.expect_error(409, "LIMIT_REACHED");
    user.call("DELETE", &connection(&last)).send().await.expect(200);
    post(&user, CONNECTIONS, &body).await.expect(201);
}
