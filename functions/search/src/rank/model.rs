//! What is learnt from the best candidates of everything that is searched, and a row's score by it.

use crate::query::Terms;

use super::columns::{Fields, Weights};
use super::explain::{Counted, Explanation, Occurrences, TermScore};
use super::{B, COVERAGE_SHARE, K1, PROXIMITY_SHARE, Row, STEM_ONLY, as_f64, proximity};

/// A word such as "must" or "which" tells rows apart by chance only, however rare it is.
const FUNCTION_WORD: f64 = 0.1;
/// How far a share among candidates is pulled to one half: how many candidates a table sends, and how many of them hold a
/// term, depends on its size, so that the share is no more than an estimate.
const DOUBT: f64 = 0.1;

/// How much each term and each column counts. One model scores all pages of a search.
#[derive(Debug, Clone)]
pub struct Model {
    terms: Terms,
    /// For each term, in the order of [`Terms::list`].
    weights: Vec<TermWeight>,
    fields: Fields,
}

/// How much a term counts.
#[derive(Debug, Clone, Copy)]
pub struct TermWeight {
    /// How many of the candidates hold it.
    pub document_frequency: usize,
    /// How many candidates there are.
    pub documents: usize,
    /// How much it tells rows apart.
    pub rarity: f64,
    /// Its share of the query: rarity, less for a function word, or what feedback says.
    pub weight: f64,
}

impl Model {
    /// Learns from rows that hold something of the query.
    pub fn learn(terms: &Terms, rows: &[Row<'_>], weights: &Weights) -> Self {
        let weigh = |(nth, is_function): (usize, bool)| {
            let found = rows.iter().filter(|row| row.holds(nth)).count();
            let rarity = rarity(found, rows.len());
            let weight = if is_function { FUNCTION_WORD * rarity } else { rarity };
            TermWeight { document_frequency: found, documents: rows.len(), rarity, weight }
        };
        let functions = terms.list().iter().map(|term| term.is_function_word).enumerate();
        Self { terms: terms.clone(), weights: functions.map(weigh).collect(), fields: Fields::learn(rows, weights) }
    }

    /// The same with more terms: the query keeps `share` of the weight, and these have the rest among them.
    pub fn expanded(&self, share: f64, words: &[(String, f64)]) -> Self {
        let (own, added) = (total(&self.weights), words.iter().map(|(_, weight)| weight).sum::<f64>());
        if own <= 0.0 || added <= 0.0 {
            return self.clone();
        }
        let of_query = self.weights.iter().map(|term| TermWeight { weight: share * term.weight / own, ..*term });
        let of_feedback = words.iter().map(|(_, weight)| TermWeight {
            document_frequency: 0,
            documents: 0,
            rarity: 0.0,
            weight: (1.0 - share) * weight / added,
        });
        let terms = self.terms.with_stems(words.iter().map(|(stem, _)| stem.as_str()));
        Self { terms, weights: of_query.chain(of_feedback).collect(), fields: self.fields.clone() }
    }

    /// What rows have to be read for.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The score of a row that was read for [`Model::terms`], 0 to 1. `source` is its database's and table's share, 0 to 1.
    pub fn score(&self, row: &Row<'_>, source: f64) -> f64 {
        let Components { relevance, coverage, proximity } = self.components(row);
        let factor = |component: f64, share: f64| 1.0 - share + share * component;
        let score = relevance * factor(coverage, COVERAGE_SHARE) * factor(proximity, PROXIMITY_SHARE) * source;
        score.clamp(0.0, 1.0)
    }

    /// Everything that this score is made of.
    pub fn explain(&self, row: &Row<'_>, source: f64) -> Explanation {
        let Components { relevance, coverage, proximity } = self.components(row);
        let terms = (0..self.weights.len()).map(|term| self.explain_term(row, term)).collect();
        Explanation::new(relevance, coverage, proximity, source, terms)
    }

    fn components(&self, row: &Row<'_>) -> Components {
        let frequencies = (0..self.weights.len()).map(|term| self.frequency(row, term));
        let terms: Vec<(f64, f64)> = self.weights.iter().map(|term| term.weight).zip(frequencies).collect();
        let total = total(&self.weights);
        let share = |of: f64| if total > 0.0 { (of / total).min(1.0) } else { 0.0 };
        let held = terms.iter().filter(|(_, frequency)| *frequency > 0.0).map(|(weight, _)| weight).sum();
        Components {
            relevance: share(terms.iter().map(|(weight, frequency)| contribution(*weight, *frequency)).sum()),
            coverage: share(held),
            proximity: proximity::proximity(&row.found, &self.rarities(self.terms.of_query())),
        }
    }

    fn rarities(&self, of_query: usize) -> Vec<f64> {
        self.weights[..of_query].iter().map(|term| term.weight).collect()
    }

    /// The occurrences of a term, weighted by column and normalised by length.
    fn frequency(&self, row: &Row<'_>, term: usize) -> f64 {
        self.counted(row, term).map(|(_, counted)| counted.frequency()).sum()
    }

    /// The columns that hold a term, each with what it holds.
    fn counted<'r>(&'r self, row: &'r Row<'_>, term: usize) -> impl Iterator<Item = (&'r str, Counted)> {
        let columns = row.candidate.columns.iter().zip(&row.found);
        columns.filter_map(move |(column, found)| {
            let exact = found.hits.iter().filter(|hit| hit.term == term && hit.exact).count();
            let stems = found.hits.iter().filter(|hit| hit.term == term && !hit.exact).count();
            if exact + stems == 0 {
                return None;
            }
            let field = self.fields.of(row.candidate.table, column.name);
            let (words, length_norm) = (found.length, field.length_norm(found.length));
            Some((column.name, Counted { exact, stems, words, field_weight: field.weight, length_norm }))
        })
    }

    /// What one term adds, and why.
    fn explain_term(&self, row: &Row<'_>, term: usize) -> TermScore {
        let (known, frequency) = (self.weights[term], self.frequency(row, term));
        let of_column = |(column, counted): (&str, Counted)| Occurrences { column: column.to_owned(), counted };
        TermScore {
            term: self.terms.list()[term].key.clone(),
            document_frequency: known.document_frequency,
            documents: known.documents,
            rarity: known.rarity,
            weight: known.weight,
            occurrences: self.counted(row, term).map(of_column).collect(),
            frequency,
            contribution: contribution(known.weight, frequency),
        }
    }
}

/// What the score of a row is made of, without what its source counts.
struct Components {
    relevance: f64,
    coverage: f64,
    proximity: f64,
}

impl Counted {
    /// What they count together.
    fn frequency(&self) -> f64 {
        (as_f64(self.exact) + STEM_ONLY * as_f64(self.stems)) * self.field_weight / self.length_norm
    }
}

/// What a term of this weight adds: occurrences saturate.
fn contribution(weight: f64, frequency: f64) -> f64 {
    weight * frequency / (frequency + K1)
}

/// `1 − b + b × length / usual length`, of BM25.
pub fn length_norm(length: usize, usual: f64) -> f64 {
    1.0 - B + B * as_f64(length) / usual
}

/// The logarithm of the inverse of a share, after Spärck Jones, "A statistical interpretation of term specificity", 1972. Of
/// shares and not of counts, so that twice as many rows of the same kind change little.
pub fn rarity(found: usize, rows: usize) -> f64 {
    let share = (as_f64(found) + 1.0) / (as_f64(rows) + 2.0);
    (1.0 + 1.0 / (share + DOUBT * (0.5 - share))).ln()
}

fn total(weights: &[TermWeight]) -> f64 {
    weights.iter().map(|term| term.weight).sum()
}
