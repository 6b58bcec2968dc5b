//! One scale, 0 to 1, for the rows of all tables of all databases.
//!
//! A server's own score is no scale: the same row and query scored 8.74 in a table of 21 rows and 92.50 in one of 20,001. Here
//! a row is scored by its own words, by frequencies that are pooled over the candidates of everything that is searched, and
//! by lengths that are usual for a kind of column; so its score hardly depends on the table it sits in.
//!
//! `score = relevance × (0.95 + 0.05 coverage) × (0.9 + 0.1 proximity) × source`, each at most 1:
//!
//! - *relevance* is BM25F (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.4):
//!   `Σ wₜ fₜ / (fₜ + k₁) / Σ wₜ`, where `fₜ` sums the occurrences of a term in all columns, weighted by column and normalised
//!   by length. It comes near to 1 and never reaches it, so that more evidence always scores more;
//! - *coverage* is the share of the weights `wₜ` whose terms the row holds at all;
//! - *proximity* falls with the distance between terms that stand side by side in the query, and with its phrases that the
//!   row does not hold;
//! - *source* is how much the client lets the row's database and table count.

mod columns;
mod explain;
mod model;
mod proximity;
mod sources;

use shared::databases::Language;

use crate::query::{Finder, Found, tokens};

pub use columns::Weights;
pub use explain::Explanation;
pub use model::{Model, rarity};
pub use sources::Sources;

/// How fast occurrences saturate.
const K1: f64 = 2.0;
/// How much length matters, 0 to 1. Rows of databases differ in length for more reasons than articles do: below the usual 0.75.
const B: f64 = 0.65;
/// What an occurrence counts that has only the stem of the term.
const STEM_ONLY: f64 = 0.8;
/// Of the score, what a row loses that lacks nearly all of the query; and one whose terms are scattered.
const COVERAGE_SHARE: f64 = 0.05;
const PROXIMITY_SHARE: f64 = 0.1;

/// A row that some server found, by the columns that were searched.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The name of its table, which a weight may name.
    pub table: &'a str,
    /// What its texts are written in.
    pub language: Language,
    /// In the order of the plan of its table.
    pub columns: Vec<Column<'a>>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// Columns of one name are one field, whatever the table.
    pub name: &'a str,
    /// Its value.
    pub text: &'a str,
}

/// A candidate with what it holds of a query.
#[derive(Debug)]
pub struct Row<'a> {
    /// As the server sent it.
    pub candidate: Candidate<'a>,
    found: Vec<Found>,
}

impl<'a> Row<'a> {
    /// Looks for the terms in every column.
    pub fn read<'f>(finder: &mut Finder<'f>, candidate: Candidate<'a>) -> Self
    where
        'a: 'f,
    {
        let mut find = |column: &Column<'a>| finder.find(&tokens(column.text).collect::<Vec<_>>(), candidate.language);
        Self { found: candidate.columns.iter().map(&mut find).collect(), candidate }
    }

    fn holds(&self, term: usize) -> bool {
        self.found.iter().flat_map(|column| &column.hits).any(|hit| hit.term == term)
    }
}

/// Counts of rows and words are far below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "a rounded count is as good in an average")]
pub fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
