//! The index adviser: what keeps a schema from being searched well, and the statement that would mend it. Pure: it goes
//! by what was read of a schema, and runs nothing.

mod cost;
mod indexes;
mod script;
mod server;
mod tables;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::catalogue::{Catalogue, Column, Flavour, Generated, Ident, Table, TableKind};
use super::sample::Sample;
use super::secret::is_secret;

/// Columns with fewer characters hold codes rather than words.
const WORDS_CHARS_MIN: u64 = 8;

/// Something that would make searches better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Which table; none where it is about the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Ident>,
    /// What was found, in a sentence without a full stop.
    pub description: String,
    /// Why that matters.
    pub reason: String,
    /// How much it matters.
    pub impact: Impact,
    /// The statement that mends it; none where no single statement does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// What running it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
}

/// What a recommendation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A table with text has no FULLTEXT index.
    MissingIndex,
    /// A column with text is in no index.
    UncoveredColumns,
    /// Each column has an index, and no index has them all.
    CompoundIndex,
    /// Two indexes over the same columns.
    DuplicateIndex,
    /// An index whose columns another one has too.
    CoveredIndex,
    /// Chinese, Japanese or Korean in an index that holds no parts of it, on MySQL.
    NgramParser,
    /// The same on MariaDB.
    Mroonga,
    /// Rows that can not be told apart.
    MissingPrimaryKey,
    /// A view.
    View,
    /// An engine without FULLTEXT indexes.
    UnsupportedEngine,
    /// Partitions, where they exclude FULLTEXT indexes.
    Partitioned,
    /// A character set without them.
    UnsupportedCharset,
    /// Short words that are not in the index.
    TokenSize,
    /// Words left out that are ordinary ones in another language.
    Stopwords,
}

impl Kind {
    /// The same in the words of a search's answer: `index`, `query` or `schema`.
    pub fn topic(self) -> &'static str {
        match self {
            Self::MissingIndex
            | Self::UncoveredColumns
            | Self::CompoundIndex
            | Self::DuplicateIndex
            | Self::CoveredIndex
            | Self::NgramParser
            | Self::TokenSize
            | Self::Stopwords => "index",
            Self::Mroonga
            | Self::MissingPrimaryKey
            | Self::View
            | Self::UnsupportedEngine
            | Self::Partitioned
            | Self::UnsupportedCharset => "schema",
        }
    }
}

/// How much a recommendation matters, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    /// Something is not found, or not searched at all.
    High,
    /// Something is found worse or slower.
    Medium,
    /// Something to know.
    Low,
}

impl Impact {
    /// The word for it in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// Everything that can be said, what matters most first.
pub fn advise(catalogue: &Catalogue, sample: &Sample) -> Vec<Recommendation> {
    let subjects = catalogue.tables.iter().map(|table| Subject { catalogue, table, sample });
    let mut advice: Vec<Recommendation> = subjects.flat_map(|subject| subject.advise()).collect();
    advice.extend(server::advise(catalogue, sample));
    advice.sort_by_key(|one| one.impact);
    advice
}

/// Why a search does not ask this table, and what would change that. It knows no sample.
pub fn unsearched(catalogue: &Catalogue, table: &Table) -> Vec<Recommendation> {
    let subject = Subject { catalogue, table, sample: &Sample::default() };
    if subject.text().next().is_none() {
        return Vec::new();
    }
    match tables::excluded(&subject) {
        Some(reason) => vec![reason],
        None if table.indexes.is_empty() => indexes::wanted(&subject),
        None => tables::missing_primary_key(&subject).into_iter().collect(),
    }
}

/// A table, with all that its advice depends on.
struct Subject<'a> {
    catalogue: &'a Catalogue,
    table: &'a Table,
    sample: &'a Sample,
}

impl<'a> Subject<'a> {
    fn advise(&self) -> Vec<Recommendation> {
        if self.text().next().is_none() {
            return Vec::new();
        }
        if let Some(reason) = tables::excluded(self) {
            return vec![reason];
        }
        let mut advice: Vec<Recommendation> = tables::missing_primary_key(self).into_iter().collect();
        advice.extend(tables::unsupported_charset(self));
        advice.extend(indexes::wanted(self));
        advice.extend(indexes::superfluous(self));
        advice.extend(script::advise(self));
        advice
    }

    /// The columns that hold text which may be searched.
    fn text(&self) -> impl Iterator<Item = &'a Column> + use<'a> {
        self.table.columns.iter().filter(|column| column.is_text() && !is_secret(column.name.as_str()))
    }

    /// Those of them that an index can hold and that are worth one: words, and not what rows are told apart by, unless
    /// there is nothing else.
    fn worth_indexing(&self) -> Vec<&'a Column> {
        let is_possible = |column: &&Column| {
            has_words(column) && column.generated != Some(Generated::Virtual) && !tables::has_wide_charset(self, column)
        };
        let possible: Vec<&Column> = self.text().filter(is_possible).collect();
        let key_columns = self.table.foreign_keys.iter().flat_map(|key| &key.columns).chain(&self.table.primary_key);
        let keys: Vec<&Ident> = key_columns.collect();
        let others: Vec<&Column> = possible.iter().copied().filter(|column| !keys.contains(&&column.name)).collect();
        if others.is_empty() { possible } else { others }
    }

    fn is_cjk(&self, column: &Ident) -> bool {
        self.sample.is_cjk(&self.table.name, column)
    }

    /// Whether a parser can be given to an index that is made for these columns, and helps.
    fn wants_ngram(&self, columns: &[Ident]) -> bool {
        self.catalogue.ngram_token_size.is_some() && columns.iter().any(|column| self.is_cjk(column))
    }

    /// `ALTER TABLE` with this change.
    fn alter(&self, change: &str) -> String {
        format!("ALTER TABLE {} {change}", self.table.name.quoted())
    }

    fn recommend(&self, kind: Kind, impact: Impact, description: String, reason: String) -> Recommendation {
        let table = Some(self.table.name.clone());
        Recommendation { kind, table, description, reason, impact, query: None, cost: None }
    }
}

impl Recommendation {
    /// With the statement that mends it, and what that costs.
    fn by(self, query: String, cost: impl Into<String>) -> Self {
        Self { query: Some(query), cost: Some(cost.into()), ..self }
    }
}

/// Whether more than a code fits into the column.
fn has_words(column: &Column) -> bool {
    let length = column.type_name.split_once('(').and_then(|(_, rest)| rest.split(')').next()?.parse::<u64>().ok());
    length.is_none_or(|length| length >= WORDS_CHARS_MIN)
}

fn quoted(columns: &[Ident]) -> String {
    columns.iter().map(Ident::quoted).collect::<Vec<_>>().join(", ")
}

fn named(columns: &[Ident]) -> String {
    columns.iter().map(Ident::as_str).collect::<Vec<_>>().join(", ")
}
