//! The way through a server of the owner's, for a database that can not be reached from outside.

use serde::{Deserialize, Serialize};

use super::settings::{Host, Port, Username};
use crate::error::{InvalidKind, Refusal};

/// A server that accepts SSH and can reach the database: a bastion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ssh {
    /// Where it is. The rules for addresses hold for it; where the database is, it decides itself.
    pub host: Host,
    /// On which port.
    pub port: Port,
    /// Who logs in there.
    pub username: Username,
    /// The key that it showed when it was connected first, or that its owner named. No other is accepted any more.
    pub host_key: Option<HostKey>,
}

/// The fingerprint of a host key as OpenSSH prints it: `SHA256:` and 43 characters of base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostKey(String);

impl HostKey {
    /// The fingerprint.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HostKey {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
        let text = text.trim().trim_end_matches('=');
        match text.strip_prefix("SHA256:") {
            Some(digest) if digest.len() == 43 && digest.chars().all(is_base64) => Ok(Self(text.to_owned())),
            _ => Err(Refusal(
                InvalidKind::Text,
                "must be SHA256: and 43 characters of base64, as printed by ssh-keygen -lf",
            )),
        }
    }
}

impl From<HostKey> for String {
    fn from(key: HostKey) -> Self {
        key.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_key_is_told_as_openssh_prints_it() {
        let digest = "nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8";
        for text in [format!("SHA256:{digest}"), format!(" SHA256:{digest}= ")] {
            assert_eq!(HostKey::try_from(text).unwrap().as_str(), format!("SHA256:{digest}"));
        }
        for text in [String::new(), digest.to_owned(), format!("MD5:{digest}"), format!("SHA256:{digest}x")] {
            assert!(HostKey::try_from(text.clone()).is_err(), "{text}");
        }
    }
}
