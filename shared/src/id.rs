//! Ids are types: a key's id can not be passed for a database's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one: a random UUID of version 4 (RFC 9562).
            #[expect(clippy::disallowed_methods, reason = "this is the place that makes ids")]
            pub fn fresh() -> Self {
                Self(Uuid::new_v4())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            /// Reads the hyphenated form that we print, and only that one.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::fmt::Hyphenated::from_str(text).map(|id| Self(id.into_uuid()))
            }
        }
    };
}

id!(
    /// An account.
    UserId
);
id!(
    /// An API key; not the key itself, which is `keys::ApiKey`.
    KeyId
);
id!(
    /// A connection to a customer's database.
    DatabaseId
);
id!(
    /// One search, as it stands in the history.
    SearchId
);
id!(
    /// One session token, its `jti` claim.
    SessionId
);
id!(
    /// One request, as in `meta.requestId` and `X-Request-ID`.
    RequestId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_from_its_own_text() {
        let id = KeyId::fresh();
        assert_eq!(id.to_string().parse::<KeyId>().unwrap(), id);
    }

    #[test]
    fn other_spellings_of_a_uuid_are_no_ids() {
        for text in ["", "x", "urn:uuid:9c81d4cf-fff8-48d0-994a-adc07e56bff3", "9c81d4cffff848d0994aadc07e56bff3"] {
            assert!(text.parse::<KeyId>().is_err(), "{text}");
        }
    }
}
