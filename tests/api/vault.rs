//! What is sealed opens where it was sealed, and nowhere else.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use shared::id::{DatabaseId, UserId};
use shared::vault::{Context, Sealed};
use tests::TestApi;

use crate::articles;

fn context() -> Context {
    Context { owner: UserId::fresh(), record: DatabaseId::fresh().to_string(), purpose: "password", version: 1 }
}

#[tokio::test]
async fn a_sealed_record_does_not_open_for_another_owner_record_purpose_or_version() {
    let api = TestApi::start().await;
    let vault = &api.service.app.vault;
    let own = context();
    let sealed = vault.seal(&own, &SecretString::from("s3cret")).await.unwrap();
    api.advance(Duration::from_mins(6));
    for other in [
        Context { owner: UserId::fresh(), ..own.clone() },
        Context { record: DatabaseId::fresh().to_string(), ..own.clone() },
        Context { purpose: "key", ..own.clone() },
        Context { version: 2, ..own.clone() },
    ] {
        assert!(vault.open(&other, &sealed).await.is_err(), "{other:?}");
    }
    assert_eq!(vault.open(&own, &sealed).await.unwrap().expose_secret(), "s3cret");
}

#[tokio::test]
async fn a_record_in_which_one_byte_was_changed_does_not_open() {
    let api = TestApi::start().await;
    let vault = &api.service.app.vault;
    let own = context();
    let sealed = vault.seal(&own, &SecretString::from("s3cret")).await.unwrap();
    api.advance(Duration::from_mins(6));
    let stored = serde_json::to_value(&sealed).unwrap();
    for part in ["data_key", "nonce", "ciphertext"] {
        let mut changed = stored.clone();
        let byte = changed[part][0].as_u64().unwrap();
        changed[part][0] = json!(byte ^ 1);
        let changed: Sealed = serde_json::from_value::<Sealed>(changed).unwrap();
        assert!(vault.open(&own, &changed).await.is_err(), "{part}");
    }
    assert!(!stored.to_string().contains("s3cret"));
    assert!(stored.as_object().is_some_and(|parts| parts.values().all(Value::is_array)));
}

#[tokio::test]
async fn an_opened_secret_stays_warm_for_five_minutes_and_no_longer() {
    let api = TestApi::start().await;
    let vault = &api.service.app.vault;
    let own = context();
    let sealed = vault.seal(&own, &SecretString::from("s3cret")).await.unwrap();
    api.service.journal.take();
    api.advance(Duration::from_secs(299));
    vault.open(&own, &sealed).await.unwrap();
    assert_eq!(api.service.journal.take(), Vec::<String>::new());
    api.advance(Duration::from_secs(2));
    vault.open(&own, &sealed).await.unwrap();
    assert_eq!(api.service.journal.take(), ["TrentService.Decrypt"]);
}

#[tokio::test]
async fn of_two_that_are_sealed_for_one_place_each_opens_as_itself() {
    let api = TestApi::start().await;
    let (vault, own) = (&api.service.app.vault, context());
    let first = vault.seal(&own, &SecretString::from("first")).await.unwrap();
    let second = vault.seal(&own, &SecretString::from("second")).await.unwrap();
    assert_eq!(vault.open(&own, &first).await.unwrap().expose_secret(), "first");
    assert_eq!(vault.open(&own, &second).await.unwrap().expose_secret(), "second");
}

#[tokio::test]
async fn what_is_stored_holds_no_password_in_the_clear() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let (key, _) = user.create_key(&["search"]).await;
    api.service.journal.take();
    user.connect(&schema).await;
    let sealings = api.service.journal.take().into_iter().filter(|call| call == "TrentService.GenerateDataKey").count();
    assert_eq!(sealings, 1, "a data key of its own for each record");

    let table = &api.service.app.table;
    let stored = format!("{:?}", table.client.scan().table_name(&table.name).send().await.unwrap().items());
    assert!(stored.contains(&schema.name), "the connection is in what was read");
    let connection = schema.connection();
    for secret in [connection["password"].as_str().unwrap(), "secure_password", &key] {
        let as_bytes = secret.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
        assert!(!stored.contains(secret) && !stored.contains(&as_bytes), "{secret} is stored in the clear");
    }
}
