//! What an occurrence in a column counts: more in a short column, which says what a row is about, than in a long one.

use std::collections::HashMap;

use super::{B, Candidate, as_f64};
use crate::query::Found;

/// The usual number of words in a column of each kind. They are constants unless the caller knows better: an average over the
/// candidates would move every score when other rows are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lengths {
    /// Names, titles, subjects.
    pub title: f64,
    /// Summaries, addresses, descriptions in a list.
    pub summary: f64,
    /// Articles and messages.
    pub body: f64,
}

impl Default for Lengths {
    fn default() -> Self {
        Self { title: 6.0, summary: 25.0, body: 120.0 }
    }
}

/// Weights of columns by name, in any case, instead of those by kind.
#[derive(Debug, Clone, Default)]
pub struct Weights(HashMap<String, f64>);

impl Weights {
    /// Weights are held within 0.1 and 10.
    pub fn new<'a>(weights: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        let bounded =
            |(name, weight): (&str, f64)| (name.to_lowercase(), if weight > 0.1 { weight.min(10.0) } else { 0.1 });
        Self(weights.into_iter().map(bounded).collect())
    }
}

/// How to count in one column.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    weight: f64,
    average_length: f64,
}

impl Field {
    /// What one occurrence in a text of so many words counts.
    pub fn occurrence(&self, length: usize) -> f64 {
        self.weight / (1.0 - B + B * as_f64(length as u64) / self.average_length)
    }
}

/// Every name of a column among the candidates.
pub struct Fields(HashMap<String, Field>);

impl Fields {
    pub fn of(&self, name: &str) -> Field {
        let unknown = Field { weight: 1.0, average_length: Lengths::default().body };
        self.0.get(&name.to_lowercase()).copied().unwrap_or(unknown)
    }
}

/// The kind of each column, by its average length among all candidates.
pub fn fields(candidates: &[Candidate<'_>], found: &[Vec<Found>], lengths: &Lengths, weights: &Weights) -> Fields {
    let mut words: HashMap<String, (u64, u64)> = HashMap::new();
    for (candidate, found) in candidates.iter().zip(found) {
        for (column, found) in candidate.columns.iter().zip(found).filter(|(_, found)| found.length > 0) {
            let (rows, total) = words.entry(column.name.to_lowercase()).or_default();
            *rows += 1;
            *total += found.length as u64;
        }
    }
    let kinds = words.into_iter().map(|(name, (rows, total))| {
        let Field { weight, average_length } = by_length(rows, total, lengths);
        let weight = weights.0.get(&name).copied().unwrap_or(weight);
        (name, Field { weight, average_length: average_length.max(1.0) })
    });
    Fields(kinds.collect())
}

/// Three kinds, not a curve: so the weight stays what it is when a few more rows are found. A single short text does not yet
/// make a title; hence one more row of `DOUBT` words.
fn by_length(rows: u64, words: u64, lengths: &Lengths) -> Field {
    const DOUBT: f64 = 40.0;
    const TITLE_MAX: f64 = 15.0;
    const SUMMARY_MAX: f64 = 60.0;
    let average = (as_f64(words) + DOUBT) / (as_f64(rows) + 1.0);
    let (weight, average_length) = if average <= TITLE_MAX {
        (3.0, lengths.title)
    } else if average <= SUMMARY_MAX {
        (1.5, lengths.summary)
    } else {
        (1.0, lengths.body)
    };
    Field { weight, average_length }
}
