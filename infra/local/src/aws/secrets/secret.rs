//! One secret: its versions, and the staging labels that say which of them is meant.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::{
    refused::Refused,
    wire::{Blob, REGION_AND_ACCOUNT, fresh_uuid},
};

/// The label of the version that is meant when none is named.
pub const CURRENT: &str = "AWSCURRENT";

/// The label that follows [`CURRENT`] by itself.
const PREVIOUS: &str = "AWSPREVIOUS";

/// A name, and every value it ever had.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    pub arn: String,
    pub name: String,
    pub description: Option<String>,
    pub created_ms: i64,
    pub changed_ms: i64,
    /// When it will be gone, if it is to go.
    pub deletion_ms: Option<i64>,
    versions: BTreeMap<String, Version>,
    /// From label to version id: a label is never at two versions at once.
    labels: BTreeMap<String, String>,
}

/// What a secret was set to, once. A version never changes; labels move.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    pub value: SecretValue,
    pub created_ms: i64,
}

/// Named as in requests and answers.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub enum SecretValue {
    #[serde(rename = "SecretString")]
    Text(String),
    #[serde(rename = "SecretBinary")]
    Binary(Blob),
}

impl SecretValue {
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(blob) => blob.0.len(),
        }
    }
}

impl Secret {
    /// A secret without a value.
    pub fn new(name: String, description: Option<String>, now_ms: i64) -> Self {
        Self {
            arn: arn(&name),
            name,
            description,
            created_ms: now_ms,
            changed_ms: now_ms,
            deletion_ms: None,
            versions: BTreeMap::new(),
            labels: BTreeMap::new(),
        }
    }

    pub fn version(&self, id: &str) -> Option<&Version> {
        self.versions.get(id)
    }

    /// The version a reader means by an id, by a label or by both.
    pub fn find(&self, id: Option<&str>, label: Option<&str>) -> Result<(&str, &Version), Refused> {
        let id = match (id, label) {
            (Some(id), _) => id,
            (None, label) => {
                let label = label.unwrap_or(CURRENT);
                self.holder(label).ok_or_else(|| Refused::VersionNotFound(format!("staging label: {label}")))?
            }
        };
        let (id, version) =
            self.versions.get_key_value(id).ok_or_else(|| Refused::VersionNotFound(format!("VersionId: {id}")))?;
        if label.is_some_and(|label| self.holder(label) != Some(id)) {
            return Err(Refused::InvalidRequest("the VersionStage is not at the VersionId"));
        }
        Ok((id, version))
    }

    /// A new version under these labels; the first of all is the current one whatever its labels.
    pub fn add(&mut self, id: &str, value: SecretValue, labels: &[String], now_ms: i64) {
        if self.versions.is_empty() {
            self.label(id, CURRENT);
        }
        self.versions.insert(id.to_owned(), Version { value, created_ms: now_ms });
        for label in labels {
            self.label(id, label);
        }
        self.changed_ms = now_ms;
    }

    /// The id of the version at which the label is.
    pub fn holder(&self, label: &str) -> Option<&str> {
        self.labels.get(label).map(String::as_str)
    }

    pub fn label(&mut self, id: &str, label: &str) {
        let former = self.labels.insert(label.to_owned(), id.to_owned());
        if label == CURRENT
            && let Some(former) = former
            && former != id
        {
            self.labels.insert(PREVIOUS.to_owned(), former);
        }
    }

    pub fn unlabel(&mut self, label: &str) {
        self.labels.remove(label);
    }

    pub fn labels_of(&self, id: &str) -> BTreeSet<&str> {
        self.labels.iter().filter(|(_, holder)| *holder == id).map(|(label, _)| label.as_str()).collect()
    }

    /// Every version that has a label, with its labels.
    pub fn labelled(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        self.labels.values().map(|id| (id.as_str(), self.labels_of(id))).collect()
    }

    pub fn is_deleted(&self, now_ms: i64) -> bool {
        self.deletion_ms.is_some_and(|at_ms| at_ms <= now_ms)
    }
}

/// A new ARN for the name. Six random characters keep it apart from that of an earlier secret of the same name.
pub fn arn(name: &str) -> String {
    let suffix: String = fresh_uuid().simple().to_string().chars().take(6).collect();
    format!("arn:aws:secretsmanager:{REGION_AND_ACCOUNT}:secret:{name}-{suffix}")
}
