//! What a caller of Secrets Manager may rely on.

use super::*;

const FIRST: &str = "11111111-1111-4111-8111-111111111111";
const SECOND: &str = "22222222-2222-4222-8222-222222222222";
const THIRD: &str = "33333333-3333-4333-8333-333333333333";

/// The service at a time of the test's choosing.
#[derive(Default)]
struct Account {
    secrets: Secrets,
    now_ms: i64,
}

impl Account {
    /// With the secret `session`, whose first value is `one`.
    fn with_session() -> Self {
        let mut account = Self::default();
        account.create(FIRST, "one").unwrap();
        account
    }

    fn call(&mut self, operation: &str, body: &Value) -> Result<Value, &'static str> {
        self.secrets.call(operation, body.to_string().as_bytes(), self.now_ms).map_err(|refused| refused.wire().1)
    }

    fn create(&mut self, token: &str, value: &str) -> Result<Value, &'static str> {
        self.call("CreateSecret", &json!({ "Name": "session", "ClientRequestToken": token, "SecretString": value }))
    }

    fn put(&mut self, token: &str, value: &str) -> Result<Value, &'static str> {
        self.call(
            "PutSecretValue",
            &json!({ "SecretId": "session", "ClientRequestToken": token, "SecretString": value }),
        )
    }

    fn put_pending(&mut self, token: &str, value: &str) {
        let request = json!({
            "SecretId": "session",
            "ClientRequestToken": token,
            "SecretString": value,
            "VersionStages": ["AWSPENDING"],
        });
        self.call("PutSecretValue", &request).unwrap();
    }

    fn at(&mut self, label: &str) -> Result<Value, &'static str> {
        let found = self.call("GetSecretValue", &json!({ "SecretId": "session", "VersionStage": label }))?;
        Ok(found["SecretString"].clone())
    }

    fn move_current(&mut self, from: Option<&str>, to: Option<&str>) -> Result<Value, &'static str> {
        let request = json!({
            "SecretId": "session",
            "VersionStage": "AWSCURRENT",
            "RemoveFromVersionId": from,
            "MoveToVersionId": to,
        });
        self.call("UpdateSecretVersionStage", &request)
    }

    fn labels(&mut self) -> Value {
        self.call("DescribeSecret", &json!({ "SecretId": "session" })).unwrap()["VersionIdsToStages"].clone()
    }
}

#[test]
fn a_secret_is_found_by_its_name_and_by_its_arn() {
    let mut account = Account { now_ms: 5_000, ..Account::default() };
    let created = account.create(FIRST, "one").unwrap();
    assert_eq!(created["VersionId"], FIRST);

    for id in [&json!("session"), &created["ARN"]] {
        let found = account.call("GetSecretValue", &json!({ "SecretId": id })).unwrap();
        let expected = json!({
            "ARN": created["ARN"],
            "Name": "session",
            "SecretString": "one",
            "VersionId": FIRST,
            "VersionStages": ["AWSCURRENT"],
            "CreatedDate": 5,
        });
        assert_eq!(found, expected);
    }
}

#[test]
fn a_binary_secret_comes_back_as_one() {
    let mut account = Account::default();
    account.call("CreateSecret", &json!({ "Name": "session", "SecretBinary": "AAEC" })).unwrap();

    let found = account.call("GetSecretValue", &json!({ "SecretId": "session" })).unwrap();

    assert_eq!(found["SecretBinary"], "AAEC");
    assert!(found.get("SecretString").is_none());
}

#[test]
fn creating_the_same_again_changes_nothing_and_creating_another_is_refused() {
    let mut account = Account::default();
    let created = account.create(FIRST, "one");

    assert_eq!(account.create(FIRST, "one"), created);
    assert_eq!(account.create(FIRST, "two"), Err("ResourceExistsException"));
    assert_eq!(account.create(SECOND, "one"), Err("ResourceExistsException"));
    assert_eq!(account.at("AWSCURRENT"), Ok(json!("one")));
}

