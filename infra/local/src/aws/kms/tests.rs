//! What a caller of KMS may rely on.

use data_encoding::BASE64;

use super::*;

/// The service at a time of the test's choosing.
#[derive(Default)]
struct Account {
    kms: Kms,
    now_ms: i64,
}

impl Account {
    fn call(&mut self, operation: &str, body: &Value) -> Result<Value, &'static str> {
        self.kms.call(operation, body.to_string().as_bytes(), self.now_ms).map_err(|refused| refused.wire().1)
    }

    fn create_key(&mut self) -> String {
        let created = self.call("CreateKey", &json!({})).unwrap();
        created["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
    }

    /// Seals the text `plain` for `owner: ursula`.
    fn encrypt(&mut self, key: &str) -> Result<Value, &'static str> {
        let request =
            json!({ "KeyId": key, "Plaintext": BASE64.encode(b"plain"), "EncryptionContext": { "owner": "ursula" } });
        Ok(self.call("Encrypt", &request)?["CiphertextBlob"].clone())
    }

    fn decrypt(&mut self, blob: &Value) -> Result<Value, &'static str> {
        let request = json!({ "CiphertextBlob": blob, "EncryptionContext": { "owner": "ursula" } });
        Ok(self.call("Decrypt", &request)?["Plaintext"].clone())
    }

    fn state(&mut self, key: &str) -> Value {
        self.call("DescribeKey", &json!({ "KeyId": key })).unwrap()["KeyMetadata"]["KeyState"].clone()
    }
}

fn plain() -> Value {
    json!(BASE64.encode(b"plain"))
}

#[test]
fn what_was_encrypted_opens_without_naming_the_key() {
    let mut account = Account::default();
    let key = account.create_key();
    account.create_key();
    let blob = account.encrypt(&key).unwrap();

    assert_eq!(account.decrypt(&blob), Ok(plain()));
}

#[test]
fn another_context_or_none_does_not_open() {
    let mut account = Account::default();
    let key = account.create_key();
    let blob = account.encrypt(&key).unwrap();

    for context in [
        json!({}),
        json!({ "owner": "mallory" }),
        json!({ "owner": "ursula", "more": "" }),
        json!({ "Owner": "ursula" }),
    ] {
        let opened = account.call("Decrypt", &json!({ "CiphertextBlob": blob, "EncryptionContext": context }));
        assert_eq!(opened, Err("InvalidCiphertextException"), "{context}");
    }
    assert_eq!(account.call("Decrypt", &json!({ "CiphertextBlob": blob })), Err("InvalidCiphertextException"));
}

