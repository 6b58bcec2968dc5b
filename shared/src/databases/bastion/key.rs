//! Private keys as owners send them.

use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf as Pbes2Kdf;
use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};
use russh::keys::ssh_key::Kdf;
use russh::keys::{PrivateKey, decode_secret_key};
use secrecy::{ExposeSecret, SecretString};

/// The most work that opening a key may cost, because whoever sent the key has chosen it. `ssh-keygen` takes 16 or 24
/// rounds where nothing else is said, OpenSSL 2,048.
const BCRYPT_ROUNDS_MAX: u32 = 256;
const PBKDF2_ROUNDS_MAX: u32 = 1_000_000;
/// Cost times block size: 128 bytes of memory each, that is 32 MiB. OpenSSL takes 16 MiB.
const SCRYPT_BLOCKS_MAX: u64 = 1 << 18;

/// Reads a key in OpenSSH's form or in PEM (PKCS #1, PKCS #8, SEC 1), and opens it; none where it can not be read, or
/// not with this passphrase. The library wipes the key when it is dropped.
pub(super) async fn read(key: SecretString, passphrase: Option<SecretString>) -> Option<PrivateKey> {
    // A passphrase may take a part of a second to compute, which others need not wait for.
    tokio::task::spawn_blocking(move || open(key.expose_secret().trim(), passphrase.as_ref())).await.ok()?
}

fn open(text: &str, passphrase: Option<&SecretString>) -> Option<PrivateKey> {
    let form = text.lines().next()?.strip_prefix("-----BEGIN ")?.strip_suffix("-----")?;
    let is_closed = match form {
        "OPENSSH PRIVATE KEY" => is_cheap_openssh(text)?,
        "ENCRYPTED PRIVATE KEY" => is_cheap_pkcs8(text)?,
        // The old form hashes a passphrase once.
        _ => text.contains("Proc-Type: 4,ENCRYPTED"),
    };
    // A passphrase for a key that needs none is in the way of some forms.
    let passphrase = passphrase.filter(|_| is_closed).map(SecretString::expose_secret);
    decode_secret_key(text, passphrase).ok()
}

/// Whether the key is closed; none where opening it would cost too much.
fn is_cheap_openssh(text: &str) -> Option<bool> {
    match PrivateKey::from_openssh(text).ok()?.kdf() {
        Kdf::None => Some(false),
        Kdf::Bcrypt { rounds, .. } => (*rounds <= BCRYPT_ROUNDS_MAX).then_some(true),
        _ => None,
    }
}

/// The same of PKCS #8.
fn is_cheap_pkcs8(text: &str) -> Option<bool> {
    let (_, document) = SecretDocument::from_pem(text).ok()?;
    let key: EncryptedPrivateKeyInfoRef<'_> = document.decode_msg().ok()?;
    let EncryptionScheme::Pbes2(parameters) = &key.encryption_algorithm else { return None };
    let is_cheap = match &parameters.kdf {
        Pbes2Kdf::Pbkdf2(kdf) => kdf.iteration_count <= PBKDF2_ROUNDS_MAX,
        Pbes2Kdf::Scrypt(kdf) => {
            let blocks = kdf.cost_parameter.saturating_mul(u64::from(kdf.block_size));
            blocks.saturating_mul(u64::from(kdf.parallelization)) <= SCRYPT_BLOCKS_MAX
        }
        _ => false,
    };
    is_cheap.then_some(true)
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;

    /// Made by `ssh-keygen -t ed25519 -a 16 -N open`.
    const KEY: &str = include_str!("key/closed.pem");

    fn closed(passphrase: &str) -> Option<PrivateKey> {
        open(KEY, Some(&SecretString::from(passphrase)))
    }

    #[test]
    fn a_key_opens_with_its_passphrase_alone() {
        assert!(closed("open").is_some());
        assert!(closed("shut").is_none());
        assert!(open(KEY, None).is_none());
    }

    #[test]
    fn a_key_that_would_take_too_long_to_open_is_not_tried() {
        let body: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
        let mut bytes = BASE64.decode(body.as_bytes()).unwrap();
        // "bcrypt", the length of the options, the salt with its length, and then the rounds (OpenSSH's PROTOCOL.key).
        let bcrypt = bytes.windows(6).position(|window| window == b"bcrypt").unwrap();
        let rounds = bcrypt + 6 + 4 + 4 + 16..bcrypt + 6 + 4 + 4 + 16 + 4;
        assert_eq!(bytes[rounds.clone()], 16_u32.to_be_bytes());
        bytes[rounds].copy_from_slice(&u32::MAX.to_be_bytes());
        let body = BASE64.encode(&bytes);
        let lines: Vec<&str> = body.as_bytes().chunks(70).map(|line| str::from_utf8(line).unwrap()).collect();
        let costly =
            format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----", lines.join("\n"));
        assert!(PrivateKey::from_openssh(&costly).is_ok());
        assert!(open(&costly, Some(&SecretString::from("open"))).is_none());
    }

    #[test]
    fn what_is_no_key_in_pem_is_refused() {
        for text in ["", "ssh-ed25519 AAAA", "PuTTY-User-Key-File-3: ssh-ed25519", "-----BEGIN CERTIFICATE-----"] {
            assert!(open(text, None).is_none(), "{text}");
        }
    }
}
