//! What a client asks, in types that can not be wrong.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use shared::analytics::SearchMode;
use shared::error::{Invalid, InvalidKind, Refusal, Resource};
use shared::http::{Limit, Offset};
use shared::id::{DatabaseId, UserId};
use shared::{Error, Result};

use crate::cursor::Position;
use crate::facets::Facets;
use crate::fields::Fields;
use crate::filter::Filters;
use crate::merge::depth;
use crate::query::Query;
use crate::rank::Weights;
use crate::sort::Sort;

/// The most databases that one search asks.
const DATABASES_MAX: usize = 50;

/// A search. Fields that it does not have are passed over, because clients send some that nobody ever read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchRequest {
    query: QueryText,
    #[serde(default)]
    databases: Option<Vec<String>>,
    #[serde(default)]
    tables: Option<Vec<String>>,
    #[serde(default)]
    columns: Option<Vec<String>>,
    #[serde(default)]
    search_mode: Option<SearchMode>,
    /// What tutorials of the reference call it.
    #[serde(default)]
    mode: Option<SearchMode>,
    /// Weights of columns by name, in the place of those that their lengths suggest.
    #[serde(default)]
    weights: HashMap<String, f64>,
    #[serde(default)]
    filters: Filters,
    #[serde(default)]
    sort: Sort,
    #[serde(default)]
    facets: Facets,
    #[serde(default)]
    fields: Fields,
    #[serde(default)]
    limit: Limit<20, 100>,
    #[serde(default)]
    offset: Offset<10_000>,
    #[serde(default)]
    cursor: Option<String>,
}

impl SearchRequest {
    /// The text as it was asked.
    pub fn text(&self) -> &str {
        &self.query.0
    }

    /// How it is read.
    pub fn mode(&self) -> SearchMode {
        self.search_mode.or(self.mode).unwrap_or_default()
    }

    /// The query, understood.
    pub fn query(&self) -> Result<Query> {
        let query = match self.mode() {
            SearchMode::Boolean => Query::boolean(self.text()),
            SearchMode::Natural | SearchMode::Semantic => Query::natural(self.text()),
        };
        query.map_err(|e| {
            let reason = format!("{} (at character {})", e.message, e.position + 1);
            Invalid::new("query", InvalidKind::Text, reason).into()
        })
    }

    /// The databases that were named, each once; none for all that the caller has.
    pub fn databases(&self) -> Result<Vec<DatabaseId>> {
        let mut ids: Vec<DatabaseId> = Vec::new();
        for text in self.databases.iter().flatten() {
            let id = text.parse().map_err(|_| Error::NotFound(Resource::SearchedDatabase))?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        check_number_of_databases(ids.len())?;
        Ok(ids)
    }

    /// The tables that were named; none for those that a connection searches by default.
    pub fn tables(&self) -> &[String] {
        self.tables.as_deref().unwrap_or_default()
    }

    /// The columns that were named; none for all that have an index.
    pub fn columns(&self) -> &[String] {
        self.columns.as_deref().unwrap_or_default()
    }

    /// How much each column counts.
    pub fn weights(&self) -> Weights {
        Weights::new(self.weights.iter().map(|(column, weight)| (column.as_str(), *weight)))
    }

    /// What rows have to be besides.
    pub fn filters(&self) -> &Filters {
        &self.filters
    }

    /// In which order they come.
    pub fn sort(&self) -> &Sort {
        &self.sort
    }

    /// The columns whose values are counted.
    pub fn facets(&self) -> &Facets {
        &self.facets
    }

    /// The columns that are answered.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// How many rows there are on a page, 1 to 100.
    pub fn limit(&self) -> usize {
        self.limit.get()
    }

    /// How many rows have to be known for the page that begins there: of one in another order than that of relevance whole
    /// blocks.
    pub fn wanted(&self, position: &Position) -> usize {
        let wanted = position.skip + self.limit();
        if self.sort.is_by_relevance() { wanted } else { depth(wanted) }
    }

    /// Where the page begins, in the search that `searched` stands for.
    pub fn position(&self, searched: &str) -> Result<Position> {
        match &self.cursor {
            None => Ok(Position::offset(self.offset.get())),
            Some(_) if self.offset.get() > 0 => {
                Err(Invalid::new("offset", InvalidKind::TooBig, "must be 0 beside a cursor").into())
            }
            Some(cursor) => Ok(Position::read(cursor, searched)?),
        }
    }

    /// All that decides which rows there are and in which order: what a cursor is good for.
    pub fn searched(&self, owner: UserId, databases: impl Iterator<Item = DatabaseId>) -> String {
        let databases: Vec<String> = databases.map(|id| id.to_string()).collect();
        let weights: BTreeMap<_, _> = self.weights.iter().collect();
        let (text, mode, tables, columns) = (self.text(), self.mode(), self.tables(), self.columns());
        let (filters, sort) = (&self.filters, &self.sort);
        format!("{owner} {databases:?} {text:?} {mode:?} {tables:?} {columns:?} {weights:?} {filters:?} {sort:?}")
    }
}

/// An account with more databases than one search asks has to say which.
pub fn check_number_of_databases(number: usize) -> Result<()> {
    if number <= DATABASES_MAX {
        return Ok(());
    }
    let reason = format!("must name at most {DATABASES_MAX} databases");
    Err(Invalid::new("databases", InvalidKind::TooBig, reason).into())
}

/// 1 to 500 characters.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct QueryText(String);

impl TryFrom<String> for QueryText {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(Refusal(InvalidKind::TooSmall, "must not be empty")),
            1..=500 => Ok(Self(text.to_owned())),
            _ => Err(Refusal(InvalidKind::TooBig, "must have at most 500 characters")),
        }
    }
}
