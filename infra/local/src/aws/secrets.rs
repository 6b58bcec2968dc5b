//! AWS Secrets Manager: values under names, in versions with staging labels.

mod secret;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::secret::{CURRENT, Secret, SecretValue, arn};
use super::{
    refused::Refused,
    wire::{Blob, DAY_MS, fresh_uuid, parse, seconds},
};

/// The longest value that AWS takes.
const VALUE_LEN_MAX: usize = 65_536;

const MARKED_FOR_DELETION: Refused =
    Refused::InvalidRequest("You can't perform this operation on the secret because it was marked for deletion.");

/// Every secret of the account, by name.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets {
    by_name: BTreeMap<String, Secret>,
}

impl Secrets {
    pub fn call(&mut self, operation: &str, body: &[u8], now_ms: i64) -> Result<Value, Refused> {
        self.by_name.retain(|_, secret| !secret.is_deleted(now_ms));
        match operation {
            "CreateSecret" => self.create(parse(body)?, now_ms),
            "GetSecretValue" => self.get_value(&parse(body)?),
            "PutSecretValue" => self.put_value(parse(body)?, now_ms),
            "UpdateSecretVersionStage" => self.update_version_stage(&parse(body)?, now_ms),
            "DescribeSecret" => self.describe(&parse(body)?),
            "DeleteSecret" => self.delete(&parse(body)?, now_ms),
            "RestoreSecret" => self.restore(&parse(body)?),
            _ => Err(Refused::UnknownOperation(operation.to_owned())),
        }
    }

    fn create(&mut self, request: CreateSecret, now_ms: i64) -> Result<Value, Refused> {
        check_name(&request.name)?;
        let id = version_id(request.client_request_token)?;
        let value = value(request.secret_string, request.secret_binary)?;
        if let Some(secret) = self.by_name.get(&request.name) {
            return created_before(secret, &id, value.as_ref());
        }
        let mut secret = Secret::new(request.name.clone(), request.description, now_ms);
        let mut answer = identity(&secret);
        if let Some(value) = value {
            secret.add(&id, value, &[], now_ms);
            answer["VersionId"] = json!(id);
        }
        self.by_name.insert(request.name, secret);
        Ok(answer)
    }

    fn get_value(&self, request: &GetSecretValue) -> Result<Value, Refused> {
        let secret = self.find(&request.secret_id)?;
        check_not_marked(secret)?;
        let (id, version) = secret.find(request.version_id.as_deref(), request.version_stage.as_deref())?;
        let mut answer = identity(secret);
        match &version.value {
            SecretValue::Text(text) => answer["SecretString"] = json!(text),
            SecretValue::Binary(blob) => answer["SecretBinary"] = json!(blob),
        }
        answer["VersionId"] = json!(id);
        answer["VersionStages"] = json!(secret.labels_of(id));
        answer["CreatedDate"] = json!(seconds(version.created_ms));
        Ok(answer)
    }

    fn put_value(&mut self, request: PutSecretValue, now_ms: i64) -> Result<Value, Refused> {
        let id = version_id(request.client_request_token)?;
        let value = value(request.secret_string, request.secret_binary)?
            .ok_or_else(|| invalid("You must provide either SecretString or SecretBinary."))?;
        let labels = request.version_stages.unwrap_or_else(|| vec![CURRENT.to_owned()]);
        if labels.is_empty() || !labels.iter().all(|label| (1..=256).contains(&label.len())) {
            return Err(invalid("VersionStages has at least one label, each of 1 to 256 characters"));
        }
        let secret = self.find_mut(&request.secret_id)?;
        check_not_marked(secret)?;
        match secret.version(&id) {
            Some(version) if version.value != value => return Err(Refused::ResourceExists(format!("version {id}"))),
            // The same call again, as after a lost answer. The labels may have moved since, so they stay where they are.
            Some(_) => {}
            None => secret.add(&id, value, &labels, now_ms),
        }
        let mut answer = identity(secret);
        answer["VersionStages"] = json!(secret.labels_of(&id));
        answer["VersionId"] = json!(id);
        Ok(answer)
    }

    fn update_version_stage(&mut self, request: &UpdateSecretVersionStage, now_ms: i64) -> Result<Value, Refused> {
        let secret = self.find_mut(&request.secret_id)?;
        check_not_marked(secret)?;
        let label = request.version_stage.as_str();
        let (from, to) = (request.remove_from_version_id.as_deref(), request.move_to_version_id.as_deref());
        if let Some(id) = to.filter(|id| secret.version(id).is_none()) {
            return Err(Refused::VersionNotFound(format!("VersionId: {id}")));
        }
        // Whoever moves a label says where it was, so that two who move it at once do not both succeed.
        let holder = secret.holder(label);
        if from != holder && (from.is_some() || to != holder) {
            let holder = holder.unwrap_or("no version");
            return Err(invalid(&format!("{label} is at {holder}, which RemoveFromVersionId does not name")));
        }
        match to {
            Some(id) => secret.label(id, label),
            None if label == CURRENT => return Err(invalid("AWSCURRENT can only be moved, not removed")),
            None => secret.unlabel(label),
        }
        secret.changed_ms = now_ms;
        Ok(identity(secret))
    }

    fn describe(&self, request: &OneSecret) -> Result<Value, Refused> {
        let secret = self.find(&request.secret_id)?;
        let mut answer = identity(secret);
        answer["CreatedDate"] = json!(seconds(secret.created_ms));
        answer["LastChangedDate"] = json!(seconds(secret.changed_ms));
        answer["VersionIdsToStages"] = json!(secret.labelled());
        if let Some(description) = &secret.description {
            answer["Description"] = json!(description);
        }
        if let Some(at_ms) = secret.deletion_ms {
            answer["DeletedDate"] = json!(seconds(at_ms));
        }
        Ok(answer)
    }

