//! Envelope encryption of credentials: a data key a record from KMS, AES-256-GCM under it.
//!
//! The encryption context of the data key and the additional authenticated data of the ciphertext are the same
//! [`Context`], so that a record which is moved to another owner, another record or another version does not open.
//! See NIST SP 800-38D for the mode, and the KMS developer guide, "Encryption context".

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::aws;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::id::UserId;
use crate::later::Later;
use crate::metrics::{self, Event};

/// How long an opened secret stays in memory: a KMS key that is disabled has its effect everywhere after this.
const WARM: Duration = Duration::from_mins(5);

/// The most secrets that one process keeps open.
const WARM_MAX: usize = 1_000;

/// Whose secret it is, and which. All of it is authenticated, none of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Context {
    /// The account that owns the record.
    pub owner: UserId,
    /// The record that holds the secret: its id, or whatever else names it.
    pub record: String,
    /// What the secret is for, such as `password`.
    pub purpose: &'static str,
    /// Counts the secrets that the record has held, from 1.
    pub version: u64,
}

impl Context {
    fn fields(&self) -> [(&'static str, String); 4] {
        [
            ("owner", self.owner.to_string()),
            ("record", self.record.clone()),
            ("purpose", self.purpose.to_owned()),
            ("version", self.version.to_string()),
        ]
    }

    fn for_kms(&self) -> HashMap<String, String> {
        self.fields().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// No value can hold a line feed, so that no two contexts have the same bytes.
    fn for_cipher(&self) -> Aad<Vec<u8>> {
        let lines = self.fields().map(|(name, value)| format!("{name}={value}\n"));
        Aad::from(lines.concat().into_bytes())
    }
}

/// A secret as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sealed {
    /// The data key, wrapped by KMS.
    data_key: ByteBuf,
    /// 96 random bits; a data key encrypts once, so that they can not repeat under it.
    nonce: ByteBuf,
    /// The ciphertext and its tag.
    ciphertext: ByteBuf,
}

/// Seals and opens.
#[derive(Clone)]
pub struct Vault {
    kms: Later<aws_sdk_kms::Client>,
    key: String,
    clock: Clock,
    warm: Arc<Mutex<HashMap<Context, Warm>>>,
}

struct Warm {
    secret: SecretString,
    /// That of its sealing: two who seal at the same moment may have the same context, and one of them is stored.
    nonce: ByteBuf,
    until: Timestamp,
}

impl Vault {
    /// A vault whose data keys are wrapped by the given KMS key: an id, an alias or an ARN.
    pub fn new(kms: Later<aws_sdk_kms::Client>, key: String, clock: Clock) -> Self {
        Self { kms, key, clock, warm: Arc::default() }
    }

    /// Seals a secret: one call of KMS.
    pub async fn seal(&self, context: &Context, secret: &SecretString) -> Result<Sealed> {
        let made = self
            .kms
            .generate_data_key()
            .key_id(&self.key)
            .key_spec(DataKeySpec::Aes256)
            .set_encryption_context(Some(context.for_kms()))
            .send()
            .await
            .map_err(failed)?;
        let (Some(plain), Some(wrapped)) = (made.plaintext, made.ciphertext_blob) else {
            return Err(Error::internal("KMS made no data key"));
        };
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(Error::internal)?;
        let mut text = secret.expose_secret().as_bytes().to_vec();
        cipher(plain)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), context.for_cipher(), &mut text)
            .map_err(Error::internal)?;
        let sealed = Sealed {
            data_key: ByteBuf::from(wrapped.into_inner()),
            nonce: ByteBuf::from(nonce),
            ciphertext: ByteBuf::from(text),
        };
        self.keep(context, &sealed, secret);
        Ok(sealed)
    }

    /// Opens a secret: one call of KMS, or none while it is warm.
    pub async fn open(&self, context: &Context, sealed: &Sealed) -> Result<SecretString> {
        if let Some(secret) = self.warm(context, sealed) {
            return Ok(secret);
        }
        let opened = self
            .kms
            .decrypt()
            .key_id(&self.key)
            .ciphertext_blob(Blob::new(sealed.data_key.to_vec()))
            .set_encryption_context(Some(context.for_kms()))
            .send()
            .await
            .map_err(failed)?;
        let plain = opened.plaintext.ok_or_else(|| Error::internal("KMS opened no data key"))?;
        let nonce = Nonce::try_assume_unique_for_key(&sealed.nonce).map_err(Error::internal)?;
        let mut text = Zeroizing::new(sealed.ciphertext.to_vec());
        let text = cipher(plain)?.open_in_place(nonce, context.for_cipher(), &mut text).map_err(Error::internal)?;
        let secret = SecretString::from(std::str::from_utf8(text).map_err(Error::internal)?);
        self.keep(context, sealed, &secret);
        Ok(secret)
    }

    /// Forgets an opened secret at once.
    pub fn forget(&self, context: &Context) {
        self.entries().remove(context);
    }

    fn warm(&self, context: &Context, sealed: &Sealed) -> Option<SecretString> {
        let now = self.clock.now();
        let mut entries = self.entries();
        entries.retain(|_, warm| warm.until > now);
        entries.get(context).filter(|warm| warm.nonce == sealed.nonce).map(|warm| warm.secret.clone())
    }

    fn keep(&self, context: &Context, sealed: &Sealed, secret: &SecretString) {
        let mut entries = self.entries();
        if entries.len() >= WARM_MAX {
            entries.clear();
        }
        let (secret, nonce, until) = (secret.clone(), sealed.nonce.clone(), self.clock.now().plus(WARM));
        entries.insert(context.clone(), Warm { secret, nonce, until });
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<Context, Warm>> {
        // Every change of the map is one call, so that a panic elsewhere can not have left it half-changed.
        self.warm.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What KMS answers when it will not, rather than when it can not just now: "Common errors" and the errors of `Decrypt` and
/// `GenerateDataKey` in the KMS API reference.
const DENIALS: [&str; 6] = [
    "AccessDeniedException",
    "DisabledException",
    "IncorrectKeyException",
    "InvalidCiphertextException",
    "KMSInvalidStateException",
    "NotFoundException",
];

fn failed<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    if error.code().is_some_and(|code| DENIALS.contains(&code)) {
        metrics::count(Event::KmsDenied);
    }
    aws::failed(error)
}

/// The cipher under a data key, whose plain bytes are wiped here.
fn cipher(plain: Blob) -> Result<LessSafeKey> {
    let bytes = Zeroizing::new(plain.into_inner());
    UnboundKey::new(&AES_256_GCM, &bytes).map(LessSafeKey::new).map_err(Error::internal)
}
