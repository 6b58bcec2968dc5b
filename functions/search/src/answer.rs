//! What a client reads.

use serde::Serialize;
use serde_json::{Map, Value};
use shared::analytics::Times;
use shared::databases::{Ident, Recommendation};
use shared::http::FailedDatabase;
use shared::id::{DatabaseId, SearchId};

use crate::ask::Asked;
use crate::categories::Category;
use crate::facets::FacetAnswer;
use crate::query::{Demoted, Reason};
use crate::rank::Explanation;
use crate::spelling::Suggestion;
use crate::trends::Trend;

/// The answer to a search.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchAnswer {
    /// The search's own id, as in the history.
    pub search_id: SearchId,
    /// The rows of the page, best first.
    pub results: Vec<Found>,
    /// Groups of the results.
    pub categories: Vec<Category>,
    /// Other spellings, where a word of the query has found nothing.
    pub suggestions: Vec<Suggestion>,
    /// What was searched in the place of the query, where that is another spelling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_query: Option<String>,
    /// And what was asked then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_query: Option<String>,
    /// What the account searches lately, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trends: Option<Vec<Trend>>,
    /// What would make the search better.
    pub query_optimization: Vec<Advice>,
    /// Words of the query that some database's index can not hold.
    pub ignored_terms: Vec<Ignored>,
    /// How many rows match in all.
    pub total_count: u64,
    /// `exact`, or `estimate` where the number is the most that there can be.
    pub total_relation: &'static str,
    /// How often values occur in all rows that match, where that was asked for.
    #[serde(flatten)]
    pub facets: Option<FacetAnswer>,
    /// Tables that were not searched, because a filter can not be put to them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped_tables: Vec<SkippedTable>,
    /// What leads to the next page, where there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Milliseconds.
    pub execution_time: u64,
    /// The number of the page, from 1.
    pub page: usize,
    /// The most rows on it.
    pub limit: usize,
    /// The databases that answered.
    pub databases: Vec<Searched>,
    /// Whether some did not.
    pub partial: bool,
    /// Those that did not.
    pub failed_databases: Vec<FailedDatabase>,
    /// Whether the same search can have a better answer in a moment, so that this one is not kept.
    #[serde(skip)]
    pub is_provisional: bool,
    /// Where the time went.
    #[serde(skip)]
    pub times: Times,
    /// How many rows stand on the pages before.
    #[serde(skip)]
    pub passed: u64,
}

/// A row that was found.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// The same for the same row in every search.
    pub id: String,
    /// Its table.
    pub table: Ident,
    /// The connection that it was found by.
    pub database: DatabaseId,
    /// What its owner calls that connection.
    pub database_name: String,
    /// Its primary key, by column.
    pub primary_key: Map<String, Value>,
    /// 0 to 1, comparable across tables and databases.
    pub relevance_score: f64,
    /// Why it has that score, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// The columns in which a word of the query really stands.
    pub matched_columns: Vec<Ident>,
    /// The row.
    pub data: Map<String, Value>,
    /// The passage that shows best why it was found: plain text, or HTML where the request asks for marks.
    pub snippet: String,
    /// The best passage of each column that matched, where the request asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlights: Option<Map<String, Value>>,
    /// Groups that it belongs to.
    pub categories: Vec<String>,
}

/// A database that answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Searched {
    /// The connection.
    pub id: DatabaseId,
    /// What its owner calls it.
    pub name: String,
    /// How many of its rows match.
    pub total_count: u64,
    /// Milliseconds.
    pub execution_time: u128,
}

/// A word of the query that a database's index can not hold.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ignored {
    term: String,
    reason: &'static str,
    database: DatabaseId,
}

impl Ignored {
    /// That this database can not find this word.
    pub fn new(database: DatabaseId, demoted: Demoted) -> Self {
        let reason = match demoted.reason {
            Reason::TooShort => "too_short",
            Reason::TooLong => "too_long",
            Reason::Stopword => "stopword",
            Reason::Unsegmented => "no_word_boundaries",
        };
        Self { term: demoted.word, reason, database }
    }

    /// The same for people.
    pub fn sentence(&self) -> String {
        let reason = match self.reason {
            "too_short" => "it is shorter than the words in the index",
            "too_long" => "it is longer than the words in the index",
            "no_word_boundaries" => "the index takes text without blanks for one word",
            _ => "it is on the server's list of stopwords",
        };
        format!("the word {:?} can not be found by the index: {reason}", self.term)
    }
}

/// A table that was not searched, because a filter can not be put to it.
#[derive(Serialize)]
pub struct SkippedTable {
    database: DatabaseId,
    table: Ident,
    column: String,
    reason: &'static str,
}

impl SkippedTable {
    /// Those of a database.
    pub fn all(asked: &Asked) -> impl Iterator<Item = Self> {
        asked.skipped.iter().map(|skipped| Self {
            database: asked.id,
            table: skipped.table.clone(),
            column: skipped.column.clone(),
            reason: skipped.unfit.code(),
        })
    }
}

/// Something that would make searches better.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    #[serde(rename = "type")]
    kind: &'static str,
    description: String,
    impact: &'static str,
    sql_suggestion: Option<String>,
}

impl Advice {
    /// That there is nothing to search.
    pub fn no_databases() -> Self {
        let description = "Connect a database with POST /api/v1/databases: there is none to search yet".to_owned();
        Self { kind: "schema", description, impact: "high", sql_suggestion: None }
    }

    /// That a provider did not help this time.
    pub fn no_provider(what_it_did: &str) -> Self {
        let description = format!(
            "The provider of embeddings {what_it_did}: the results are in the order of natural mode. Search again later"
        );
        Self { kind: "query", description, impact: "medium", sql_suggestion: None }
    }

    /// Whether both are mended by the same statement.
    pub fn is_as(&self, other: &Self) -> bool {
        self == other || self.sql_suggestion.is_some() && self.sql_suggestion == other.sql_suggestion
    }

    /// What is advised, in a sentence.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The same of a table that was read row by row all the same.
    #[must_use]
    pub fn of_read_table(self) -> Self {
        let description = format!("{}; because it is small, its rows were read one by one", self.description);
        Self { description, ..self }
    }

    /// That the rows of a small table were read because its index does not hold the words.
    pub fn of_words_read(table: &Ident) -> Self {
        let description = format!(
            "The FULLTEXT index of {table} can not find words that are this short, this common or not between blanks: \
             because the table is small, its rows were read one by one"
        );
        Self::of_index("low", description, None)
    }

    /// That something would make an index hold more, and the statement that does it, if one does.
    pub fn of_index(impact: &'static str, description: String, sql_suggestion: Option<String>) -> Self {
        Self { kind: "index", description, impact, sql_suggestion }
    }
}

/// What the adviser says of a table, in the words of a search's answer.
impl From<Recommendation> for Advice {
    fn from(found: Recommendation) -> Self {
        let (kind, impact) = (found.kind.topic(), found.impact.as_str());
        Self { kind, description: found.description, impact, sql_suggestion: found.query }
    }
}