#[test]
fn what_is_not_there_is_not_found() {
    let mut account = Account::with_session();

    for request in [
        json!({ "SecretId": "other" }),
        json!({ "SecretId": "session", "VersionStage": "AWSPREVIOUS" }),
        json!({ "SecretId": "session", "VersionId": SECOND }),
    ] {
        assert_eq!(account.call("GetSecretValue", &request), Err("ResourceNotFoundException"), "{request}");
    }
    account.call("CreateSecret", &json!({ "Name": "empty" })).unwrap();
    assert_eq!(account.call("GetSecretValue", &json!({ "SecretId": "empty" })), Err("ResourceNotFoundException"));
}

#[test]
fn a_new_value_is_current_and_the_old_one_previous() {
    let mut account = Account::with_session();

    account.put(SECOND, "two").unwrap();
    assert_eq!((account.at("AWSCURRENT"), account.at("AWSPREVIOUS")), (Ok(json!("two")), Ok(json!("one"))));

    account.put(THIRD, "three").unwrap();
    assert_eq!(account.labels(), json!({ SECOND: ["AWSPREVIOUS"], THIRD: ["AWSCURRENT"] }));
    let oldest = account.call("GetSecretValue", &json!({ "SecretId": "session", "VersionId": FIRST })).unwrap();
    assert_eq!((&oldest["SecretString"], &oldest["VersionStages"]), (&json!("one"), &json!([])));
}

#[test]
fn putting_the_same_again_changes_nothing_and_putting_another_is_refused() {
    let mut account = Account::with_session();
    account.put(SECOND, "two").unwrap();
    account.put(THIRD, "three").unwrap();
    let labels = account.labels();

    assert_eq!(account.put(SECOND, "two").unwrap()["VersionStages"], json!(["AWSPREVIOUS"]));
    assert_eq!(account.put(SECOND, "changed"), Err("ResourceExistsException"));
    assert_eq!(account.labels(), labels);
}

#[test]
fn a_pending_value_is_not_current_until_the_label_moves() {
    let mut account = Account::with_session();
    account.put_pending(SECOND, "two");
    assert_eq!((account.at("AWSCURRENT"), account.at("AWSPENDING")), (Ok(json!("one")), Ok(json!("two"))));

    account.move_current(Some(FIRST), Some(SECOND)).unwrap();

    assert_eq!(account.labels(), json!({ FIRST: ["AWSPREVIOUS"], SECOND: ["AWSCURRENT", "AWSPENDING"] }));
}

#[test]
fn moving_back_exchanges_current_and_previous() {
    let mut account = Account::with_session();
    account.put(SECOND, "two").unwrap();

    account.move_current(Some(SECOND), Some(FIRST)).unwrap();

    assert_eq!(account.labels(), json!({ FIRST: ["AWSCURRENT"], SECOND: ["AWSPREVIOUS"] }));
}

#[test]
fn whoever_moves_a_label_names_the_version_that_has_it() {
    let mut account = Account::with_session();
    account.put_pending(SECOND, "two");

    assert_eq!(account.move_current(None, Some(SECOND)), Err("InvalidParameterException"));
    assert_eq!(account.move_current(Some(THIRD), Some(SECOND)), Err("InvalidParameterException"));
    assert_eq!(account.move_current(Some(FIRST), Some(THIRD)), Err("ResourceNotFoundException"));
    assert_eq!(account.at("AWSCURRENT"), Ok(json!("one")));
}

#[test]
fn the_current_label_can_be_moved_but_not_removed() {
    let mut account = Account::with_session();
    account.put_pending(SECOND, "two");
    let mut request = json!({ "SecretId": "session", "VersionStage": "AWSPENDING", "RemoveFromVersionId": SECOND });

    account.call("UpdateSecretVersionStage", &request).unwrap();
    request["VersionStage"] = json!("AWSCURRENT");
    request["RemoveFromVersionId"] = json!(FIRST);

    assert_eq!(account.call("UpdateSecretVersionStage", &request), Err("InvalidParameterException"));
    assert_eq!(account.labels(), json!({ FIRST: ["AWSCURRENT"] }));
}

