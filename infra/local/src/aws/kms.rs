//! AWS KMS: symmetric keys, and what is sealed under them.

mod ciphertext;
mod key;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use self::{
    ciphertext::{Ciphertext, Context},
    key::{Key, random},
};
use super::{
    refused::Refused,
    wire::{Blob, DAY_MS, REGION_AND_ACCOUNT, parse, seconds},
};

/// The one algorithm of a symmetric key.
const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";

/// Every key of the account.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kms {
    keys: BTreeMap<Uuid, Key>,
    aliases: BTreeMap<String, Uuid>,
    /// Keys that are gone for good. Their ciphertexts are told apart from invented ones by this alone.
    deleted: BTreeSet<Uuid>,
}

impl Kms {
    pub fn call(&mut self, operation: &str, body: &[u8], now_ms: i64) -> Result<Value, Refused> {
        self.delete_what_is_due(now_ms);
        match operation {
            "CreateKey" => self.create_key(parse(body)?, now_ms),
            "CreateAlias" => self.create_alias(parse(body)?),
            "DescribeKey" => self.describe_key(&parse(body)?),
            "GenerateDataKey" => self.generate_data_key(&parse(body)?),
            "Encrypt" => self.encrypt(&parse(body)?),
            "Decrypt" => self.decrypt(&parse(body)?),
            "ReEncrypt" => self.re_encrypt(&parse(body)?),
            "EnableKey" => self.enable_key(&parse(body)?),
            "DisableKey" => self.disable_key(&parse(body)?),
            "ScheduleKeyDeletion" => self.schedule_key_deletion(&parse(body)?, now_ms),
            "CancelKeyDeletion" => self.cancel_key_deletion(&parse(body)?),
            "RotateKeyOnDemand" => self.rotate_key_on_demand(&parse(body)?),
            _ => Err(Refused::UnknownOperation(operation.to_owned())),
        }
    }

    fn create_key(&mut self, request: CreateKey, now_ms: i64) -> Result<Value, Refused> {
        only("KeySpec", request.key_spec.as_deref(), SYMMETRIC)?;
        only("KeyUsage", request.key_usage.as_deref(), "ENCRYPT_DECRYPT")?;
        let key = Key::new(request.description, now_ms)?;
        let answer = json!({ "KeyMetadata": key.metadata() });
        self.keys.insert(key.id(), key);
        Ok(answer)
    }

    fn create_alias(&mut self, request: CreateAlias) -> Result<Value, Refused> {
        let name = request.alias_name.strip_prefix("alias/").ok_or(Refused::InvalidAlias)?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
        if name.is_empty() || name.starts_with("aws/") || !name.bytes().all(allowed) {
            return Err(Refused::InvalidAlias);
        }
        let key = self.managed(&request.target_key_id)?;
        key.check_not_pending_deletion()?;
        let id = key.id();
        if self.aliases.contains_key(&request.alias_name) {
            return Err(Refused::AliasExists(request.alias_name));
        }
        self.aliases.insert(request.alias_name, id);
        Ok(json!({}))
    }

    fn describe_key(&self, request: &OneKey) -> Result<Value, Refused> {
        Ok(json!({ "KeyMetadata": self.named(&request.key_id)?.metadata() }))
    }

    fn generate_data_key(&self, request: &GenerateDataKey) -> Result<Value, Refused> {
        let length = match (request.key_spec.as_deref(), request.number_of_bytes) {
            (Some("AES_256"), None) => 32,
            (Some("AES_128"), None) => 16,
            (None, Some(length @ 1..=1024)) => length,
            _ => return Err(invalid("give KeySpec AES_256 or AES_128, or NumberOfBytes from 1 to 1024")),
        };
        let key = self.named(&request.key_id)?;
        let plaintext = random(length)?;
        let sealed = key.seal(&plaintext, &request.encryption_context)?;
        Ok(json!({ "CiphertextBlob": sealed, "KeyId": key.arn(), "Plaintext": plaintext }))
    }

    fn encrypt(&self, request: &Encrypt) -> Result<Value, Refused> {
        only("EncryptionAlgorithm", request.encryption_algorithm.as_deref(), SYMMETRIC)?;
        if !(1..=4096).contains(&request.plaintext.0.len()) {
            return Err(invalid("Plaintext has from 1 to 4096 bytes"));
        }
        let key = self.named(&request.key_id)?;
        let sealed = key.seal(&request.plaintext, &request.encryption_context)?;
        Ok(json!({ "CiphertextBlob": sealed, "EncryptionAlgorithm": SYMMETRIC, "KeyId": key.arn() }))
    }

    fn decrypt(&self, request: &Decrypt) -> Result<Value, Refused> {
        only("EncryptionAlgorithm", request.encryption_algorithm.as_deref(), SYMMETRIC)?;
        let (key, plaintext) =
            self.open(&request.ciphertext_blob, request.key_id.as_deref(), &request.encryption_context)?;
        Ok(json!({ "EncryptionAlgorithm": SYMMETRIC, "KeyId": key.arn(), "Plaintext": plaintext }))
    }

    fn re_encrypt(&self, request: &ReEncrypt) -> Result<Value, Refused> {
        only("SourceEncryptionAlgorithm", request.source_encryption_algorithm.as_deref(), SYMMETRIC)?;
        only("DestinationEncryptionAlgorithm", request.destination_encryption_algorithm.as_deref(), SYMMETRIC)?;
        let destination = self.named(&request.destination_key_id)?;
        let (source, plaintext) =
            self.open(&request.ciphertext_blob, request.source_key_id.as_deref(), &request.source_encryption_context)?;
        let sealed = destination.seal(&plaintext, &request.destination_encryption_context)?;
        Ok(json!({
            "CiphertextBlob": sealed,
            "DestinationEncryptionAlgorithm": SYMMETRIC,
            "KeyId": destination.arn(),
            "SourceEncryptionAlgorithm": SYMMETRIC,
            "SourceKeyId": source.arn(),
        }))
    }