    fn delete(&mut self, request: &DeleteSecret, now_ms: i64) -> Result<Value, Refused> {
        match (request.force_delete_without_recovery, request.recovery_window_in_days) {
            (true, Some(_)) => Err(invalid("ForceDeleteWithoutRecovery and RecoveryWindowInDays exclude each other")),
            (true, None) => Ok(self.delete_at_once(&request.secret_id, now_ms)),
            (false, days) => self.schedule_deletion(&request.secret_id, days.unwrap_or(30), now_ms),
        }
    }

    /// As in AWS, this succeeds for a secret that is not there.
    fn delete_at_once(&mut self, id: &str, now_ms: i64) -> Value {
        let mut answer = match self.find(id) {
            Ok(secret) => identity(secret),
            Err(_) => json!({ "ARN": arn(id), "Name": id }),
        };
        self.by_name.retain(|_, secret| !is_named(secret, id));
        answer["DeletionDate"] = json!(seconds(now_ms));
        answer
    }

    fn schedule_deletion(&mut self, id: &str, days: i64, now_ms: i64) -> Result<Value, Refused> {
        if !(7..=30).contains(&days) {
            return Err(invalid("RecoveryWindowInDays is from 7 to 30"));
        }
        let secret = self.find_mut(id)?;
        check_not_marked(secret)?;
        let at_ms = now_ms + days * DAY_MS;
        secret.deletion_ms = Some(at_ms);
        let mut answer = identity(secret);
        answer["DeletionDate"] = json!(seconds(at_ms));
        Ok(answer)
    }

    fn restore(&mut self, request: &OneSecret) -> Result<Value, Refused> {
        let secret = self.find_mut(&request.secret_id)?;
        secret.deletion_ms = None;
        Ok(identity(secret))
    }

    fn find(&self, id: &str) -> Result<&Secret, Refused> {
        self.by_name.values().find(|secret| is_named(secret, id)).ok_or(Refused::SecretNotFound)
    }

    fn find_mut(&mut self, id: &str) -> Result<&mut Secret, Refused> {
        self.by_name.values_mut().find(|secret| is_named(secret, id)).ok_or(Refused::SecretNotFound)
    }
}

/// A second creation is the first one sent again when it says the same under the same token, and otherwise refused.
fn created_before(secret: &Secret, id: &str, value: Option<&SecretValue>) -> Result<Value, Refused> {
    check_not_marked(secret)?;
    let before = secret.version(id).map(|version| &version.value);
    if before.is_none() || before != value {
        return Err(Refused::ResourceExists(format!("the secret {}", secret.name)));
    }
    let mut answer = identity(secret);
    answer["VersionId"] = json!(id);
    Ok(answer)
}

fn is_named(secret: &Secret, id: &str) -> bool {
    secret.name == id || secret.arn == id
}

fn identity(secret: &Secret) -> Value {
    json!({ "ARN": secret.arn, "Name": secret.name })
}

fn check_not_marked(secret: &Secret) -> Result<(), Refused> {
    if secret.deletion_ms.is_some() { Err(MARKED_FOR_DELETION) } else { Ok(()) }
}

fn check_name(name: &str) -> Result<(), Refused> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@!-".contains(&byte);
    if (1..=512).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(Refused::Validation("a name has 1 to 512 letters, digits or /_+=.@!-".to_owned()))
    }
}

/// The token of the request becomes the id of the version, which is what makes a repeated request harmless.
fn version_id(token: Option<String>) -> Result<String, Refused> {
    let id = token.unwrap_or_else(|| fresh_uuid().to_string());
    if (32..=64).contains(&id.len()) { Ok(id) } else { Err(invalid("ClientRequestToken has from 32 to 64 characters")) }
}

fn value(text: Option<String>, binary: Option<Blob>) -> Result<Option<SecretValue>, Refused> {
    let value = match (text, binary) {
        (None, None) => return Ok(None),
        (Some(text), None) => SecretValue::Text(text),
        (None, Some(blob)) => SecretValue::Binary(blob),
        (Some(_), Some(_)) => return Err(invalid("SecretString and SecretBinary exclude each other")),
    };
    if (1..=VALUE_LEN_MAX).contains(&value.len()) {
        Ok(Some(value))
    } else {
        Err(invalid("a secret value has from 1 to 65536 bytes"))
    }
}

fn invalid(message: &str) -> Refused {
    Refused::InvalidParameter(message.to_owned())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateSecret {
    name: String,
    client_request_token: Option<String>,
    description: Option<String>,
    secret_string: Option<String>,
    secret_binary: Option<Blob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetSecretValue {
    secret_id: String,
    version_id: Option<String>,
    version_stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutSecretValue {
    secret_id: String,
    client_request_token: Option<String>,
    secret_string: Option<String>,
    secret_binary: Option<Blob>,
    version_stages: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdateSecretVersionStage {
    secret_id: String,
    version_stage: String,
    remove_from_version_id: Option<String>,
    move_to_version_id: Option<String>,
}

/// The request of every operation that needs to know no more than which secret.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OneSecret {
    secret_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeleteSecret {
    secret_id: String,
    recovery_window_in_days: Option<i64>,
    #[serde(default)]
    force_delete_without_recovery: bool,
}

#[cfg(test)]
mod tests;
