//! The ids of the second API: 24 hexadecimal digits, as clients of its original check them. They stand for four bytes of
//! time, five of chance and three of a number (BSON specification, "`ObjectId`").

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::rand;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::Timestamp;
use crate::error::{Error, Result};

/// A connection to a warehouse. Its number is 0, and those of its tables begin after that: so the id of a table says which
/// connection it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WarehouseId([u8; 9]);

/// What is known of a table of a warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId {
    warehouse: WarehouseId,
    number: u32,
}

/// A text that is none of our ids.
#[derive(Debug, thiserror::Error)]
#[error("not an id")]
pub struct NoId;

impl WarehouseId {
    /// A new one, made then.
    pub fn fresh(now: Timestamp) -> Result<Self> {
        let mut bytes = [0; 9];
        rand::fill(&mut bytes[4..]).map_err(Error::internal)?;
        // The first four bytes are good until the year 2106.
        let seconds = u32::try_from(now.epoch_s()).unwrap_or(u32::MAX);
        bytes[..4].copy_from_slice(&seconds.to_be_bytes());
        Ok(Self(bytes))
    }

    /// What the ids of all its tables begin with, and its own.
    pub fn prefix(self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// The table of it with this number.
    pub fn table(self, number: u32) -> TableId {
        TableId { warehouse: self, number }
    }
}

impl TableId {
    /// The connection that the table is of.
    pub fn warehouse(self) -> WarehouseId {
        self.warehouse
    }
}

fn read(text: &str) -> Result<(WarehouseId, u32), NoId> {
    let bytes: [u8; 12] = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(NoId)?;
    let [.., a, b, c] = bytes;
    let mut warehouse = [0; 9];
    warehouse.copy_from_slice(&bytes[..9]);
    Ok((WarehouseId(warehouse), u32::from_be_bytes([0, a, b, c])))
}

impl fmt::Display for WarehouseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}000000", self.prefix())
    }
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:06x}", self.warehouse.prefix(), self.number)
    }
}

impl FromStr for WarehouseId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        read(text).and_then(|(id, number)| if number == 0 { Ok(id) } else { Err(NoId) })
    }
}

impl FromStr for TableId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        read(text).and_then(|(id, number)| if number == 0 { Err(NoId) } else { Ok(id.table(number)) })
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

as_text!(WarehouseId);
as_text!(TableId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_24_hexadecimal_digits_that_begin_with_the_time() {
        let id = WarehouseId::fresh(Timestamp::from_epoch_ms(0x64f2_51ce_i64 * 1_000)).unwrap();
        let text = id.to_string();
        assert!(text.len() == 24 && text.starts_with("64f251ce") && text.ends_with("000000"), "{text}");
        assert_eq!(text.parse::<WarehouseId>().unwrap(), id);
        assert!(text.parse::<TableId>().is_err(), "a connection is no table");
    }

    #[test]
    fn the_id_of_a_table_says_which_connection_it_is_of() {
        let id = WarehouseId::fresh(Timestamp::from_epoch_ms(0)).unwrap();
        let text = id.table(66_051).to_string();
        assert!(text.starts_with(&id.prefix()) && text.ends_with("010203"), "{text}");
        assert_eq!(text.parse::<TableId>().unwrap().warehouse(), id);
        assert!(text.parse::<WarehouseId>().is_err(), "a table is no connection");
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in ["", "64F251CE9614E0E94B000000", "64f251ce9614e0e94b00000", "64f251ce9614e0e94b00000z", "é"] {
            assert!(text.parse::<WarehouseId>().is_err(), "{text}");
        }
    }
}
