//! What an owner says of a database, in types that can not be wrong.

use serde::{Deserialize, Serialize};

use super::options::{ConnectionOptions, SearchOptions};
use super::ssh::Ssh;
use super::tls::Tls;
use crate::bounded::bounded_text;
use crate::error::{InvalidKind, Refusal};

/// Everything about a connection but its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// What its owner calls it.
    pub name: ConnectionName,
    /// Where the server is.
    pub host: Host,
    /// On which port.
    pub port: Port,
    /// The schema that is searched.
    pub schema: Schema,
    /// Who logs in.
    pub username: Username,
    /// How the wire is protected.
    pub tls: Tls,
    /// The server that the way leads through, where the database can not be reached from outside.
    #[serde(default)]
    pub ssh: Option<Ssh>,
    /// How it is connected to.
    pub connection_options: ConnectionOptions,
    /// How it is searched.
    pub search_options: SearchOptions,
}

impl Settings {
    /// Whether anything differs that connecting depends on.
    pub fn leads_elsewhere(&self, other: &Self) -> bool {
        let same_but_for_names =
            Self { name: other.name.clone(), search_options: other.search_options.clone(), ..self.clone() };
        same_but_for_names != *other
    }
}

bounded_text!(
    /// What an owner calls a connection.
    ConnectionName,
    1..=100
);
bounded_text!(
    /// The name of a schema (MySQL manual, "Identifier Length Limits": 64 characters).
    Schema,
    1..=64
);
bounded_text!(
    /// The name of a user (80 characters in MariaDB, 32 in MySQL).
    Username,
    1..=80
);

/// A host name or an address, as it was sent: letters, digits and `.-_:[]`, at most 253 of them. Whether it may be dialled
/// is decided when it has been resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host(String);

impl Host {
    /// The name, as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a resolver wants it: an address of IPv6 without its brackets.
    pub fn bare(&self) -> &str {
        self.0.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.0)
    }
}

impl TryFrom<String> for Host {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let text = text.trim();
        let is_of_host = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
        match text.len() {
            0 => Err(Refusal(InvalidKind::TooSmall, "must have 1 to 253 characters")),
            _ if !text.chars().all(is_of_host) => Err(Refusal(
                InvalidKind::Text,
                "must be a host name or an address, without scheme, user or path; other alphabets in their xn-- form",
            )),
            1..=253 => Ok(Self(text.to_owned())),
            _ => Err(Refusal(InvalidKind::TooBig, "must have 1 to 253 characters")),
        }
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.0
    }
}

/// A port, 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u16")]
pub struct Port(u16);

impl Port {
    /// MySQL's own.
    pub const MYSQL: Self = Self(3306);
    /// That of HTTPS.
    pub const HTTPS: Self = Self(443);
    /// That of SSH.
    pub const SSH: Self = Self(22);

    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u64> for Port {
    type Error = Refusal;

    fn try_from(number: u64) -> Result<Self, Refusal> {
        match u16::try_from(number) {
            Ok(0) => Err(Refusal(InvalidKind::TooSmall, "must be at least 1")),
            Ok(port) => Ok(Self(port)),
            Err(_) => Err(Refusal(InvalidKind::TooBig, "must be at most 65535")),
        }
    }
}

impl From<Port> for u16 {
    fn from(port: Port) -> Self {
        port.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_a_number_from_1_to_65535() {
        assert_eq!(Port::try_from(3306).unwrap(), Port::MYSQL);
        for number in [0, 65_536, u64::MAX] {
            assert!(Port::try_from(number).is_err(), "{number}");
        }
    }

    #[test]
    fn names_are_trimmed_and_hold_no_control_characters() {
        assert_eq!(Schema::try_from(" my schema ".to_owned()).unwrap().as_str(), "my schema");
        for text in ["", "  ", "a\0b", "a\nb"] {
            assert!(Schema::try_from(text.to_owned()).is_err(), "{text:?}");
        }
        assert!(Schema::try_from("x".repeat(65)).is_err());
    }

    #[test]
    fn a_host_is_a_name_or_an_address_and_nothing_around_it() {
        for (text, bare) in [("db.example.com", "db.example.com"), (" [2001:db8::1] ", "2001:db8::1"), ("::1", "::1")] {
            assert_eq!(Host::try_from(text.to_owned()).unwrap().bare(), bare);
        }
        for text in [
            "",
            " ",
            "a b",
            "a\0b",
            "a/b",
            "user@host",
            "http://host",
            "a#b",
            "a%41",
            "fe80::1%eth0",
            "１２７.0.0.1",
            "ex\u{2024}com",
        ] {
            assert!(Host::try_from(text.to_owned()).is_err(), "{text:?}");
        }
        assert!(Host::try_from("x".repeat(254)).is_err());
    }
}