#[test]
fn the_order_of_the_context_does_not_matter() {
    let mut account = Account::default();
    let key = account.create_key();
    let sealed = format!(r#"{{"KeyId":"{key}","Plaintext":"AAAA","EncryptionContext":{{"b":"2","a":"1"}}}}"#);
    let sealed = account.kms.call("Encrypt", sealed.as_bytes(), 0).unwrap();

    let opened = account.call(
        "Decrypt",
        &json!({ "CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": { "a": "1", "b": "2" } }),
    );

    assert_eq!(opened.unwrap()["Plaintext"], "AAAA");
}

#[test]
fn a_change_to_any_bit_is_noticed() {
    let mut account = Account::default();
    let key = account.create_key();
    let blob = account.encrypt(&key).unwrap();
    // With a second backing key, a changed number may name one that exists.
    account.call("RotateKeyOnDemand", &json!({ "KeyId": key })).unwrap();
    let bytes = BASE64.decode(blob.as_str().unwrap().as_bytes()).unwrap();

    for position in 0..bytes.len() {
        for bit in 0..8 {
            let mut tampered = bytes.clone();
            tampered[position] ^= 1 << bit;
            let opened = account.decrypt(&json!(BASE64.encode(&tampered)));
            assert_eq!(opened, Err("InvalidCiphertextException"), "bit {bit} of byte {position}");
        }
    }
}

#[test]
fn a_ciphertext_cut_short_or_made_longer_is_noticed() {
    let mut account = Account::default();
    let key = account.create_key();
    let blob = account.encrypt(&key).unwrap();
    let bytes = BASE64.decode(blob.as_str().unwrap().as_bytes()).unwrap();

    for length in 0..bytes.len() {
        let opened = account.decrypt(&json!(BASE64.encode(&bytes[..length])));
        assert_eq!(opened, Err("InvalidCiphertextException"), "cut to {length} bytes");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(account.decrypt(&json!(BASE64.encode(&longer))), Err("InvalidCiphertextException"));
}

#[test]
fn another_key_than_the_one_named_is_incorrect() {
    let mut account = Account::default();
    let (key, other) = (account.create_key(), account.create_key());
    let blob = account.encrypt(&key).unwrap();
    let mut decrypt = |key: &str| {
        let request = json!({ "KeyId": key, "CiphertextBlob": blob, "EncryptionContext": { "owner": "ursula" } });
        account.call("Decrypt", &request).map(|opened| opened["Plaintext"].clone())
    };

    assert_eq!(decrypt(&key), Ok(plain()));
    assert_eq!(decrypt(&other), Err("IncorrectKeyException"));
    assert_eq!(decrypt("alias/nobody"), Err("NotFoundException"));
}

#[test]
fn a_key_goes_by_its_id_its_arn_its_alias_and_the_arn_of_its_alias() {
    let mut account = Account::default();
    let key = account.create_key();
    account.call("CreateAlias", &json!({ "AliasName": "alias/vault", "TargetKeyId": key })).unwrap();
    let arn = format!("arn:aws:kms:us-east-1:000000000000:key/{key}");
    let alias_arn = "arn:aws:kms:us-east-1:000000000000:alias/vault";

    for name in [&key, arn.as_str(), "alias/vault", alias_arn] {
        let sealed = account.call("Encrypt", &json!({ "KeyId": name, "Plaintext": "AAAA" })).unwrap();
        assert_eq!(sealed["KeyId"], arn, "{name}");
    }
    for name in ["vault", "alias/other", &key.to_uppercase(), &arn.replace("us-east-1", "eu-west-1")] {
        let sealed = account.call("Encrypt", &json!({ "KeyId": name, "Plaintext": "AAAA" }));
        assert_eq!(sealed, Err("NotFoundException"), "{name}");
    }
}

#[test]
fn an_alias_does_not_do_where_the_key_itself_is_changed() {
    let mut account = Account::default();
    let key = account.create_key();
    account.call("CreateAlias", &json!({ "AliasName": "alias/vault", "TargetKeyId": key })).unwrap();

    assert_eq!(account.call("DisableKey", &json!({ "KeyId": "alias/vault" })), Err("NotFoundException"));
    assert_eq!(account.state(&key), "Enabled");
}

#[test]
fn an_alias_is_taken_once_and_has_a_name_that_aws_would_take() {
    let mut account = Account::default();
    let key = account.create_key();
    let mut create = |name: &str| account.call("CreateAlias", &json!({ "AliasName": name, "TargetKeyId": key }));

    assert!(create("alias/vault").is_ok());
    assert_eq!(create("alias/vault"), Err("AlreadyExistsException"));
    for name in ["vault", "alias/", "alias/aws/s3", "alias/two words"] {
        assert_eq!(create(name), Err("InvalidAliasNameException"), "{name}");
    }
}

#[test]
fn a_data_key_opens_to_the_bytes_that_were_handed_out() {
    let mut account = Account::default();
    let key = account.create_key();

    for (size, length) in [(json!({ "KeySpec": "AES_256" }), 32), (json!({ "NumberOfBytes": 1024 }), 1024)] {
        let mut request = json!({ "KeyId": key, "EncryptionContext": { "owner": "ursula" } });
        request.as_object_mut().unwrap().extend(size.as_object().unwrap().clone());
        let generated = account.call("GenerateDataKey", &request).unwrap();

        let plaintext = BASE64.decode(generated["Plaintext"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(plaintext.len(), length);
        assert_eq!(account.decrypt(&generated["CiphertextBlob"]).as_ref(), Ok(&generated["Plaintext"]));
    }
}

#[test]
fn a_data_key_has_one_size_within_the_limits() {
    let mut account = Account::default();
    let key = account.create_key();

    for request in [
        json!({ "KeyId": key }),
        json!({ "KeyId": key, "KeySpec": "AES_256", "NumberOfBytes": 32 }),
        json!({ "KeyId": key, "KeySpec": "AES_512" }),
        json!({ "KeyId": key, "NumberOfBytes": 0 }),
        json!({ "KeyId": key, "NumberOfBytes": 1025 }),
        json!({ "KeyId": key, "NumberOfBytes": -1 }),
    ] {
        assert_eq!(account.call("GenerateDataKey", &request), Err("ValidationException"), "{request}");
    }
}

#[test]
fn encrypt_takes_from_1_to_4096_bytes() {
    let mut account = Account::default();
    let key = account.create_key();
    let mut encrypt =
        |length| account.call("Encrypt", &json!({ "KeyId": key, "Plaintext": BASE64.encode(&vec![0; length]) }));

    assert!(encrypt(1).is_ok());
    assert!(encrypt(4096).is_ok());
    assert_eq!(encrypt(0), Err("ValidationException"));
    assert_eq!(encrypt(4097), Err("ValidationException"));
}

#[test]
fn a_disabled_key_neither_seals_nor_opens_until_it_is_enabled() {
    let mut account = Account::default();
    let key = account.create_key();
    let blob = account.encrypt(&key).unwrap();
    account.call("DisableKey", &json!({ "KeyId": key })).unwrap();

    assert_eq!(account.encrypt(&key), Err("DisabledException"));
    assert_eq!(account.decrypt(&blob), Err("DisabledException"));
    let generated = account.call("GenerateDataKey", &json!({ "KeyId": key, "KeySpec": "AES_256" }));
    assert_eq!(generated, Err("DisabledException"));
    assert_eq!(account.call("RotateKeyOnDemand", &json!({ "KeyId": key })), Err("DisabledException"));

    account.call("EnableKey", &json!({ "KeyId": key })).unwrap();
    assert_eq!(account.decrypt(&blob), Ok(plain()));
}

#[test]
fn a_key_pending_deletion_is_not_usable_and_comes_back_disabled() {
    let mut account = Account::default();
    let key = account.create_key();
    let blob = account.encrypt(&key).unwrap();
    let scheduled = account.call("ScheduleKeyDeletion", &json!({ "KeyId": key, "PendingWindowInDays": 7 })).unwrap();
    assert_eq!(scheduled["DeletionDate"], 7 * 24 * 60 * 60);

    for operation in ["RotateKeyOnDemand", "EnableKey", "DisableKey", "ScheduleKeyDeletion"] {
        assert_eq!(account.call(operation, &json!({ "KeyId": key })), Err("KMSInvalidStateException"), "{operation}");
    }
    assert_eq!(account.encrypt(&key), Err("KMSInvalidStateException"));
    assert_eq!(account.decrypt(&blob), Err("KMSInvalidStateException"));
    assert_eq!(account.state(&key), "PendingDeletion");

    account.call("CancelKeyDeletion", &json!({ "KeyId": key })).unwrap();
    assert_eq!(account.state(&key), "Disabled");
    assert_eq!(account.call("CancelKeyDeletion", &json!({ "KeyId": key })), Err("KMSInvalidStateException"));
}

#[test]
fn a_deleted_key_is_gone_with_its_alias_and_its_ciphertexts() {
    let mut account = Account::default();
    let key = account.create_key();
    account.call("CreateAlias", &json!({ "AliasName": "alias/vault", "TargetKeyId": key })).unwrap();
    let blob = account.encrypt(&key).unwrap();
    account.call("ScheduleKeyDeletion", &json!({ "KeyId": key, "PendingWindowInDays": 7 })).unwrap();

    account.now_ms = 7 * DAY_MS - 1;
    assert_eq!(account.decrypt(&blob), Err("KMSInvalidStateException"));
    account.now_ms = 7 * DAY_MS;
    assert_eq!(account.decrypt(&blob), Err("NotFoundException"));
    assert_eq!(account.encrypt("alias/vault"), Err("NotFoundException"));
    assert_eq!(account.call("CancelKeyDeletion", &json!({ "KeyId": key })), Err("NotFoundException"));
}

#[test]
fn a_deletion_waits_from_7_to_30_days() {
    let mut account = Account::default();
    let key = account.create_key();

    for days in [6, 31] {
        let scheduled = account.call("ScheduleKeyDeletion", &json!({ "KeyId": key, "PendingWindowInDays": days }));
        assert_eq!(scheduled, Err("ValidationException"));
    }
    let scheduled = account.call("ScheduleKeyDeletion", &json!({ "KeyId": key })).unwrap();
    assert_eq!(scheduled["PendingWindowInDays"], 30);
}

#[test]
fn rotation_keeps_old_ciphertexts_readable() {
    let mut account = Account::default();
    let key = account.create_key();
    let mut blobs = vec![account.encrypt(&key).unwrap()];
    for _ in 0..3 {
        account.call("RotateKeyOnDemand", &json!({ "KeyId": key })).unwrap();
        blobs.push(account.encrypt(&key).unwrap());
    }

    for blob in blobs {
        assert_eq!(account.decrypt(&blob), Ok(plain()));
    }
}

#[test]
fn re_encryption_changes_the_key_and_the_context() {
    let mut account = Account::default();
    let (source, destination) = (account.create_key(), account.create_key());
    let blob = account.encrypt(&source).unwrap();
    let mut request = json!({
        "CiphertextBlob": blob,
        "SourceEncryptionContext": { "owner": "ursula" },
        "DestinationKeyId": destination,
        "DestinationEncryptionContext": { "owner": "vera" },
    });

    let moved = account.call("ReEncrypt", &request).unwrap();
    account.call("DisableKey", &json!({ "KeyId": source })).unwrap();
    let opened = account.call(
        "Decrypt",
        &json!({ "KeyId": destination, "CiphertextBlob": moved["CiphertextBlob"], "EncryptionContext": { "owner": "vera" } }),
    );
    assert_eq!(opened.unwrap()["Plaintext"], plain());

    account.call("EnableKey", &json!({ "KeyId": source })).unwrap();
    request["SourceKeyId"] = json!(destination);
    assert_eq!(account.call("ReEncrypt", &request), Err("IncorrectKeyException"));
    request["SourceKeyId"] = json!(source);
    request["SourceEncryptionContext"] = json!({});
    assert_eq!(account.call("ReEncrypt", &request), Err("InvalidCiphertextException"));
}

#[test]
fn a_key_that_is_not_symmetric_is_refused_and_not_made() {
    let mut account = Account::default();

    for request in [json!({ "KeySpec": "RSA_2048" }), json!({ "KeyUsage": "SIGN_VERIFY" })] {
        assert_eq!(account.call("CreateKey", &request), Err("ValidationException"));
    }
    assert!(account.kms.keys.is_empty());
}
