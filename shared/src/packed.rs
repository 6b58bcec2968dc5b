//! Records within records, which would make an item too large as they are: JSON, deflated (RFC 1951), as one binary
//! attribute.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::error::{Error, Result};

/// The most bytes that come out of what was packed: far more than ever goes in.
const UNPACKED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A record, packed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Packed(ByteBuf);

impl Packed {
    /// Packs a record.
    pub fn of(record: &impl Serialize) -> Result<Self> {
        let json = serde_json::to_vec(record).map_err(Error::internal)?;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&json).map_err(Error::internal)?;
        Ok(Self(ByteBuf::from(encoder.finish().map_err(Error::internal)?)))
    }

    /// The record.
    pub fn open<T: DeserializeOwned>(&self) -> Result<T> {
        let mut json = Vec::new();
        let mut decoder = DeflateDecoder::new(self.0.as_slice()).take(UNPACKED_BYTES_MAX);
        decoder.read_to_end(&mut json).map_err(Error::internal)?;
        serde_json::from_slice(&json).map_err(Error::internal)
    }

    /// How many bytes it takes in an item.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }
}

/// For `#[serde(with = "packed")]`: a field that is stored packed, where it is there.
pub fn serialize<T: Serialize, S: serde::Serializer>(record: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    let packed = record.as_ref().map(Packed::of).transpose().map_err(serde::ser::Error::custom)?;
    packed.serialize(serializer)
}

/// The way back.
pub fn deserialize<'de, T: DeserializeOwned, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let packed = Option::<Packed>::deserialize(deserializer)?;
    packed.map(|packed| packed.open()).transpose().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out_again_and_takes_less_room() {
        let names: Vec<String> = (0..10_000).map(|number| format!("column_{number}")).collect();
        let packed = Packed::of(&names).unwrap();
        assert!(packed.bytes() * 3 < serde_json::to_vec(&names).unwrap().len(), "{} bytes", packed.bytes());
        assert_eq!(packed.open::<Vec<String>>().unwrap(), names);
    }

    #[test]
    fn what_is_no_packed_record_is_an_error() {
        for bytes in [&b""[..], b"no deflate", &[0x03, 0x00]] {
            assert!(Packed(ByteBuf::from(bytes)).open::<Vec<String>>().is_err(), "{bytes:?}");
        }
    }
}
