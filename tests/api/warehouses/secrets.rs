//! Secrets come back as tokens that mean something in one place only.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{TestApi, TestUser};

use super::{CONNECTIONS, TRIAL, body_of, connection, post, tables_of, uri_of};
use crate::articles;

/// A body with a secret in every field that takes one without being used to connect.
fn full(schema: &tests::Schema) -> Value {
    let mut body = body_of(schema);
    body["llm_api_key"] = json!("s3cret-llm");
    body["bigquery_credential_file_content"] = json!("{\"private_key\": \"s3cret-google\"}");
    body["ssh_settings"] = json!({
        "host": "bastion.invalid", "username": "u", "password": "s3cret-ssh", "private_key_password": "s3cret-phrase",
        "private_key": "s3cret-key",
    });
    body["file_storage"] =
        json!({ "name": "S3", "access_key_id": "s3cret-id", "secret_access_key": "s3cret-access", "bucket": "b" });
    body
}

/// Where an answer has tokens.
const PLACES: [&str; 9] = [
    "/uri",
    "/connection_uri",
    "/llm_api_key",
    "/bigquery_credential_file_content",
    "/ssh_settings/password",
    "/ssh_settings/private_key_password",
    "/ssh_settings/private_key",
    "/file_storage/access_key_id",
    "/file_storage/secret_access_key",
];

async fn put(user: &TestUser<'_>, id: &Value, body: &Value) -> tests::Answer {
    user.call("PUT", &connection(id)).json(body).send().await
}

#[tokio::test]
async fn no_answer_and_nothing_that_is_stored_holds_a_secret() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let password = schema.connection()["password"].as_str().unwrap().to_owned();
    let made = post(&user, CONNECTIONS, &full(&schema)).await.expect(201);
    for place in PLACES {
        assert!(made.pointer(place).unwrap().as_str().unwrap().starts_with("gAAAAA"), "{place}: {made:#}");
    }
    let mut answers = vec![made.clone(), user.call("GET", CONNECTIONS).send().await.expect(200)];
    answers.push(put(&user, &made["id"], &full(&schema)).await.expect(200));
    answers.push(tables_of(&user, made["id"].as_str().unwrap()).await);
    let mut wrong = full(&schema);
    wrong["connection_uri"] = json!(uri_of(&schema).replace("@127", "s3cret-uri@127"));
    answers.push(put(&user, &made["id"], &wrong).await.body);
    wrong["use_ssh"] = json!(true);
    answers.push(put(&user, &made["id"], &wrong).await.body);
    let table = &api.service.app.table;
    let stored = format!("{:?}", table.client.scan().table_name(&table.name).send().await.unwrap().items());
    assert!(stored.contains("bastion.invalid"), "the connection is in what was read");
    let answers = answers.iter().map(Value::to_string).chain([stored]);
    for text in answers {
        assert!(!text.contains("s3cret") && !text.contains(&password), "{text}");
    }
}

#[tokio::test]
async fn what_was_answered_can_be_sent_back_and_changes_nothing() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let made = post(&user, CONNECTIONS, &full(&schema)).await.expect(201);
    let mut sent = made.clone();
    sent["alias"] = json!("renamed");
    let replaced = put(&user, &made["id"], &sent).await.expect(200);
    for place in PLACES {
        assert_eq!(replaced.pointer(place), made.pointer(place), "{place}");
    }
    assert_eq!(replaced["alias"], "renamed");
    // A day later, with nothing warm, the same is true: the tokens open.
    api.advance(Duration::from_hours(24));
    sent["alias"] = json!("renamed again");
    assert_eq!(put(&user, &made["id"], &sent).await.expect(200)["uri"], made["uri"]);
}

#[tokio::test]
async fn a_token_of_another_field_connection_or_owner_is_refused_and_changes_nothing() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (user, other) = (api.register("ursula").await, api.register("ulrich").await);
    let made = post(&user, CONNECTIONS, &full(&schema)).await.expect(201);
    let second = post(&user, CONNECTIONS, &full(&schema)).await.expect(201);
    let foreign = post(&other, CONNECTIONS, &full(&schema)).await.expect(201);
    let mut body = full(&schema);
    for token in [&made["llm_api_key"], &second["connection_uri"], &foreign["connection_uri"]] {
        body["connection_uri"] = token.clone();
        let refused = put(&user, &made["id"], &body).await.expect_error(400, "invalid_token");
        assert!(refused["detail"].as_str().unwrap().starts_with("connection_uri holds a token"), "{refused:#}");
        post(&user, CONNECTIONS, &body).await.expect_error(400, "invalid_token");
        post(&user, TRIAL, &body).await.expect_error(400, "invalid_token");
    }
    let mut body = made.clone();
    body["ssh_settings"]["password"] = made["ssh_settings"]["private_key_password"].clone();
    put(&user, &made["id"], &body).await.expect_error(400, "invalid_token");
    // A token that was current once is not any more.
    let mut body = made.clone();
    body["llm_api_key"] = json!("s3cret-other");
    put(&user, &made["id"], &body).await.expect(200);
    put(&user, &made["id"], &made).await.expect_error(400, "invalid_token");
    let seen = user.call("GET", CONNECTIONS).send().await.expect(200);
    assert_eq!(seen[0]["uri"], made["uri"]);
    assert_ne!(seen[0]["llm_api_key"], made["llm_api_key"]);
}

#[tokio::test]
async fn a_token_says_nothing_of_its_secret_to_who_has_the_same_one() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let made = post(&user, CONNECTIONS, &full(&schema)).await.expect(201);
    let second = post(&user, CONNECTIONS, &full(&schema)).await.expect(201);
    for place in PLACES {
        assert_ne!(made.pointer(place), second.pointer(place), "{place}");
    }
}

#[tokio::test]
async fn a_list_costs_no_call_of_kms_and_a_new_connection_one() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    api.service.journal.take();
    post(&user, CONNECTIONS, &full(&schema)).await.expect(201);
    let calls = |api: &TestApi| -> Vec<String> {
        api.service.journal.take().into_iter().filter(|call| call.starts_with("TrentService.")).collect()
    };
    assert_eq!(calls(&api), ["TrentService.GenerateDataKey"]);
    api.advance(Duration::from_mins(6));
    user.call("GET", CONNECTIONS).send().await.expect(200);
    assert_eq!(calls(&api), Vec::<String>::new());
}

#[tokio::test]
async fn after_a_rewrap_the_tokens_are_what_they_were_and_open() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let made = post(&user, CONNECTIONS, &full(&schema)).await.expect(201);
    let rewrapped = admin::rewrap(&api.service.app, |line| panic!("{line}")).await.unwrap();
    assert_eq!(rewrapped, admin::Rewrapped { done: 1, gone: 0, failed: 0 });
    api.advance(Duration::from_mins(6));
    assert_eq!(user.call("GET", CONNECTIONS).send().await.expect(200)[0]["uri"], made["uri"]);
    put(&user, &made["id"], &made).await.expect(200);
}
