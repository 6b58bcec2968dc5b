//! Ids are types: a key's id can not be passed for a database's.

mod object;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;

pub use object::{NoId, TableId, WarehouseId};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, random) => {
        id!($(#[$doc])* $name);

        impl $name {
            /// A new one: a random UUID of version 4 (RFC 9562).
            #[expect(clippy::disallowed_methods, reason = "this is the place that makes ids")]
            pub fn fresh() -> Self {
                Self(Uuid::new_v4())
            }
        }
    };
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

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
    UserId,
    random
);
id!(
    /// An API key; not the key itself, which is `keys::ApiKey`.
    KeyId,
    random
);
id!(
    /// A connection to a customer's database.
    DatabaseId,
    random
);
id!(
    /// One search, as it stands in the history. It says when the search began, so that nothing else is needed to find it.
    SearchId
);

impl SearchId {
    /// A new one of a search that began then: a UUID of version 7 (RFC 9562), which begins with the milliseconds.
    pub fn at(began: Timestamp) -> Self {
        let ms = u64::try_from(began.epoch_ms()).unwrap_or(0);
        let nanos = u32::try_from(ms % 1_000 * 1_000_000).unwrap_or(0);
        #[expect(clippy::disallowed_methods, reason = "this is the place that makes ids")]
        Self(Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, ms / 1_000, nanos)))
    }

    /// When that search began; nothing where this is no id that we made.
    pub fn began(self) -> Option<Timestamp> {
        let (seconds, nanos) = self.0.get_timestamp().filter(|_| self.0.get_version_num() == 7)?.to_unix();
        let ms = i64::try_from(seconds).ok()?.checked_mul(1_000)?;
        Some(Timestamp::from_epoch_ms(ms + i64::from(nanos / 1_000_000)))
    }
}

id!(
    /// One scan of tables of a warehouse.
    ScanId,
    random
);
id!(
    /// One session token, its `jti` claim.
    SessionId,
    random
);
id!(
    /// One request, as in `meta.requestId` and `X-Request-ID`.
    RequestId,
    random
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
    fn a_search_id_says_when_the_search_began() {
        for ms in [0, 1_763_788_758_999, 4_102_444_800_001] {
            let began = Timestamp::from_epoch_ms(ms);
            let id: SearchId = SearchId::at(began).to_string().parse().unwrap();
            assert_eq!(id.began(), Some(began));
        }
        let other: SearchId = KeyId::fresh().to_string().parse().unwrap();
        assert_eq!(other.began(), None);
    }

    #[test]
    fn other_spellings_of_a_uuid_are_no_ids() {
        for text in ["", "x", "urn:uuid:9c81d4cf-fff8-48d0-994a-adc07e56bff3", "9c81d4cffff848d0994aadc07e56bff3"] {
            assert!(text.parse::<KeyId>().is_err(), "{text}");
        }
    }
}