#[test]
fn an_id_and_a_label_that_do_not_belong_together_are_refused() {
    let mut account = Account::with_session();
    account.put(SECOND, "two").unwrap();
    let mut get = |label: &str| {
        account.call("GetSecretValue", &json!({ "SecretId": "session", "VersionId": SECOND, "VersionStage": label }))
    };

    assert!(get("AWSCURRENT").is_ok());
    assert_eq!(get("AWSPREVIOUS"), Err("InvalidRequestException"));
}

#[test]
fn the_first_value_is_current_whatever_its_labels() {
    let mut account = Account::default();
    account.call("CreateSecret", &json!({ "Name": "session" })).unwrap();

    account.put_pending(FIRST, "one");

    assert_eq!(account.labels(), json!({ FIRST: ["AWSCURRENT", "AWSPENDING"] }));
}

#[test]
fn a_secret_marked_for_deletion_is_described_and_restored_but_not_read_or_written() {
    let mut account = Account::with_session();
    let one = json!({ "SecretId": "session" });
    let deleted = account.call("DeleteSecret", &json!({ "SecretId": "session", "RecoveryWindowInDays": 7 })).unwrap();
    assert_eq!(deleted["DeletionDate"], 7 * 24 * 60 * 60);

    assert_eq!(account.at("AWSCURRENT"), Err("InvalidRequestException"));
    assert_eq!(account.put(SECOND, "two"), Err("InvalidRequestException"));
    assert_eq!(account.create(FIRST, "one"), Err("InvalidRequestException"));
    assert_eq!(account.move_current(Some(FIRST), Some(FIRST)), Err("InvalidRequestException"));
    assert_eq!(account.call("DeleteSecret", &one), Err("InvalidRequestException"));
    assert_eq!(account.call("DescribeSecret", &one).unwrap()["DeletedDate"], 7 * 24 * 60 * 60);

    account.call("RestoreSecret", &one).unwrap();
    assert_eq!(account.at("AWSCURRENT"), Ok(json!("one")));
}

#[test]
fn after_the_window_the_secret_is_gone_and_its_name_is_free() {
    let mut account = Account::with_session();
    account.call("DeleteSecret", &json!({ "SecretId": "session" })).unwrap();

    account.now_ms = 30 * DAY_MS;

    assert_eq!(account.call("RestoreSecret", &json!({ "SecretId": "session" })), Err("ResourceNotFoundException"));
    assert!(account.create(SECOND, "two").is_ok());
}

#[test]
fn a_forced_deletion_is_at_once_and_can_be_repeated() {
    let mut account = Account::with_session();
    let request = json!({ "SecretId": "session", "ForceDeleteWithoutRecovery": true });

    assert!(account.call("DeleteSecret", &request).is_ok());
    assert_eq!(account.at("AWSCURRENT"), Err("ResourceNotFoundException"));
    assert!(account.call("DeleteSecret", &request).is_ok());
}

#[test]
fn a_recovery_window_is_from_7_to_30_days_and_not_for_a_forced_deletion() {
    let mut account = Account::with_session();

    for request in [
        json!({ "SecretId": "session", "RecoveryWindowInDays": 6 }),
        json!({ "SecretId": "session", "RecoveryWindowInDays": 31 }),
        json!({ "SecretId": "session", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true }),
    ] {
        assert_eq!(account.call("DeleteSecret", &request), Err("InvalidParameterException"), "{request}");
    }
}

#[test]
fn a_value_is_text_or_binary_and_neither_empty_nor_too_long() {
    let mut account = Account::with_session();

    for value in [
        json!({}),
        json!({ "SecretString": "a", "SecretBinary": "AAEC" }),
        json!({ "SecretString": "" }),
        json!({ "SecretString": "a".repeat(VALUE_LEN_MAX + 1) }),
        json!({ "SecretString": "a", "ClientRequestToken": "short" }),
        json!({ "SecretString": "a", "VersionStages": [] }),
    ] {
        let mut request = json!({ "SecretId": "session" });
        request.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        assert_eq!(account.call("PutSecretValue", &request), Err("InvalidParameterException"));
    }
    let named = account.call("CreateSecret", &json!({ "Name": "two words", "SecretString": "a" }));
    assert_eq!(named, Err("ValidationException"));
}
