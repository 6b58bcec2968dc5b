//! What a client asks, in types that can not be wrong.

mod position;
mod values;

use std::collections::HashMap;

use serde::Deserialize;
use shared::analytics::SearchMode;
use shared::error::{Invalid, InvalidKind, Resource};
use shared::http::{Limit, Offset, optional_object};
use shared::id::DatabaseId;
use shared::{Error, Result};

use crate::export::Format;
use crate::facets::Facets;
use crate::fields::Fields;
use crate::filter::Filters;
use crate::highlight::Highlight;
use crate::merge::Ranking;
use crate::named::check_number_of_databases;
use crate::query::Query;
use crate::rank::{Sources, Weights};
use crate::sort::Sort;
use values::{MinScore, QueryText};

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
    /// How passages are written.
    #[serde(default, deserialize_with = "optional_object")]
    highlight: Option<Highlight>,
    /// Weights of databases by id, and of tables by name.
    #[serde(default)]
    database_weights: HashMap<String, f64>,
    #[serde(default)]
    table_weights: HashMap<String, f64>,
    /// Rows of a lower score are not found.
    #[serde(default)]
    min_score: MinScore,
    /// Whether each row says why it has its score.
    #[serde(default)]
    explain: bool,
    /// Whether the answer of some databases is good enough where others fail.
    #[serde(default)]
    allow_partial: Option<bool>,
    /// Read by `cache`, out of the object that was sent; here only so that it can be nothing but a truth value.
    #[serde(default)]
    #[expect(dead_code, reason = "its type is all that is wanted of it")]
    cache: Option<bool>,
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
    /// Whether a word that finds nothing is searched in its best other spelling: only where nothing matches at all where
    /// nothing is said, and never with `false`.
    #[serde(default)]
    correct: Option<bool>,
    /// Whether the answer tells what the account searches lately.
    #[serde(default)]
    include_analytics: bool,
    /// Whether the rows of the page are put into a file besides.
    #[serde(default)]
    export: Option<Format>,
    /// The warehouse whose file storage that file goes into.
    #[serde(default)]
    export_to: Option<String>,
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
        self.query_as(self.text())
    }

    /// The same query in another spelling.
    pub fn query_as(&self, text: &str) -> Result<Query> {
        let query = match self.mode() {
            SearchMode::Boolean => Query::boolean(text),
            SearchMode::Natural | SearchMode::Semantic => Query::natural(text),
        };
        query.map_err(|e| {
            let reason = format!("{} (at character {})", e.message, e.position + 1);
            Invalid::new("query", InvalidKind::Text, reason).into()
        })
    }

    /// The databases that were named, each once; none for all that the caller has.
    pub fn databases(&self) -> Result<Vec<DatabaseId>> {
        database_ids(self.databases.as_deref().unwrap_or_default())
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
    fn weights(&self) -> Weights {
        Weights::new(self.weights.iter().map(|(column, weight)| (column.as_str(), *weight)))
    }

    /// How passages are written; none for plain text.
    pub fn highlight(&self) -> Option<&Highlight> {
        self.highlight.as_ref()
    }

    /// How rows are ranked.
    pub fn ranking(&self) -> Ranking {
        Ranking {
            weights: self.weights(),
            sources: Sources::new(&self.database_weights, &self.table_weights),
            feedback: self.mode() == SearchMode::Semantic,
            min_score: self.min_score.0,
            explain: self.explain,
        }
    }

    /// Whether rows of a low score are left out.
    pub fn has_min_score(&self) -> bool {
        self.min_score.0 > 0.0
    }

    /// Whether the answer of some databases is good enough where others fail.
    pub fn allows_partial(&self) -> bool {
        self.allow_partial.unwrap_or(true)
    }

    /// How many rows there are on a page, 1 to 100.
    pub fn limit(&self) -> usize {
        self.limit.get()
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

    /// Whether the best other spelling is searched, given how many rows matched.
    pub fn is_corrected(&self, matches: u64) -> bool {
        self.correct.unwrap_or(matches == 0)
    }

    /// Which file is made of the rows of the page, and into whose storage it goes, where one is made.
    pub fn export(&self) -> Option<(Format, Option<&str>)> {
        Some((self.export?, self.export_to.as_deref()))
    }

    /// Whether the answer tells what the account searches lately.
    pub fn includes_analytics(&self) -> bool {
        self.include_analytics
    }
}

/// The databases that were named, each once. What has not the form of an id is not found, like the id of a stranger's.
pub fn database_ids(named: &[String]) -> Result<Vec<DatabaseId>> {
    let mut ids: Vec<DatabaseId> = Vec::new();
    for text in named {
        let id = text.parse().map_err(|_| Error::NotFound(Resource::SearchedDatabase))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    check_number_of_databases(ids.len())?;
    Ok(ids)
}
