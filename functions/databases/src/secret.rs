use secrecy::SecretString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use shared::error::{InvalidKind, Refusal};

/// A secret in a body, of at most so many bytes: a record has room for it.
pub struct Secret<const BYTES_MAX: usize>(pub SecretString);

/// A password, or what opens a private key.
pub type Password = Secret<1_024>;

/// A private key: one of RSA with 16,384 bits has less than 13,000 bytes.
pub type PrivateKey = Secret<16_384>;

impl<'de, const BYTES_MAX: usize> Deserialize<'de> for Secret<BYTES_MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() > BYTES_MAX {
            return Err(D::Error::custom(Refusal(InvalidKind::TooBig, "is longer than any secret of its kind")));
        }
        Ok(Self(text.into()))
    }
}
