//! What Encrypt hands out: a ciphertext that says by itself which key opens it.
//!
//! `version (1) ‖ key id (16) ‖ number of the backing key (8) ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag`

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use uuid::Uuid;

use super::super::{refused::Refused, wire::Blob};

/// The encryption context. Its order is that of the bytes, whatever the order of the request.
pub type Context = BTreeMap<String, String>;

const VERSION: u8 = 1;

/// Which key, and which of the keys behind it.
#[derive(Clone, Copy)]
pub struct Opener {
    pub key: Uuid,
    pub backing_key: u64,
}

/// A ciphertext taken apart. Nothing in it is to be trusted before it is opened.
pub struct Ciphertext<'a> {
    pub opener: Opener,
    nonce: [u8; NONCE_LEN],
    sealed: &'a [u8],
}

impl<'a> Ciphertext<'a> {
    /// None when it cannot have come from here.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&version, rest) = bytes.split_first()?;
        let (&key, rest) = rest.split_first_chunk()?;
        let (&backing_key, rest) = rest.split_first_chunk()?;
        let (&nonce, sealed) = rest.split_first_chunk()?;
        let opener = Opener { key: Uuid::from_bytes(key), backing_key: u64::from_be_bytes(backing_key) };
        (version == VERSION).then_some(Self { opener, nonce, sealed })
    }

    pub fn open(&self, material: &Blob, context: &Context) -> Result<Blob, Refused> {
        let mut bytes = self.sealed.to_vec();
        let plaintext = cipher(material)?
            .open_in_place(Nonce::from(&self.nonce), Aad::from(authenticated(self.opener, context)), &mut bytes)
            .map_err(|_| Refused::InvalidCiphertext)?;
        Ok(Blob(plaintext.to_vec()))
    }
}

/// The plaintext under a fresh nonce, bound to the key and to the context.
pub fn seal(opener: Opener, material: &Blob, plaintext: &Blob, context: &Context) -> Result<Blob, Refused> {
    let mut sealed = plaintext.0.clone();
    let nonce = cipher(material)?
        .seal_in_place_append_tag(Aad::from(authenticated(opener, context)), &mut sealed)
        .map_err(|_| Refused::Cryptography)?;
    Ok(Blob([header(opener).as_slice(), nonce.as_ref(), &sealed].concat()))
}

fn cipher(material: &Blob) -> Result<RandomizedNonceKey, Refused> {
    RandomizedNonceKey::new(&AES_256_GCM, &material.0).map_err(|_| Refused::Cryptography)
}

fn header(opener: Opener) -> Vec<u8> {
    [&[VERSION], opener.key.as_bytes().as_slice(), &opener.backing_key.to_be_bytes()].concat()
}

/// The header, then every pair of the context. Each text follows its length, so that no two contexts read the same.
fn authenticated(opener: Opener, context: &Context) -> Vec<u8> {
    let mut bytes = header(opener);
    for text in context.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(pairs: &[(&str, &str)]) -> Context {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn contexts_that_join_to_the_same_text_are_different() {
        let opener = Opener { key: Uuid::nil(), backing_key: 0 };
        let bytes = |pairs| authenticated(opener, &context(pairs));

        assert_ne!(bytes(&[("ab", "c")]), bytes(&[("a", "bc")]));
        assert_ne!(bytes(&[("a", "b"), ("c", "d")]), bytes(&[("a", "bcd")]));
        assert_ne!(bytes(&[("a", "")]), bytes(&[]));
    }

    #[test]
    fn the_same_plaintext_is_sealed_differently_each_time() {
        let opener = Opener { key: Uuid::nil(), backing_key: 0 };
        let seal = || seal(opener, &Blob(vec![7; 32]), &Blob(vec![1]), &Context::new()).ok().unwrap();

        assert_ne!(seal().0, seal().0);
    }
}
