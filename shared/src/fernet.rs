//! Fernet: secrets as tokens that look like text (github.com/fernet/spec, "Spec.md"), over the one cryptographic provider
//! of the tree.
//!
//! A token is the base64url of a version, the second it was made in, an initialisation vector, the ciphertext under
//! AES-128-CBC, and the HMAC-SHA256 of all of that. It says when it was made, and nothing else without the key.

use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{hmac, rand};
use data_encoding::BASE64URL;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::clock::Timestamp;
use crate::error::{Error, Result};

const VERSION: u8 = 0x80;
/// Version and time.
const HEAD_BYTES: usize = 1 + 8;
const IV_BYTES: usize = 16;
const BLOCK_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// A key: the first half signs, the second encrypts.
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// The key for one purpose, out of a secret from which many are made (HKDF, RFC 5869). No part of the purpose may
    /// hold a line feed, so that no two purposes have the same bytes.
    pub fn derive(secret: &SecretString, purpose: &[&str]) -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        let purpose = purpose.join("\n");
        let made = Salt::new(HKDF_SHA256, b"altus4 fernet").extract(secret.expose_secret().as_bytes());
        let filled = made.expand(&[purpose.as_bytes()], HKDF_SHA256).and_then(|key_bytes| key_bytes.fill(&mut *key));
        filled.map_err(Error::internal)?;
        Ok(Self(key))
    }

    /// A token of this secret.
    pub fn seal(&self, secret: &SecretString, now: Timestamp) -> Result<String> {
        let mut iv = [0; IV_BYTES];
        rand::fill(&mut iv).map_err(Error::internal)?;
        self.seal_with(secret, now, iv)
    }

    fn seal_with(&self, secret: &SecretString, now: Timestamp, iv: [u8; IV_BYTES]) -> Result<String> {
        let mut text = secret.expose_secret().as_bytes().to_vec();
        let cipher = UnboundCipherKey::new(&AES_128, &self.0[16..]).and_then(PaddedBlockEncryptingKey::cbc_pkcs7);
        let context = EncryptionContext::Iv128(FixedLength::from(iv));
        cipher.and_then(|cipher| cipher.less_safe_encrypt(&mut text, context)).map_err(Error::internal)?;
        let seconds = u64::try_from(now.epoch_s()).unwrap_or(0);
        let mut token = [&[VERSION][..], &seconds.to_be_bytes(), &iv, &text].concat();
        let tag = hmac::sign(&self.signer(), &token);
        token.extend_from_slice(tag.as_ref());
        Ok(BASE64URL.encode(&token))
    }

    /// The secret of a token; none where it was not made with this key.
    pub fn open(&self, token: &str) -> Option<SecretString> {
        let mut bytes = decode(token)?;
        let tag = bytes.split_off(bytes.len() - TAG_BYTES);
        hmac::verify(&self.signer(), &bytes, &tag).ok()?;
        let mut text = Zeroizing::new(bytes.split_off(HEAD_BYTES + IV_BYTES));
        let iv: [u8; IV_BYTES] = bytes[HEAD_BYTES..].try_into().ok()?;
        let cipher = UnboundCipherKey::new(&AES_128, &self.0[16..]).and_then(PaddedBlockDecryptingKey::cbc_pkcs7);
        let plain = cipher.ok()?.decrypt(&mut text, DecryptionContext::Iv128(FixedLength::from(iv))).ok()?.to_vec();
        let plain = Zeroizing::new(plain);
        Some(SecretString::from(std::str::from_utf8(&plain).ok()?))
    }

    fn signer(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0[..16])
    }
}

/// Whether a text has the form of a token, whoever made it. No password that somebody chose has it: it is base64url of
/// at least 73 bytes, and the first of them is 0x80.
pub fn is_token(text: &str) -> bool {
    decode(text).is_some()
}

fn decode(token: &str) -> Option<Vec<u8>> {
    let bytes = BASE64URL.decode(token.as_bytes()).ok()?;
    let text_bytes = bytes.len().checked_sub(HEAD_BYTES + IV_BYTES + TAG_BYTES)?;
    (bytes[0] == VERSION && text_bytes > 0 && text_bytes.is_multiple_of(BLOCK_BYTES)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `generate.json` and `verify.json` of the specification.
    const KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
    const TOKEN: &str =
        "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";

    fn of_specification() -> Key {
        Key(Zeroizing::new(BASE64URL.decode(KEY.as_bytes()).unwrap().try_into().unwrap()))
    }

    #[test]
    fn a_token_is_that_of_the_specification() {
        let iv: [u8; 16] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let made = of_specification().seal_with(&"hello".into(), Timestamp::from_epoch_ms(499_162_800_000), iv);
        assert_eq!(made.unwrap(), TOKEN);
        assert_eq!(of_specification().open(TOKEN).unwrap().expose_secret(), "hello");
    }

    #[test]
    fn a_token_opens_for_its_own_purpose_alone_and_only_whole() {
        let secret = SecretString::from("one secret for all");
        let key = Key::derive(&secret, &["owner", "connection", "password"]).unwrap();
        let token = key.seal(&"s3cret".into(), Timestamp::from_epoch_ms(1_763_788_758_999)).unwrap();
        assert!(token.starts_with("gAAAAA") && is_token(&token));
        assert_eq!(key.open(&token).unwrap().expose_secret(), "s3cret");
        for other in [["other", "connection", "password"], ["owner", "connection", "key"]] {
            assert!(Key::derive(&secret, &other).unwrap().open(&token).is_none(), "{other:?}");
        }
        let mut bytes = BASE64URL.decode(token.as_bytes()).unwrap();
        for place in 0..bytes.len() {
            bytes[place] ^= 1;
            assert!(key.open(&BASE64URL.encode(&bytes)).is_none(), "byte {place}");
            bytes[place] ^= 1;
        }
    }

    #[test]
    fn what_people_write_is_no_token() {
        for text in ["", "gAAAAA", "postgresql://u:p@h/db", "gAAAAABk8lHQ", &"gAAA".repeat(20), &"QUFB".repeat(40)] {
            assert!(!is_token(text), "{text}");
        }
        assert!(is_token(TOKEN));
    }
}
