//! The secrets of a connection, open, for as long as a request needs them.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use shared::clock::Timestamp;
use shared::fernet;
use shared::warehouses::{Field, Keyring, Refused, Tokens};
use shared::{Error, Result};

/// Open secrets, and the tokens of those that are stored already.
#[derive(Default)]
pub struct Secrets {
    open: BTreeMap<Field, SecretString>,
    kept: Tokens,
}

impl Secrets {
    /// Reads what was sent for a connection that is not stored: no token means anything there.
    pub fn sent(sent: Vec<(Field, SecretString)>) -> Result<Self> {
        Self::read(sent, |_, _| Ok(None))
    }

    /// Reads what was sent for a stored connection. Its own token of the same field stands for the secret that is there.
    pub fn sent_again(sent: Vec<(Field, SecretString)>, keyring: &Keyring, tokens: &Tokens) -> Result<Self> {
        Self::read(sent, |field, text| {
            if tokens.get(&field).is_some_and(|own| own == text) { keyring.open(field, tokens) } else { Ok(None) }
        })
    }

    /// Opens what is stored.
    pub fn stored(keyring: &Keyring, tokens: &Tokens) -> Result<Self> {
        let open = tokens.keys().map(|field| Ok(keyring.open(*field, tokens)?.map(|secret| (*field, secret))));
        let open = open.filter_map(Result::transpose).collect::<Result<_>>()?;
        Ok(Self { open, kept: tokens.clone() })
    }

    fn read(
        sent: Vec<(Field, SecretString)>,
        known: impl Fn(Field, &str) -> Result<Option<SecretString>>,
    ) -> Result<Self> {
        let mut secrets = Self::default();
        for (field, secret) in sent {
            let text = secret.expose_secret().trim();
            if let Some(open) = known(field, text)? {
                secrets.kept.insert(field, text.to_owned());
                secrets.open.insert(field, open);
            } else if fernet::is_token(text) {
                return Err(Error::Warehouse(Refused::ForeignToken(field)));
            } else {
                secrets.open.insert(field, secret);
            }
        }
        Ok(secrets)
    }

    /// The secret of a field.
    pub fn get(&self, field: Field) -> Option<&SecretString> {
        self.open.get(&field)
    }

    /// The tokens to store: those that are there already stay as they are.
    pub fn tokens(&self, keyring: &Keyring, now: Timestamp) -> Result<Tokens> {
        let token = |(field, secret): (&Field, &SecretString)| match self.kept.get(field) {
            Some(token) => Ok((*field, token.clone())),
            None => Ok((*field, keyring.seal(*field, secret, now)?)),
        };
        self.open.iter().map(token).collect()
    }
}
