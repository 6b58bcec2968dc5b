//! The secret itself, and what is kept of it.

use std::fmt;

use aws_lc_rs::{digest, rand};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A key as the client sends it: never stored or logged, and shown once, when it is made. Its hash is what we keep.
pub struct ApiKey(SecretString);

/// SHA-256 of a whole key, in lower-case hexadecimal. A key has 256 random bits, so that no slow hash is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyHash(String);

/// A text that can not be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl ApiKey {
    /// How many characters of a key are kept in the clear, to tell keys apart.
    const PREFIX_CHARS: usize = 30;

    /// A new one, from 32 random bytes.
    pub fn generate(environment: Environment) -> Result<Self> {
        let mut secret = [0; 32];
        rand::fill(&mut secret).map_err(Error::internal)?;
        Ok(Self(format!("{}{}", environment.key_prefix(), BASE64URL_NOPAD.encode(&secret)).into()))
    }

    /// Takes a text of one of the two forms that were ever issued: 43 characters of base64url after the prefix, or, by
    /// the reference server, 48 of hexadecimal. Everything else is refused without a look into the table.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let secret = Environment::ALL.iter().find_map(|e| text.strip_prefix(e.key_prefix())).ok_or(Malformed)?;
        let is_ours = secret.len() == 43 && BASE64URL_NOPAD.decode(secret.as_bytes()).is_ok();
        let is_imported = secret.len() == 48 && HEXLOWER.decode(secret.as_bytes()).is_ok();
        if is_ours || is_imported { Ok(Self(text.into())) } else { Err(Malformed) }
    }

    /// What is kept of it.
    pub fn hash(&self) -> KeyHash {
        KeyHash(HEXLOWER.encode(digest::digest(&digest::SHA256, self.0.expose_secret().as_bytes()).as_ref()))
    }

    /// Its beginning, which is no secret.
    pub fn prefix(&self) -> String {
        self.0.expose_secret().chars().take(Self::PREFIX_CHARS).collect()
    }

    /// The whole key, for the one answer that shows it.
    pub fn reveal(&self) -> String {
        self.0.expose_secret().to_owned()
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The label in a key's text. It changes nothing about what the key does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// For trying things.
    #[default]
    Test,
    /// For production.
    Live,
}

impl Environment {
    const ALL: [Self; 2] = [Self::Test, Self::Live];

    fn key_prefix(self) -> &'static str {
        match self {
            Self::Test => "altus4_sk_test_",
            Self::Live => "altus4_sk_live_",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_form_of_the_seed() {
        for environment in Environment::ALL {
            let key = ApiKey::generate(environment).unwrap();
            let text = key.reveal();
            assert_eq!(text.len(), 58);
            assert_eq!(key.prefix(), text[..30]);
            assert_eq!(ApiKey::parse(&text).unwrap_or_else(|_| panic!("{text}")).hash(), key.hash());
        }
    }

    #[test]
    fn the_example_of_the_seed_is_a_key() {
        assert!(ApiKey::parse("altus4_sk_test_8wEp0HQVYpT6POUumHNuFdvK9gMw3y2Wa9a_BjVoOJw").is_ok());
    }

    #[test]
    fn a_key_of_the_reference_is_a_key() {
        assert!(ApiKey::parse(&format!("altus4_sk_live_{}", "0123456789abcdef".repeat(3))).is_ok());
    }

    #[test]
    fn what_was_never_issued_is_malformed() {
        let key = ApiKey::generate(Environment::Live).unwrap().reveal();
        let twice = key.repeat(2);
        let with_a_space = format!(" {key}");
        for text in ["", "altus4_sk_live_", &key[..57], &twice, &with_a_space, &key.replace("live", "prod")] {
            assert!(ApiKey::parse(text).is_err(), "{text}");
        }
    }
}
