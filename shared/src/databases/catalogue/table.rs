//! Tables, views, and what belongs to them.

use serde::{Deserialize, Serialize};

use super::{Ident, is_default};
use crate::databases::secret::is_secret;

/// A table or a view.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: Ident,
    /// Whether it has rows of its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: TableKind,
    /// Its storage engine; none for a view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The collation of its columns, where they say no other; none for a view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// Whether it is partitioned.
    #[serde(default, skip_serializing_if = "is_default")]
    pub partitioned: bool,
    /// Its columns, in the order of the table.
    pub columns: Vec<Column>,
    /// Its FULLTEXT indexes, by name.
    pub indexes: Vec<FullTextIndex>,
    /// The columns of its primary key, in the order of the key; none for a view or a table without one.
    pub primary_key: Vec<Ident>,
    /// Its other unique keys over columns, by name; keys over expressions are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique_keys: Vec<UniqueKey>,
    /// What it refers to, by the name of the constraint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKey>,
    /// The server's estimate of its rows.
    pub estimated_rows: u64,
}

/// Whether a table has rows of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TableKind {
    /// It has.
    #[default]
    Table,
    /// It shows those of others, and can have no index.
    View,
}

/// A column. A record has thousands of them, so that their fields have short names in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    #[serde(rename = "n", alias = "name")]
    pub name: Ident,
    /// Its type as the server prints it, such as `varchar(200)`.
    #[serde(rename = "t", alias = "type_name")]
    pub type_name: String,
    /// Whether it may be null.
    #[serde(rename = "o", alias = "nullable", default, skip_serializing_if = "is_default")]
    pub nullable: bool,
    /// `PRI`, `UNI`, `MUL` or nothing, as the server prints it.
    #[serde(rename = "k", alias = "key", default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Its collation, where it holds text and has another than its table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// Where its values come from, if they are computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// Whether the server counts its values up; a table has at most one such column.
    #[serde(default, skip_serializing_if = "is_default")]
    pub auto_increment: bool,
}

/// How a generated column keeps its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Generated {
    /// In the table.
    Stored,
    /// Not at all: no FULLTEXT index can hold it.
    Virtual,
}

/// A FULLTEXT index.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FullTextIndex {
    /// Its name.
    pub name: Ident,
    /// Its columns, all of which a MATCH has to name.
    pub columns: Vec<Ident>,
    /// What cuts its texts into words.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parser: Parser,
    /// The server's estimate of its distinct values, where it has one.
    pub cardinality: Option<u64>,
}

/// What cuts the texts of an index into words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parser {
    /// The engine itself.
    #[default]
    BuiltIn,
    /// A plugin of this name, such as `ngram`.
    Plugin(String),
    /// It was not asked, because too many tables have such indexes.
    Unread,
}

/// A unique key other than the primary one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueKey {
    /// Its name.
    pub name: Ident,
    /// Its columns, and of how many characters or bytes of each it is made where that is not all.
    pub parts: Vec<(Ident, Option<u64>)>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The name of the constraint.
    pub name: Ident,
    /// Its columns.
    pub columns: Vec<Ident>,
    /// The other schema, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referenced_schema: Option<Ident>,
    /// The other table.
    pub referenced_table: Ident,
    /// The other columns, in the order of `columns`.
    pub referenced_columns: Vec<Ident>,
}

impl Column {
    /// A column that may not be null, without anything else to say of it.
    #[cfg(test)]
    pub(crate) fn named(name: &str, type_name: &str) -> Self {
        Self {
            name: Ident::from_server(name.to_owned()),
            type_name: type_name.to_owned(),
            nullable: false,
            key: String::new(),
            collation: None,
            generated: None,
            auto_increment: false,
        }
    }

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

    /// The collation of a column that holds text, where the server told it.
    pub fn collation_of<'a>(&'a self, column: &'a Column) -> Option<&'a str> {
        column.collation.as_deref().or(self.collation.as_deref())
    }

    /// Whether a search can ask it: it has an index, and a primary key that may be shown.
    pub fn is_searchable(&self) -> bool {
        !self.indexes.is_empty() && self.has_shown_key()
    }

    /// Whether its rows can be told apart by values that may be shown.
    pub fn has_shown_key(&self) -> bool {
        !self.primary_key.is_empty() && self.primary_key.iter().all(|column| !is_secret(column.as_str()))
    }

    /// Whether a FULLTEXT index covers the column.
    pub fn is_indexed(&self, column: &Ident) -> bool {
        self.indexes.iter().any(|index| index.columns.contains(column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_by_the_type() {
        for (type_name, is_text) in
            [("varchar(20)", true), ("LONGTEXT", true), ("int(11) unsigned", false), ("json", false)]
        {
            let column = Column::named("c", type_name);
            assert_eq!(column.is_text(), is_text, "{type_name}");
        }
    }
}