    fn enable_key(&mut self, request: &OneKey) -> Result<Value, Refused> {
        self.managed(&request.key_id)?.enable()?;
        Ok(json!({}))
    }

    fn disable_key(&mut self, request: &OneKey) -> Result<Value, Refused> {
        self.managed(&request.key_id)?.disable()?;
        Ok(json!({}))
    }

    fn schedule_key_deletion(&mut self, request: &ScheduleKeyDeletion, now_ms: i64) -> Result<Value, Refused> {
        let days = request.pending_window_in_days.unwrap_or(30);
        if !(7..=30).contains(&days) {
            return Err(invalid("PendingWindowInDays is from 7 to 30"));
        }
        let at_ms = now_ms + days * DAY_MS;
        let key = self.managed(&request.key_id)?;
        key.schedule_deletion(at_ms)?;
        Ok(json!({
            "DeletionDate": seconds(at_ms),
            "KeyId": key.arn(),
            "KeyState": "PendingDeletion",
            "PendingWindowInDays": days,
        }))
    }

    fn cancel_key_deletion(&mut self, request: &OneKey) -> Result<Value, Refused> {
        let key = self.managed(&request.key_id)?;
        key.cancel_deletion()?;
        Ok(json!({ "KeyId": key.arn() }))
    }

    fn rotate_key_on_demand(&mut self, request: &OneKey) -> Result<Value, Refused> {
        let key = self.managed(&request.key_id)?;
        key.rotate()?;
        Ok(json!({ "KeyId": key.id() }))
    }

    /// The key that sealed it, and what it sealed.
    fn open(&self, blob: &Blob, expected: Option<&str>, context: &Context) -> Result<(&Key, Blob), Refused> {
        let expected = expected.map(|name| self.named(name)).transpose()?;
        let ciphertext = Ciphertext::parse(&blob.0).ok_or(Refused::InvalidCiphertext)?;
        let id = ciphertext.opener.key;
        if expected.is_some_and(|key| key.id() != id) {
            return Err(Refused::IncorrectKey);
        }
        let key = self.keys.get(&id).ok_or_else(|| {
            if self.deleted.contains(&id) { Refused::KeyNotFound(id.to_string()) } else { Refused::InvalidCiphertext }
        })?;
        Ok((key, key.open(&ciphertext, context)?))
    }

    /// By id, ARN, alias or ARN of an alias.
    fn named(&self, name: &str) -> Result<&Key, Refused> {
        let alias = without_arn(name).filter(|resource| resource.starts_with("alias/")).unwrap_or(name);
        let id = self.aliases.get(alias).copied().or_else(|| key_id(name));
        id.and_then(|id| self.keys.get(&id)).ok_or_else(|| Refused::KeyNotFound(name.to_owned()))
    }

    /// By id or ARN: as in AWS, an alias does not do where the key itself is changed.
    fn managed(&mut self, name: &str) -> Result<&mut Key, Refused> {
        key_id(name).and_then(|id| self.keys.get_mut(&id)).ok_or_else(|| Refused::KeyNotFound(name.to_owned()))
    }

    fn delete_what_is_due(&mut self, now_ms: i64) {
        self.deleted.extend(self.keys.extract_if(.., |_, key| key.is_deleted(now_ms)).map(|(id, _)| id));
        self.aliases.retain(|_, id| self.keys.contains_key(id));
    }
}

/// `key/ID` or `alias/NAME` out of an ARN of this account.
fn without_arn(name: &str) -> Option<&str> {
    name.strip_prefix("arn:aws:kms:")?.strip_prefix(REGION_AND_ACCOUNT)?.strip_prefix(':')
}

fn key_id(name: &str) -> Option<Uuid> {
    let text = match without_arn(name) {
        Some(resource) => resource.strip_prefix("key/")?,
        None => name,
    };
    // Other ways to write a UUID name no key in AWS.
    Uuid::parse_str(text).ok().filter(|id| id.to_string() == text)
}

fn only(member: &str, given: Option<&str>, known: &str) -> Result<(), Refused> {
    match given {
        Some(given) if given != known => Err(invalid(&format!("{member} {given} is not emulated, only {known}"))),
        _ => Ok(()),
    }
}

fn invalid(message: &str) -> Refused {
    Refused::Validation(message.to_owned())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateKey {
    #[serde(default)]
    description: String,
    key_spec: Option<String>,
    key_usage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateAlias {
    alias_name: String,
    target_key_id: String,
}

/// The request of every operation that needs to know no more than which key.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OneKey {
    key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GenerateDataKey {
    key_id: String,
    #[serde(default)]
    encryption_context: Context,
    key_spec: Option<String>,
    number_of_bytes: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Encrypt {
    key_id: String,
    plaintext: Blob,
    #[serde(default)]
    encryption_context: Context,
    encryption_algorithm: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Decrypt {
    key_id: Option<String>,
    ciphertext_blob: Blob,
    #[serde(default)]
    encryption_context: Context,
    encryption_algorithm: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ReEncrypt {
    ciphertext_blob: Blob,
    source_key_id: Option<String>,
    #[serde(default)]
    source_encryption_context: Context,
    source_encryption_algorithm: Option<String>,
    destination_key_id: String,
    #[serde(default)]
    destination_encryption_context: Context,
    destination_encryption_algorithm: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScheduleKeyDeletion {
    key_id: String,
    pending_window_in_days: Option<i64>,
}

#[cfg(test)]
mod tests;
