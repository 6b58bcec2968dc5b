use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use shared::Result;
use shared::databases::{Host, HostKey, Port, Ssh, SshCredentials, Username};
use shared::error::{Invalid, InvalidKind};

use crate::secret::{Password, PrivateKey};

/// A server that the way to a database leads through, as its owner describes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SshRequest {
    host: Host,
    #[serde(default = "ssh_port")]
    port: Port,
    username: Username,
    password: Option<Password>,
    private_key: Option<PrivateKey>,
    passphrase: Option<Password>,
    #[serde(default, deserialize_with = "pin")]
    host_key_fingerprint: Pin,
}

/// Which key the server has to show.
#[derive(Default)]
enum Pin {
    /// As before; for a server that is new, the one that it shows first.
    #[default]
    Unsaid,
    /// The one that it shows next: `null`.
    Anew,
    /// This one.
    Named(HostKey),
}

impl SshRequest {
    /// What is stored of it. `known` is the server as it is stored already.
    pub fn ssh(&self, known: Option<&Ssh>) -> Ssh {
        let is_known = |known: &&Ssh| known.host == self.host && known.port == self.port;
        let host_key = match &self.host_key_fingerprint {
            Pin::Unsaid => known.filter(is_known).and_then(|known| known.host_key.clone()),
            Pin::Anew => None,
            Pin::Named(key) => Some(key.clone()),
        };
        Ssh { host: self.host.clone(), port: self.port, username: self.username.clone(), host_key }
    }

    /// What opens it; none where nothing was said. An empty text says nothing: forms send it.
    pub fn into_credentials(self) -> Result<Option<SshCredentials>> {
        let said = |secret: Option<SecretString>| secret.filter(|secret| !secret.expose_secret().is_empty());
        let passphrase = said(self.passphrase.map(|secret| secret.0));
        match (said(self.password.map(|secret| secret.0)), said(self.private_key.map(|secret| secret.0))) {
            (None, None) => Ok(None),
            (Some(password), None) => Ok(Some(SshCredentials::Password(password))),
            (None, Some(key)) => Ok(Some(SshCredentials::PrivateKey { key, passphrase })),
            (Some(_), Some(_)) => Err(one_of_two()),
        }
    }
}

/// That there is no way to log in, or that there are two.
pub fn one_of_two() -> shared::Error {
    Invalid::new("ssh", InvalidKind::Type, "needs a password or a privateKey, and not both").into()
}

fn ssh_port() -> Port {
    Port::SSH
}

/// A field that is there, of which `null` is one. For a field that is not there nothing is called.
fn pin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pin, D::Error> {
    Option::<HostKey>::deserialize(deserializer).map(|key| key.map_or(Pin::Anew, Pin::Named))
}
