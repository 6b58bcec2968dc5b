//! Tables as files in the storage of their owner.

use serde_json::{Value, json};
use tests::{Answer, Schema, Storage, TestApi, TestUser};

use super::{CONNECTIONS, connect_warehouse, connect_with_storage, connection};
use crate::mysql;

async fn prices() -> Schema {
    mysql()
        .schema(&[
            "CREATE TABLE prices (id INT PRIMARY KEY, `=name` VARCHAR(50), api_token VARCHAR(20), price DECIMAL(8,2))",
            "INSERT INTO prices VALUES (1, '=HYPERLINK(1)', 's3cr3t', -2.5), (2, 'a \"b\", c', 's3cr3t', NULL), \
             (3, '@d', 's3cr3t', 0.25)",
        ])
        .await
}

async fn export(user: &TestUser<'_>, table: &str, body: &Value) -> Answer {
    super::post(user, &format!("{}/export", super::table(&json!(table))), body).await
}

/// Another storage for a connection that is there.
async fn put_storage(user: &TestUser<'_>, id: &str, schema: &Schema, storage: &Value) {
    let mut body = super::body_of(schema);
    body["file_storage"] = storage.clone();
    user.call("PUT", &connection(&json!(id))).json(&body).send().await.expect(200);
}

/// What a link leads to.
async fn fetched(link: &str) -> (u16, String) {
    let answer = reqwest::get(link).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_table_is_put_into_the_storage_of_its_connection_and_whoever_has_the_link_gets_it() {
    let (storage, schema) = (Storage::start().await, prices().await);
    let api = TestApi::with_storage(&storage).await;
    let user = api.register("ursula").await;
    let (_, table) = connect_with_storage(&user, &schema, &storage.settings()).await;
    let before = api.now();
    let made = export(&user, &table, &json!({})).await.expect(201);
    let after = api.now();

    let lines = ["id,'=name,api_token,price", "1,'=HYPERLINK(1),,-2.50", "2,\"a \"\"b\"\", c\",,", "3,'@d,,0.25"];
    let text = lines.map(|line| format!("{line}\r\n")).concat();
    assert_eq!((&made["rows"], &made["bytes"]), (&json!(3), &json!(text.len())));
    let files = storage.files();
    assert_eq!((files.len(), &files[0].text), (1, &text));
    assert!(files[0].key.starts_with(&format!("altus4/tables/{table}/")), "{}", files[0].key);
    assert_eq!(files[0].headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(files[0].headers["content-disposition"], format!("attachment; filename=\"table-{table}.csv\""));

    let link = made["url"].as_str().unwrap();
    assert_eq!(fetched(link).await, (200, text));
    assert!(link.contains("&X-Amz-Expires=3600&") && !link.contains("storage-secret"), "{link}");
    let ends = made["expires_at"].as_str().unwrap().parse::<shared::clock::Timestamp>().unwrap();
    let hour = before.epoch_s() + 3_600..=after.epoch_s() + 3_600;
    assert!(hour.contains(&ends.epoch_s()), "{made:#}");
    for other in [link.replace("3600", "3601"), link.replace(&table, &table.replace('1', "2"))] {
        assert_eq!(fetched(&other).await.0, 403, "{other}");
    }
}

#[tokio::test]
async fn so_many_rows_are_put_as_are_asked_for() {
    let (storage, schema) = (Storage::start().await, prices().await);
    let api = TestApi::with_storage(&storage).await;
    let user = api.register("ursula").await;
    let (_, table) = connect_with_storage(&user, &schema, &storage.settings()).await;
    for rows in [json!(2), json!("2")] {
        assert_eq!(export(&user, &table, &json!({ "rows": rows })).await.expect(201)["rows"], 2);
    }
    assert!(storage.files().iter().all(|file| file.text.lines().count() == 3));
    for (rows, kind) in [
        (json!(0), "value_error.number.not_ge"),
        (json!(1_001), "value_error.number.not_le"),
        (json!(-1), "type_error.integer"),
        (json!(1.5), "type_error.integer"),
        (json!([]), "type_error.integer"),
    ] {
        let refused = export(&user, &table, &json!({ "rows": rows })).await.expect_error(422, "validation_error");
        assert_eq!(refused["detail"][0]["type"], kind, "{rows}");
    }
    assert_eq!(storage.files().len(), 2);
}

#[tokio::test]
async fn each_way_in_which_a_storage_refuses_a_file_has_its_own_reason() {
    let (storage, schema) = (Storage::start().await, prices().await);
    let api = TestApi::with_storage(&storage).await;
    let user = api.register("ursula").await;
    let (_, table) = connect_with_storage(&user, &schema, &storage.settings()).await;
    for (status, code, reason) in [
        (403, "InvalidAccessKeyId", "auth"),
        (403, "SignatureDoesNotMatch", "auth"),
        (400, "ExpiredToken", "auth"),
        (403, "AccessDenied", "permission"),
        (404, "NoSuchBucket", "no_such_bucket"),
        (404, "NoSuchKey", "refused"),
        (301, "PermanentRedirect", "region"),
        (307, "TemporaryRedirect", "region"),
        (400, "AuthorizationHeaderMalformed", "region"),
        (429, "SlowDown", "unavailable"),
        (500, "InternalError", "unavailable"),
        (503, "SlowDown", "unavailable"),
        (500, "endless", "unavailable"),
        (404, "endless", "refused"),
        (418, "", "refused"),
    ] {
        storage.says(status, code);
        let refused = export(&user, &table, &json!({})).await.expect_error(400, "EXPORT_FAILED");
        assert_eq!(refused["reason"], reason, "{status} {code}: {refused:#}");
        assert!(refused["suggestion"].is_string() && refused["description"].is_string(), "{refused:#}");
        for inside in ["10.11.12.13", "storage-secret", "AKIAURSULA", "<"] {
            assert!(!refused.to_string().contains(inside), "{refused:#}");
        }
    }
    assert_eq!(storage.files(), []);
}

#[tokio::test]
async fn a_storage_that_is_another_one_than_its_owner_says_refuses_the_file() {
    let (storage, schema) = (Storage::start().await, prices().await);
    let api = TestApi::with_storage(&storage).await;
    let user = api.register("ursula").await;
    let (id, table) = connect_with_storage(&user, &schema, &storage.settings()).await;
    for (field, value, reason) in [
        ("secret_access_key", json!("another secret"), "auth"),
        ("access_key_id", json!("AKIAEVE"), "auth"),
        ("bucket", json!("eves-bucket"), "no_such_bucket"),
        ("region", json!("us-east-2"), "region"),
        ("region", json!(null), "region"),
        // Nobody is asked for these.
        ("region", json!("evil.example/"), "bad_file_storage"),
        ("region", json!("cn-north-1"), "bad_file_storage"),
        ("bucket", json!("../other"), "bad_file_storage"),
        ("access_key_id", json!("AKIA/URSULA"), "bad_file_storage"),
        ("secret_access_key", json!(""), "bad_file_storage"),
        ("name", json!("GCS"), "bad_file_storage"),
    ] {
        let mut settings = storage.settings();
        settings[field] = value.clone();
        put_storage(&user, &id, &schema, &settings).await;
        let refused = export(&user, &table, &json!({})).await.expect_error(400, "EXPORT_FAILED");
        assert_eq!(refused["reason"], reason, "{field} {value}: {refused:#}");
    }
    assert_eq!(storage.files(), []);
    put_storage(&user, &id, &schema, &storage.settings()).await;
    export(&user, &table, &json!({})).await.expect(201);
}

#[tokio::test]
async fn nobody_is_asked_for_a_table_that_can_be_put_nowhere() {
    let (storage, mut schema) = (Storage::start().await, prices().await);
    let api = TestApi::with_storage(&storage).await;
    let user = api.register("ursula").await;
    let (_, table) = connect_warehouse(&user, &schema).await;
    let opened = schema.opened().await;
    let refused = export(&user, &table, &json!({})).await.expect_error(400, "NO_FILE_STORAGE");
    assert!(refused["detail"].as_str().unwrap().contains("file_storage"), "{refused:#}");
    assert_eq!(schema.opened().await, opened);
}

#[tokio::test]
async fn a_table_that_can_not_be_read_is_not_put() {
    let (storage, mut schema) = (Storage::start().await, prices().await);
    let api = TestApi::with_storage(&storage).await;
    let user = api.register("ursula").await;
    let (_, table) = connect_with_storage(&user, &schema, &storage.settings()).await;
    schema.run("DROP TABLE prices").await;
    export(&user, &table, &json!({})).await.expect_error(400, "table_not_found");
    let name = schema.name.clone();
    schema.run(&format!("ALTER USER '{name}'@'127.0.0.1' IDENTIFIED BY 'another password'")).await;
    let refused = export(&user, &table, &json!({})).await.expect_error(400, "invalid_database_connection");
    assert_eq!((&refused["reason"], storage.files()), (&json!("auth"), vec![]));
}

#[tokio::test]
async fn a_token_of_a_storage_stands_for_its_secret_when_the_connection_is_put_again() {
    let (storage, schema) = (Storage::start().await, prices().await);
    let api = TestApi::with_storage(&storage).await;
    let user = api.register("ursula").await;
    let (id, table) = connect_with_storage(&user, &schema, &storage.settings()).await;
    let shown = user.call("GET", CONNECTIONS).send().await.expect(200)[0]["file_storage"].clone();
    assert!(shown["secret_access_key"].as_str().unwrap().starts_with("gAAAAA"), "{shown:#}");
    put_storage(&user, &id, &schema, &shown).await;
    export(&user, &table, &json!({})).await.expect(201);
}
