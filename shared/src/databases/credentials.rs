//! The secrets of a connection: sealed together, under one data key, and without `Debug`.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Everything secret about a connection.
pub struct Credentials {
    /// The password of the database's user.
    pub password: SecretString,
    /// The key of our own certificate, in PEM.
    pub tls_key: Option<SecretString>,
    /// What opens the server that the way leads through.
    pub ssh: Option<SshCredentials>,
}

/// What opens a server by SSH.
pub enum SshCredentials {
    /// A password.
    Password(SecretString),
    /// A key.
    PrivateKey {
        /// The key, in OpenSSH's own form or in PEM.
        key: SecretString,
        /// What opens the key, where it is closed.
        passphrase: Option<SecretString>,
    },
}

/// The form that is sealed. It is private: nothing else may spell a secret.
#[derive(Serialize)]
struct Spelled<'a> {
    password: &'a str,
    tls_key: Option<&'a str>,
    ssh_password: Option<&'a str>,
    ssh_key: Option<&'a str>,
    ssh_passphrase: Option<&'a str>,
}

/// The same, on the way back.
#[derive(Deserialize)]
struct Read {
    password: SecretString,
    tls_key: Option<SecretString>,
    ssh_password: Option<SecretString>,
    ssh_key: Option<SecretString>,
    ssh_passphrase: Option<SecretString>,
}

impl Credentials {
    /// A password and nothing else.
    pub fn password(password: SecretString) -> Self {
        Self { password, tls_key: None, ssh: None }
    }

    /// All of them as one secret.
    pub(super) fn spell(&self) -> Result<SecretString> {
        let (ssh_password, ssh_key, ssh_passphrase) = match &self.ssh {
            None => (None, None, None),
            Some(SshCredentials::Password(password)) => (Some(password), None, None),
            Some(SshCredentials::PrivateKey { key, passphrase }) => (None, Some(key), passphrase.as_ref()),
        };
        let spelled = Spelled {
            password: self.password.expose_secret(),
            tls_key: self.tls_key.as_ref().map(SecretString::expose_secret),
            ssh_password: ssh_password.map(SecretString::expose_secret),
            ssh_key: ssh_key.map(SecretString::expose_secret),
            ssh_passphrase: ssh_passphrase.map(SecretString::expose_secret),
        };
        serde_json::to_string(&spelled).map(SecretString::from).map_err(Error::internal)
    }

    /// What `spell` made.
    pub(super) fn read(secret: &SecretString) -> Result<Self> {
        // The error of the parser could quote what it read.
        let read: Read = serde_json::from_str(secret.expose_secret())
            .map_err(|_| Error::internal("sealed credentials are not of the form that was sealed"))?;
        let key = read.ssh_key.map(|key| SshCredentials::PrivateKey { key, passphrase: read.ssh_passphrase });
        let ssh = read.ssh_password.map(SshCredentials::Password).or(key);
        Ok(Self { password: read.password, tls_key: read.tls_key, ssh })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelled_is_read_again() {
        let secret = |text: &str| SecretString::from(text);
        let key = SshCredentials::PrivateKey { key: secret("KEY"), passphrase: Some(secret("open")) };
        for ssh in [None, Some(SshCredentials::Password(secret("p\"w"))), Some(key)] {
            let spelled = Credentials { password: secret(""), tls_key: Some(secret("PEM")), ssh }.spell().unwrap();
            let again = Credentials::read(&spelled).unwrap().spell().unwrap();
            assert_eq!(again.expose_secret(), spelled.expose_secret());
        }
    }
}
