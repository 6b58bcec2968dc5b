//! What a schema holds, as far as searching it goes. Every name in a statement of ours comes from here.

mod table;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::language::Language;
use crate::clock::Timestamp;
use crate::packed::Packed;

pub use table::{Column, ForeignKey, FullTextIndex, Generated, Parser, Table, TableKind, UniqueKey};

/// The most bytes that a record holds of its catalogue, packed. An item of DynamoDB has 400 KB in all; certificates,
/// credentials and names of tables of one's own take up to 230 KB.
const STORED_BYTES_MAX: usize = 150_000;

/// The tables and views of one schema, by name, and the server's settings for full-text search.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Catalogue {
    /// What the server says of its version.
    pub version: String,
    /// Whose server it is.
    pub flavour: Flavour,
    /// Words with fewer characters are not in an InnoDB index.
    pub token_size_min: usize,
    /// Words with more are not either.
    pub token_size_max: usize,
    /// Words with fewer characters are not in an index of `MyISAM` or Aria (`ft_min_word_len`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word_length_min: Option<usize>,
    /// Into how many characters the parser `ngram` cuts a text; none where the server has no such parser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ngram_token_size: Option<usize>,
    /// Whether the server has the engine Mroonga, whose indexes hold Chinese, Japanese and Korean.
    #[serde(default, skip_serializing_if = "is_default")]
    pub has_mroonga: bool,
    /// Words that are left out of InnoDB indexes.
    pub stopwords: Stopwords,
    /// The language that a sample of the texts is written in; none where there was no text, or nobody has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Tables and views, by name.
    pub tables: Vec<Table>,
    /// When all this was read.
    pub read_at: Timestamp,
}

/// Whose server it is: the two name their limits differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flavour {
    /// Oracle's MySQL, Percona and Aurora.
    MySql,
    /// MariaDB.
    MariaDb,
}

/// Words that an InnoDB index leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stopwords {
    /// None.
    Off,
    /// The server's own list of 36.
    BuiltIn,
    /// A list of the operator's.
    Own(Vec<String>),
}

/// The name of a table, column or index, as the server spells it. It is only ever read from the server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ident(String);

impl Ident {
    /// A name that the server gave.
    pub(super) fn from_server(name: String) -> Self {
        Self(name)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it stands in a statement (MySQL manual, "Schema Object Names").
    pub fn quoted(&self) -> String {
        format!("`{}`", self.0.replace('`', "``"))
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Stopwords {
    /// `InnoDB`'s own list, the same on MySQL and MariaDB: 36 rows there, for it holds "the" twice.
    pub const BUILT_IN: &str = "a about an are as at be by com de en for from how i in is it la of on or that the this to \
                                was what when where who will with und www";

    /// Whether a word in lower case is left out.
    pub fn has(&self, word: &str) -> bool {
        match self {
            Self::Off => false,
            Self::BuiltIn => Self::BUILT_IN.split_whitespace().any(|listed| listed == word),
            Self::Own(list) => list.iter().any(|listed| listed == word),
        }
    }
}

impl Catalogue {
    /// The table with this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.as_str() == name)
    }

    /// The tables that have a FULLTEXT index.
    pub fn searchable(&self) -> impl Iterator<Item = &Table> {
        self.tables.iter().filter(|table| !table.indexes.is_empty())
    }

    /// What of it fits into a record: everything, or nothing, so that a search never takes a part for the whole.
    pub fn storable(self) -> Option<Self> {
        let fits = Packed::of(&self).is_ok_and(|packed| packed.bytes() <= STORED_BYTES_MAX);
        fits.then_some(self)
    }
}

/// What stands in a record only where it is unusual, because thousands of columns have to fit.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(columns: usize) -> Catalogue {
        let name = |n: usize| Ident::from_server(format!("column_{n}"));
        let column = |n| Column { key: "MUL".to_owned(), ..Column::named(&format!("column_{n}"), "int(11)") };
        let key = UniqueKey { name: name(0), parts: vec![(name(0), None)] };
        let table = Table {
            name: name(0),
            kind: TableKind::Table,
            engine: Some("InnoDB".to_owned()),
            collation: Some("utf8mb4_bin".to_owned()),
            partitioned: false,
            columns: (0..columns).map(column).collect(),
            indexes: Vec::new(),
            primary_key: vec![name(0)],
            unique_keys: vec![key],
            foreign_keys: Vec::new(),
            estimated_rows: 1,
        };
        Catalogue {
            version: "10.11".to_owned(),
            flavour: Flavour::MariaDb,
            token_size_min: 3,
            token_size_max: 84,
            word_length_min: Some(4),
            ngram_token_size: None,
            has_mroonga: false,
            stopwords: Stopwords::BuiltIn,
            language: None,
            tables: vec![table],
            read_at: Timestamp::from_epoch_ms(0),
        }
    }

    #[test]
    fn a_catalogue_of_800_tables_is_stored_and_one_that_is_too_large_is_not() {
        // Packed, names that have nothing in common take the most room.
        let name = |n: u64| format!("c{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut catalogue = catalogue(10);
        let table = |n: u64| {
            let columns = (0..10).map(|column| Column::named(&name(n * 10 + column), "varchar(200)")).collect();
            Table { name: Ident::from_server(name(n)), columns, ..catalogue.tables[0].clone() }
        };
        let (fitting, larger): (Vec<Table>, Vec<Table>) =
            ((0..800).map(table).collect(), (0..3_000).map(table).collect());
        catalogue.tables = fitting;
        assert_eq!(catalogue.clone().storable().unwrap().tables.len(), 800);
        catalogue.tables = larger;
        assert!(catalogue.storable().is_none());
    }

    #[test]
    fn a_catalogue_of_an_earlier_version_is_read() {
        let old = r#"{"version":"10.11","flavour":"mariadb","token_size_min":3,"token_size_max":84,"stopwords":"builtin",
            "tables":[{"name":"t","columns":[{"name":"c","type_name":"text","nullable":true,"key":""}],
            "indexes":[{"name":"i","columns":["c"],"cardinality":null}],"primary_key":[],"estimated_rows":1}],
            "read_at":"2026-11-22T00:00:00.000Z"}"#;
        let read: Catalogue = serde_json::from_str(old).unwrap();
        assert_eq!((read.tables[0].kind, &read.tables[0].indexes[0].parser), (TableKind::Table, &Parser::BuiltIn));
    }

    #[test]
    fn a_name_is_quoted_whatever_it_holds() {
        for (name, quoted) in [("title", "`title`"), ("a`b", "`a``b`"), ("select", "`select`"), ("a.b c", "`a.b c`")] {
            assert_eq!(Ident::from_server(name.to_owned()).quoted(), quoted);
        }
    }
}
