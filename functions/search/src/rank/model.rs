//! What is learnt from the best candidates of everything that is searched, and a row's score by it.

use crate::query::{Found, Terms};

use super::columns::{Fields, Weights};
use super::explain::{Explanation, Occurrences, TermScore};
use super::{B, COVERAGE_SHARE, K1, PROXIMITY_SHARE, Ranked, Row, STEM_ONLY, as_f64, proximity};

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

    /// Scores a row that was read for [`Model::terms`]. `source` is its database's and table's share, 0 to 1.
    pub fn score(&self, row: &Row<'_>, source: f64) -> Ranked {
        let terms: Vec<TermScore> = (0..self.weights.len()).map(|term| self.term(row, term)).collect();
        let total = total(&self.weights);
        let share = |of: f64| if total > 0.0 { (of / total).min(1.0) } else { 0.0 };
        let relevance = share(terms.iter().map(|term| term.contribution).sum());
        let held = terms.iter().filter(|term| term.frequency > 0.0).map(|term| term.weight).sum();
        let of_query = self.terms.of_query();
        let proximity = proximity::proximity(&row.found, &self.rarities(of_query));
        let coverage = share(held);
        let factor = |component: f64, share: f64| 1.0 - share + share * component;
        let score = relevance * factor(coverage, COVERAGE_SHARE) * factor(proximity, PROXIMITY_SHARE) * source;
        let is_matched = |found: &Found| found.hits.iter().any(|hit| hit.term < of_query);
        Ranked {
            score: score.clamp(0.0, 1.0),
            matched_columns: (0..row.found.len()).filter(|column| is_matched(&row.found[*column])).collect(),
            explanation: Explanation::new(relevance, coverage, proximity, source, terms),
        }
    }

    fn rarities(&self, of_query: usize) -> Vec<f64> {
        self.weights[..of_query].iter().map(|term| term.weight).collect()
    }

    /// What one term adds.
    fn term(&self, row: &Row<'_>, term: usize) -> TermScore {
        let columns = row.candidate.columns.iter().zip(&row.found);
        let occurrences: Vec<Occurrences> = columns
            .filter_map(|(column, found)| {
                let exact = found.hits.iter().filter(|hit| hit.term == term && hit.exact).count();
                let stems = found.hits.iter().filter(|hit| hit.term == term && !hit.exact).count();
                let field = self.fields.of(row.candidate.table, column.name);
                (exact + stems > 0).then(|| Occurrences {
                    column: column.name.to_owned(),
                    exact,
                    stems,
                    words: found.length,
                    field_weight: field.weight,
                    length_norm: field.length_norm(found.length),
                })
            })
            .collect();
        let frequency: f64 = occurrences.iter().map(Occurrences::frequency).sum();
        let known = self.weights[term];
        TermScore {
            term: self.terms.list()[term].key.clone(),
            document_frequency: known.document_frequency,
            documents: known.documents,
            rarity: known.rarity,
            weight: known.weight,
            occurrences,
            frequency,
            contribution: known.weight * frequency / (frequency + K1),
        }
    }
}

impl Occurrences {
    /// What they count together.
    fn frequency(&self) -> f64 {
        (as_f64(self.exact) + STEM_ONLY * as_f64(self.stems)) * self.field_weight / self.length_norm
    }
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
