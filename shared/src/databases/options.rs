//! How a database is connected to and searched, where its owner wants it other than usual.

use serde::{Deserialize, Serialize};

use super::catalogue::{Ident, is_default};
use super::language::LanguageChoice;
use super::secret::is_secret;
use crate::error::{InvalidKind, Refusal};

/// How a database is connected to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionOptions {
    /// The most connections that one process of ours has open at once. One search opens one.
    #[serde(default)]
    pub connection_limit: Option<ConnectionLimit>,
    /// How long the database may take to answer, in milliseconds; never longer than the service's own limit.
    #[serde(default)]
    pub timeout: Option<TimeoutMs>,
    /// How long a search waits for one of those connections to become free, in milliseconds; as long as it may take in all
    /// where nothing is said.
    #[serde(default)]
    pub acquire_timeout: Option<TimeoutMs>,
    /// The character set of the session.
    #[serde(default)]
    pub charset: Option<Charset>,
    /// The zone that the database's times are in.
    #[serde(default)]
    pub timezone: Zone,
}

/// The character set of a session. There is one that holds every text, and the server converts what it stores to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Charset(String);

impl TryFrom<String> for Charset {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        if text.to_ascii_lowercase().starts_with("utf8") {
            return Ok(Self(text));
        }
        Err(Refusal(InvalidKind::Choice, "must be utf8mb4, whatever the tables hold: the server converts"))
    }
}

impl From<Charset> for String {
    fn from(charset: Charset) -> Self {
        charset.0
    }
}

/// A time zone, as an offset from UTC: names would need tables that most servers do not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(String);

impl Zone {
    /// The offset as the server wants it, such as `+00:00`.
    pub fn offset(&self) -> &str {
        &self.0
    }

    /// The offset as it stands behind a time: `Z`, or such as `+02:00` (RFC 3339).
    pub fn suffix(&self) -> &str {
        if self == &Self::default() { "Z" } else { &self.0 }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self("+00:00".to_owned())
    }
}

impl TryFrom<String> for Zone {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        // "local" is the zone of the process that asks, and ours run in UTC.
        if ["z", "utc", "local", "+00:00", "-00:00"].contains(&text.to_ascii_lowercase().as_str()) {
            return Ok(Self::default());
        }
        let two =
            |digits: &str| digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u8>().ok()).flatten();
        let is_offset = text.is_ascii()
            && text.len() == 6
            && text.starts_with(['+', '-'])
            && &text[3..4] == ":"
            && two(&text[1..3]).is_some_and(|hours| hours < 14)
            && two(&text[4..6]).is_some_and(|minutes| minutes < 60);
        if is_offset {
            Ok(Self(text))
        } else {
            Err(Refusal(InvalidKind::Text, "must be Z or an offset such as +02:00"))
        }
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.0
    }
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
    pub default_search_tables: SearchTables,
    /// Columns that look like secrets and are none: they are shown, searched and filtered like others.
    #[serde(default, skip_serializing_if = "AllowedColumns::is_empty")]
    pub allowed_columns: AllowedColumns,
    /// The language of the texts, whose word forms are found.
    #[serde(default, skip_serializing_if = "is_default")]
    pub language: LanguageChoice,
}

impl SearchOptions {
    /// Whether a column of this table may be shown, searched and filtered.
    pub fn shows(&self, table: &Ident, column: &Ident) -> bool {
        !is_secret(column.as_str()) || self.allowed_columns.names(table, column)
    }
}

/// At most 100 columns, each as `column`, whatever its table, or as `table.column`. Names of columns are compared without
/// case, as MySQL does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct AllowedColumns(Vec<String>);

impl AllowedColumns {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn names(&self, table: &Ident, column: &Ident) -> bool {
        let is_column = |name: &str| name.eq_ignore_ascii_case(column.as_str());
        let of_table = |name: &str| name.strip_prefix(table.as_str())?.strip_prefix('.').map(is_column);
        self.0.iter().any(|name| is_column(name) || of_table(name) == Some(true))
    }
}

impl TryFrom<Vec<String>> for AllowedColumns {
    type Error = Refusal;

    fn try_from(names: Vec<String>) -> Result<Self, Refusal> {
        if names.len() > 100 || names.iter().any(|name| name.chars().count() > 129) {
            return Err(Refusal(InvalidKind::TooBig, "must be at most 100 names, each as column or table.column"));
        }
        Ok(Self(names))
    }
}

impl From<AllowedColumns> for Vec<String> {
    fn from(columns: AllowedColumns) -> Self {
        columns.0
    }
}

/// At most 500 names of tables, each of at most 64 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct SearchTables(Vec<String>);

impl SearchTables {
    /// The names.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for SearchTables {
    type Error = Refusal;

    fn try_from(names: Vec<String>) -> Result<Self, Refusal> {
        if names.len() > 500 || names.iter().any(|name| name.chars().count() > 64) {
            return Err(Refusal(InvalidKind::TooBig, "must be at most 500 names of at most 64 characters"));
        }
        Ok(Self(names))
    }
}

impl From<SearchTables> for Vec<String> {
    fn from(tables: SearchTables) -> Self {
        tables.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_looks_like_a_secret_is_shown_where_it_is_named() {
        let ident = |name: &str| Ident::from_server(name.to_owned());
        let allowed = ["API_token".to_owned(), "users.reset_token".to_owned()];
        let allowed_columns = AllowedColumns::try_from(allowed.to_vec()).unwrap();
        let options = SearchOptions { allowed_columns, ..SearchOptions::default() };
        for (table, column, is_shown) in [
            ("users", "name", true),
            ("users", "api_token", true),
            ("keys", "api_token", true),
            ("users", "RESET_TOKEN", true),
            ("keys", "reset_token", false),
            ("users", "password", false),
        ] {
            assert_eq!(options.shows(&ident(table), &ident(column)), is_shown, "{table}.{column}");
        }
    }

    #[test]
    fn a_zone_is_an_offset() {
        for (text, offset, suffix) in [
            ("Z", "+00:00", "Z"),
            ("utc", "+00:00", "Z"),
            ("+02:00", "+02:00", "+02:00"),
            ("-09:30", "-09:30", "-09:30"),
        ] {
            let zone = Zone::try_from(text.to_owned()).unwrap();
            assert_eq!((zone.offset(), zone.suffix()), (offset, suffix));
        }
        for text in ["", "Europe/Vienna", "+2:00", "+14:00", "+02:60", "+02-00", "+0é:0", "'; x"] {
            assert!(Zone::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }
}
