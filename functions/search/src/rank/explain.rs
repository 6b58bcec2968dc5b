//! Why a row has its score, with every number that it takes to compute it again.

use serde::Serialize;

use super::{B, COVERAGE_SHARE, K1, PROXIMITY_SHARE, STEM_ONLY};

/// `score = relevance × (1 − coverageShare + coverageShare × coverage) × (1 − proximityShare + proximityShare × proximity) ×
/// source`, where `relevance = Σ contribution / Σ weight`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// How much of the query's weight the row reaches, below 1.
    pub relevance: f64,
    /// The share of the query's weight that it holds at all.
    pub coverage: f64,
    /// How near to each other its terms stand.
    pub proximity: f64,
    /// What its database and its table count.
    pub source: f64,
    /// Each term of the query, and of what feedback has added.
    pub terms: Vec<TermScore>,
    constants: Constants,
}

/// `contribution = weight × frequency / (frequency + k1)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TermScore {
    /// The word, or the stem that feedback has added.
    pub term: String,
    /// How many candidates hold it; 0 for feedback, whose weight comes from elsewhere.
    pub document_frequency: usize,
    /// How many candidates there are.
    pub documents: usize,
    /// How much the term tells rows apart.
    pub rarity: f64,
    /// How much it counts.
    pub weight: f64,
    /// Where it stands.
    pub occurrences: Vec<Occurrences>,
    /// Its occurrences, weighted by column and normalised by length.
    pub frequency: f64,
    /// What it adds.
    pub contribution: f64,
}

/// `frequency = (exact + stemOnly × stems) × fieldWeight / lengthNorm`, summed over the columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Occurrences {
    /// The column.
    pub column: String,
    /// What stands there.
    #[serde(flatten)]
    pub counted: Counted,
}

/// What one column holds of one term.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// How often the very word stands there.
    pub exact: usize,
    /// How often another word of its stem does.
    pub stems: usize,
    /// Words of the column.
    pub words: usize,
    /// What an occurrence counts in this column.
    pub field_weight: f64,
    /// What it counts less for the column's length.
    pub length_norm: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Constants {
    k1: f64,
    b: f64,
    stem_only: f64,
    coverage_share: f64,
    proximity_share: f64,
}

impl Explanation {
    pub(super) fn new(relevance: f64, coverage: f64, proximity: f64, source: f64, terms: Vec<TermScore>) -> Self {
        let constants = Constants {
            k1: K1,
            b: B,
            stem_only: STEM_ONLY,
            coverage_share: COVERAGE_SHARE,
            proximity_share: PROXIMITY_SHARE,
        };
        Self { relevance, coverage, proximity, source, terms, constants }
    }
}
