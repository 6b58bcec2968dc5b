//! What the stream of the table brings to a function, and what the function answers ("Using AWS Lambda with Amazon DynamoDB"
//! in Lambda's Developer Guide).

use serde::{Deserialize, Serialize};

/// What the stream brings. Fields that nothing here needs are passed over.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Records {
    /// Each change, in the order of the changes.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// A change of one item.
#[derive(Debug, Clone, Deserialize)]
pub struct Record {
    /// `INSERT`, `MODIFY` or `REMOVE`.
    #[serde(rename = "eventName")]
    pub kind: String,
    /// What was changed.
    pub dynamodb: Changed,
}

impl Record {
    /// Whether an item was put that had not been there.
    pub fn is_new(&self) -> bool {
        self.kind == "INSERT"
    }
}

/// Which item, and where in the stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Changed {
    /// Its key.
    pub keys: Keys,
    /// The place in the stream.
    pub sequence_number: String,
}

/// The key of an item.
#[derive(Debug, Clone, Deserialize)]
pub struct Keys {
    /// The partition.
    pub pk: Text,
    /// The place in it.
    pub sk: Text,
}

/// A text of DynamoDB.
#[derive(Debug, Clone, Deserialize)]
pub struct Text {
    /// The text.
    #[serde(rename = "S")]
    pub text: String,
}

/// What is to be delivered again. Lambda goes back to the first of them.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failures {
    /// The records.
    pub batch_item_failures: Vec<Failed>,
}

/// A record by its place in the stream.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// The place.
    pub item_identifier: String,
}
