//! What both services share of the JSON 1.1 protocol.

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::Error};
use serde_json::error::Category;
use uuid::Uuid;

use super::refused::Refused;

/// The region and account that every ARN names.
pub const REGION_AND_ACCOUNT: &str = "us-east-1:000000000000";

/// One day, for windows that are counted in days.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Bytes, base64 in JSON. It has no `Debug`, because most of them are keys.
#[derive(Clone, PartialEq)]
pub struct Blob(pub Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The library's own message would say where in the text, which helps nobody; the text itself is nobody's business.
        BASE64.decode(text.as_bytes()).map(Self).map_err(|_| D::Error::custom("a blob that is not base64"))
    }
}

/// A request as its type. A member that is missing, unknown or of the wrong type is a `ValidationException`.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => Refused::Validation(error.to_string()),
        Category::Io | Category::Syntax | Category::Eof => Refused::Malformed,
    })
}

/// An id as AWS makes them.
#[expect(clippy::disallowed_methods, reason = "the ids of AWS are not ours, so `shared::id` has no type for them")]
pub fn fresh_uuid() -> Uuid {
    Uuid::new_v4()
}

/// A timestamp as the protocol has it.
pub fn seconds(ms: i64) -> i64 {
    ms.div_euclid(1000)
}
