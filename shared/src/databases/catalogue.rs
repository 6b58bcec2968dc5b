//! What a schema holds, as far as searching it goes. Every name in a statement of ours comes from here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The most bytes of JSON that a record holds of its catalogue: an item of DynamoDB has 400 KB in all.
const STORED_BYTES_MAX: usize = 300_000;

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
    /// Words that are left out of InnoDB indexes.
    pub stopwords: Stopwords,
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

/// A table or a view.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: Ident,
    /// Its columns, in the order of the table.
    pub columns: Vec<Column>,
    /// Its FULLTEXT indexes, by name.
    pub indexes: Vec<FullTextIndex>,
    /// The columns of its primary key, in the order of the key; none for a view or a table without one.
    pub primary_key: Vec<Ident>,
    /// The server's estimate of its rows.
    pub estimated_rows: u64,
}

/// A column.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// Its type as the server prints it, such as `varchar(200)`.
    pub type_name: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// `PRI`, `UNI`, `MUL` or nothing, as the server prints it.
    pub key: String,
}

/// A FULLTEXT index.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FullTextIndex {
    /// Its name.
    pub name: Ident,
    /// Its columns, all of which a MATCH has to name.
    pub columns: Vec<Ident>,
    /// The server's estimate of its distinct values, where it has one.
    pub cardinality: Option<u64>,
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

impl Column {
    /// Whether it holds text, so that it could be searched.
    pub fn is_text(&self) -> bool {
        let name = self.base_type();
        name.ends_with("char") || name.ends_with("text")
    }

    /// Its type without length and attributes, in lower case: `varchar`, `bigint`, `json`.
    pub fn base_type(&self) -> String {
        self.type_name.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    }
}

impl Table {
    /// The column with this name, whatever its case: MySQL compares names of columns so.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether a FULLTEXT index covers the column.
    pub fn is_indexed(&self, column: &Ident) -> bool {
        self.indexes.iter().any(|index| index.columns.contains(column))
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
        let bytes = serde_json::to_vec(&self).map_or(usize::MAX, |json| json.len());
        (bytes <= STORED_BYTES_MAX).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_whatever_it_holds() {
        for (name, quoted) in [("title", "`title`"), ("a`b", "`a``b`"), ("select", "`select`"), ("a.b c", "`a.b c`")] {
            assert_eq!(Ident::from_server(name.to_owned()).quoted(), quoted);
        }
    }

    #[test]
    fn text_is_told_by_the_type() {
        for (type_name, is_text) in
            [("varchar(20)", true), ("LONGTEXT", true), ("int(11) unsigned", false), ("json", false)]
        {
            let name = Ident::from_server("c".to_owned());
            let column = Column { name, type_name: type_name.to_owned(), nullable: true, key: String::new() };
            assert_eq!(column.is_text(), is_text, "{type_name}");
        }
    }
}
