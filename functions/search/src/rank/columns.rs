//! What an occurrence in a column counts: more in a short column, which says what a row is about, than in a long one.

use std::collections::HashMap;

use super::model::length_norm;
use super::{Row, as_f64};

/// Weights of columns by name, in any case, instead of those by kind: `title`, or `articles.title` for one table's.
#[derive(Debug, Clone, Default)]
pub struct Weights(HashMap<String, f64>);

impl Weights {
    /// Weights are held within 0.1 and 10.
    pub fn new<'a>(weights: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        Self(weights.into_iter().map(|(name, weight)| (name.to_lowercase(), bounded(weight))).collect())
    }

    fn of(&self, table: &str, column: &str) -> Option<f64> {
        let column = column.to_lowercase();
        let of_table = || self.0.get(&format!("{}.{column}", table.to_lowercase()));
        if self.0.is_empty() { None } else { of_table().or_else(|| self.0.get(&column)).copied() }
    }
}

/// A client's weight: what is no number counts as little as possible.
pub(super) fn bounded(weight: f64) -> f64 {
    if weight > 0.1 { weight.min(10.0) } else { 0.1 }
}

/// How to count in one column.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// What an occurrence counts.
    pub weight: f64,
    /// The usual number of words in a column of this kind. Constants, because an average over the candidates would move every
    /// score when other rows are found.
    usual_length: f64,
}

/// Names, titles, subjects.
const TITLE: Field = Field { weight: 3.0, usual_length: 6.0 };
/// Summaries, addresses, descriptions in a list.
const SUMMARY: Field = Field { weight: 1.5, usual_length: 25.0 };
/// Articles and messages.
const BODY: Field = Field { weight: 1.0, usual_length: 120.0 };

impl Field {
    /// By how much less an occurrence counts in so many words.
    pub fn length_norm(&self, length: usize) -> f64 {
        length_norm(length, self.usual_length)
    }
}

/// Every name of a column among the candidates.
#[derive(Debug, Clone)]
pub struct Fields {
    kinds: HashMap<String, Field>,
    weights: Weights,
}

impl Fields {
    /// The kind of each column, by its average length among all candidates.
    pub fn learn(rows: &[Row<'_>], weights: &Weights) -> Self {
        let mut words: HashMap<String, (usize, usize)> = HashMap::new();
        for row in rows {
            let columns = row.candidate.columns.iter().zip(&row.found);
            for (column, found) in columns.filter(|(_, found)| found.length > 0) {
                let (rows, total) = words.entry(column.name.to_lowercase()).or_default();
                *rows += 1;
                *total += found.length;
            }
        }
        let kinds = words.into_iter().map(|(name, (rows, total))| (name, by_length(rows, total))).collect();
        Self { kinds, weights: weights.clone() }
    }

    /// How a column of this table counts.
    pub fn of(&self, table: &str, column: &str) -> Field {
        let kind = self.kinds.get(&column.to_lowercase()).copied().unwrap_or(BODY);
        Field { weight: self.weights.of(table, column).unwrap_or(kind.weight), ..kind }
    }
}

/// Three kinds, not a curve: so the weight stays what it is when a few more rows are found. A single short text does not yet
/// make a title; hence one more row of `DOUBT` words.
fn by_length(rows: usize, words: usize) -> Field {
    const DOUBT: f64 = 40.0;
    const TITLE_MAX: f64 = 15.0;
    const SUMMARY_MAX: f64 = 60.0;
    match (as_f64(words) + DOUBT) / (as_f64(rows) + 1.0) {
        average if average <= TITLE_MAX => TITLE,
        average if average <= SUMMARY_MAX => SUMMARY,
        _ => BODY,
    }
}
