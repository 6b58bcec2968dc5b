//! What an owner says of a database, in types that can not be wrong.

use serde::{Deserialize, Serialize};

use crate::bounded::bounded_text;
use crate::error::{InvalidKind, Refusal};

/// Everything about a connection but its password.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// How it is connected to.
    pub connection_options: ConnectionOptions,
    /// How it is searched.
    pub search_options: SearchOptions,
}

bounded_text!(
    /// What an owner calls a connection.
    ConnectionName,
    1..=100
);
bounded_text!(
    /// A host name or an address, as it was sent. Whether it may be dialled is decided when it has been resolved.
    Host,
    1..=253
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

/// A port, 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u16")]
pub struct Port(u16);

impl Port {
    /// MySQL's own.
    pub const MYSQL: Self = Self(3306);

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

/// How the wire is protected. There is no "preferred": a server that offers no TLS where it was asked for is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Not at all.
    Off,
    /// TLS 1.2 or 1.3.
    On(TlsVerification),
}

/// Whether the server has to prove who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsVerification {
    /// By a certificate for its name, from a public authority or from those given here in PEM.
    Full {
        /// Certificates of further authorities.
        ca: Option<String>,
    },
    /// No: the owner has said in so many words not to reject the unauthorised.
    None,
}

/// How a database is connected to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionOptions {
    /// How many connections at once the owner wants us to open. One search opens one.
    #[serde(default)]
    pub connection_limit: Option<ConnectionLimit>,
    /// How long the database may take to answer, in milliseconds; never longer than the service's own limit.
    #[serde(default)]
    pub timeout: Option<TimeoutMs>,
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $min:literal, $too_small:literal, $max:literal, $too_big:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name(u64);

        impl $name {
            /// The number.
            pub fn get(self) -> u64 {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = Refusal;

            fn try_from(number: u64) -> Result<Self, Refusal> {
                match number {
                    0..$min => Err(Refusal(InvalidKind::TooSmall, $too_small)),
                    $min..=$max => Ok(Self(number)),
                    _ => Err(Refusal(InvalidKind::TooBig, $too_big)),
                }
            }
        }

        impl From<$name> for u64 {
            fn from(number: $name) -> Self {
                number.0
            }
        }
    };
}

number!(
    /// 1 to 1000 connections.
    ConnectionLimit,
    1,
    "must be at least 1",
    1_000,
    "must be at most 1000"
);
number!(
    /// 100 milliseconds to ten minutes.
    TimeoutMs,
    100,
    "must be at least 100 milliseconds",
    600_000,
    "must be at most 600000 milliseconds"
);

/// How a database is searched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchOptions {
    /// The tables of a search that names none; all that have a FULLTEXT index when this is empty.
    #[serde(default)]
    pub default_search_tables: Vec<String>,
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
}
