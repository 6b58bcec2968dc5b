//! One scale, 0 to 1, for the rows of all tables of all databases.
//!
//! A server's own score is no scale: the same row and query scored 8.74 in a table of 21 rows and 92.50 in one of 20,001. Here
//! a row is scored by its own words, by frequencies that are pooled over everything that is searched, and by lengths
//! that are usual for a kind of column; so its score does not depend on the table it sits in.
//!
//! `score = relevance × coverage × proximity`, each at most 1:
//!
//! - *relevance* is BM25F (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.4):
//!   for each term, occurrences in all columns, weighted by column and normalised by length, are summed *before* they saturate;
//!   saturated values are summed, weighted by rarity. That sum is divided by the query's attainable maximum: the same sum
//!   for a row that holds every term [`ATTAINABLE`] times. What the rarities are cancels out for a row that holds all of them;
//! - *coverage* falls with the terms that a row lacks, again by rarity;
//! - *proximity* falls with the distance between terms, and with phrases of the query that the row does not hold.

mod columns;
mod proximity;

use std::collections::HashMap;

use crate::query::{Found, Terms, tokens};

pub use columns::{Lengths, Weights};

/// How fast occurrences saturate.
const K1: f64 = 2.0;
/// How much length matters, 0 to 1.
const B: f64 = 0.75;
/// Occurrences, by weight, that need no more: once in a title and three times in a body.
const ATTAINABLE: f64 = 6.0;
/// What an occurrence counts that has only the stem of the term.
const STEM_ONLY: f64 = 0.8;
/// Of the score, what a row loses that lacks nearly all of the query; and one whose terms are scattered.
const COVERAGE_SHARE: f64 = 0.25;
const PROXIMITY_SHARE: f64 = 0.2;

/// A row that some server found, by the columns that were searched.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// In the order that [`Ranked::matched_columns`] refers to.
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

/// What is known of everything that is searched, taken together.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    /// In all tables of all databases.
    pub documents: u64,
    /// Of these, how many hold a term, by its key. For a term that is missing here the share among all candidates stands in.
    pub document_frequency: HashMap<String, u64>,
    /// What length is usual for which kind of column.
    pub average_length: Lengths,
}

/// A candidate's place on the scale, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// 0 to 1; equal scores are for the caller to order.
    pub score: f64,
    /// Those in which a term occurs.
    pub matched_columns: Vec<usize>,
    /// The factors of the score before their shares are taken.
    pub components: Components,
}

/// Each 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    /// How much of the query's attainable maximum the row reaches.
    pub relevance: f64,
    /// How much of the query, by rarity, the row holds at all.
    pub coverage: f64,
    /// How near to each other its terms stand.
    pub proximity: f64,
    /// How much each term of the query adds to the relevance, in the order of [`Terms::list`].
    pub terms: Vec<f64>,
}

/// Scores in the order of the candidates.
pub fn rank(terms: &Terms, candidates: &[Candidate<'_>], corpus: &Corpus, weights: &Weights) -> Vec<Ranked> {
    let find = |column: &Column<'_>| terms.find(&tokens(column.text).collect::<Vec<_>>());
    let found: Vec<Vec<Found>> = candidates.iter().map(|row| row.columns.iter().map(find).collect()).collect();
    let fields = columns::fields(candidates, &found, &corpus.average_length, weights);
    let rarity = rarities(terms, &found, corpus);
    let rows = candidates.iter().zip(&found);
    rows.map(|(candidate, found)| {
        let fields: Vec<columns::Field> = candidate.columns.iter().map(|column| fields.of(column.name)).collect();
        score(found, &fields, &rarity)
    })
    .collect()
}

fn score(found: &[Found], fields: &[columns::Field], rarity: &[f64]) -> Ranked {
    let mut occurrences = vec![0.0; rarity.len()];
    for (column, field) in found.iter().zip(fields) {
        for hit in &column.hits {
            let exactness = if hit.exact { 1.0 } else { STEM_ONLY };
            occurrences[hit.term] += exactness * field.occurrence(column.length);
        }
    }
    let total: f64 = rarity.iter().sum();
    let share = |of: f64| if total > 0.0 { of / total } else { 0.0 };
    let saturation = |occurrences: f64| (occurrences * (K1 + ATTAINABLE) / (ATTAINABLE * (K1 + occurrences))).min(1.0);
    let terms: Vec<f64> = occurrences.iter().zip(rarity).map(|(n, rarity)| share(rarity * saturation(*n))).collect();
    let held = occurrences.iter().zip(rarity).filter(|(n, _)| **n > 0.0).map(|(_, rarity)| rarity).sum();
    let (relevance, coverage) = (terms.iter().sum::<f64>().min(1.0), share(held).min(1.0));
    let proximity = proximity::proximity(found, rarity.len());
    let factor = |component: f64, share: f64| 1.0 - share + share * component;
    Ranked {
        score: (relevance * factor(coverage, COVERAGE_SHARE) * factor(proximity, PROXIMITY_SHARE)).clamp(0.0, 1.0),
        matched_columns: (0..found.len()).filter(|column| !found[*column].hits.is_empty()).collect(),
        components: Components { relevance, coverage, proximity, terms },
    }
}

/// How much a term tells rows apart: the logarithm of the inverse of its share of all rows. Shares and not counts, and none
/// below `SHARE_MIN`, so that twice as many rows of the same kind change nothing.
fn rarities(terms: &Terms, found: &[Vec<Found>], corpus: &Corpus) -> Vec<f64> {
    const SHARE_MIN: f64 = 0.000_1;
    let share = |(term, key): (usize, &str)| match corpus.document_frequency.get(key) {
        Some(frequency) if corpus.documents > 0 => as_f64(*frequency) / as_f64(corpus.documents),
        _ => share_of_candidates(term, found),
    };
    let keys = terms.list().iter().map(|term| term.key.as_str()).enumerate();
    keys.map(share).map(|share| (1.0 + 1.0 / share.clamp(SHARE_MIN, 1.0)).ln()).collect()
}

/// One estimate for all rows, from whatever table. How many candidates a table sends, and how many of them hold a term, depends
/// on its size: so this share is no more than a hint, and pulled half way to one half.
fn share_of_candidates(term: usize, found: &[Vec<Found>]) -> f64 {
    let holds = |row: &&Vec<Found>| row.iter().flat_map(|column| &column.hits).any(|hit| hit.term == term);
    let rows = as_f64(found.iter().filter(holds).count() as u64);
    f64::midpoint(0.5, (rows + 1.0) / (as_f64(found.len() as u64) + 2.0))
}

/// Counts of rows and words are far below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "a rounded count is as good in an average")]
fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
