//! The keys of a connection's tokens: one for each field, out of one secret, which the vault keeps.
//!
//! Owner, connection and field are a part of the key. So a token opens where it was made and nowhere else, and who holds
//! one of another account's, connection's or field's holds nothing.

use std::collections::BTreeMap;

use aws_lc_rs::rand;
use data_encoding::BASE64;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::fernet;
use crate::id::{UserId, WarehouseId};
use crate::vault::{Context, Sealed, Vault};

/// The secrets of a connection, each as its token. What is not there has none.
pub type Tokens = BTreeMap<Field, String>;

/// A field of a request that holds a secret, by its place in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Field {
    /// The whole URI.
    #[serde(rename = "connection_uri")]
    ConnectionUri,
    /// A key of a language model, which nothing here uses.
    #[serde(rename = "llm_api_key")]
    LlmApiKey,
    /// The password of the user of the SSH server.
    #[serde(rename = "ssh_settings.password")]
    SshPassword,
    /// What opens the private key.
    #[serde(rename = "ssh_settings.private_key_password")]
    PrivateKeyPassword,
    /// The private key itself.
    #[serde(rename = "ssh_settings.private_key")]
    PrivateKey,
    /// The password of the database behind the SSH server, in the first form of requests.
    #[serde(rename = "ssh_settings.remote_db_password")]
    RemoteDbPassword,
    /// Who writes into the bucket.
    #[serde(rename = "file_storage.access_key_id")]
    AccessKeyId,
    /// With what.
    #[serde(rename = "file_storage.secret_access_key")]
    SecretAccessKey,
    /// The key file of a service account of Google's.
    #[serde(rename = "bigquery_credential_file_content")]
    ServiceAccount,
}

impl Field {
    /// Its place in the body.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConnectionUri => "connection_uri",
            Self::LlmApiKey => "llm_api_key",
            Self::SshPassword => "ssh_settings.password",
            Self::PrivateKeyPassword => "ssh_settings.private_key_password",
            Self::PrivateKey => "ssh_settings.private_key",
            Self::RemoteDbPassword => "ssh_settings.remote_db_password",
            Self::AccessKeyId => "file_storage.access_key_id",
            Self::SecretAccessKey => "file_storage.secret_access_key",
            Self::ServiceAccount => "bigquery_credential_file_content",
        }
    }
}

/// What makes and opens the tokens of one connection.
pub struct Keyring {
    pub(super) owner: UserId,
    pub(super) id: WarehouseId,
    secret: SecretString,
}

impl Keyring {
    /// That of a connection that does not exist yet, and how it is to be stored: one call of KMS.
    pub async fn fresh(owner: UserId, now: Timestamp, vault: &Vault) -> Result<(Self, Sealed)> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(&mut *bytes).map_err(Error::internal)?;
        let keyring = Self::of(owner, WarehouseId::fresh(now)?, BASE64.encode(&*bytes).into());
        let sealed = keyring.seal_with(1, vault).await?;
        Ok((keyring, sealed))
    }

    pub(super) fn of(owner: UserId, id: WarehouseId, secret: SecretString) -> Self {
        Self { owner, id, secret }
    }

    pub(super) async fn seal_with(&self, version: u64, vault: &Vault) -> Result<Sealed> {
        vault.seal(&context(self.owner, self.id, version), &self.secret).await
    }

    /// The token of a secret in this field.
    pub fn seal(&self, field: Field, secret: &SecretString, now: Timestamp) -> Result<String> {
        self.key(field)?.seal(secret, now)
    }

    /// The secret of a field.
    pub fn open(&self, field: Field, tokens: &Tokens) -> Result<Option<SecretString>> {
        let Some(token) = tokens.get(&field) else { return Ok(None) };
        let opened = self.key(field)?.open(token);
        opened.map(Some).ok_or_else(|| Error::internal("a stored token does not open for its own field"))
    }

    fn key(&self, field: Field) -> Result<fernet::Key> {
        fernet::Key::derive(&self.secret, &[&self.owner.to_string(), &self.id.to_string(), field.name()])
    }
}

pub(super) fn context(owner: UserId, id: WarehouseId, version: u64) -> Context {
    Context { owner, record: id.to_string(), purpose: "tokens", version }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_token_of_another_owner_connection_or_field_does_not_open() {
        let now = Timestamp::from_epoch_ms(1_763_788_758_999);
        let (owner, id) = (UserId::fresh(), WarehouseId::fresh(now).unwrap());
        let keyring = |owner, id| Keyring::of(owner, id, "one secret for all of them".into());
        let token = keyring(owner, id).seal(Field::SshPassword, &"s3cret".into(), now).unwrap();
        let in_field = |field| Tokens::from([(field, token.clone())]);
        let own = keyring(owner, id).open(Field::SshPassword, &in_field(Field::SshPassword)).unwrap().unwrap();
        assert_eq!(own.expose_secret(), "s3cret");
        assert!(keyring(owner, id).open(Field::LlmApiKey, &in_field(Field::LlmApiKey)).is_err());
        for other in [keyring(UserId::fresh(), id), keyring(owner, WarehouseId::fresh(now).unwrap())] {
            assert!(other.open(Field::SshPassword, &in_field(Field::SshPassword)).is_err());
        }
    }

    #[test]
    fn a_field_is_stored_under_its_name() {
        for field in [Field::ConnectionUri, Field::PrivateKey, Field::SecretAccessKey, Field::ServiceAccount] {
            assert_eq!(serde_json::to_value(field).unwrap(), field.name());
        }
    }
}
