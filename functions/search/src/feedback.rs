//! Semantic order where no provider gives one: feedback from the best candidates.
//!
//! What else the best rows are about stands for the meaning of the query: their most telling words join it with a part of
//! the weight, and all candidates are scored anew. It reads nothing more from any database. After the relevance model RM3
//! (Abdul-Jaleel et al., "`UMass` at TREC 2004: Novelty and HARD", 2004; Lavrenko and Croft, "Relevance-based language
//! models", 2001), with rows in the place of documents and their scores in the place of likelihoods.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use crate::query::tokens;
use crate::query::{Glossary, Stems, is_function_word};
use crate::rank::{Candidate, Model, Row, as_f64, rarity};

/// How many of the best rows are believed.
const ROWS: usize = 10;
/// How many of their words join the query.
const WORDS: usize = 20;
/// What the query keeps of the weight.
const QUERY_SHARE: f64 = 0.5;

/// The model with what the best rows add to the query. `scores` are the rows' own, by the model.
pub fn feedback(model: &Model, rows: &[Row<'_>], scores: &[f64]) -> Model {
    let mut best: Vec<usize> = (0..rows.len()).filter(|row| scores[*row] > 0.0).collect();
    best.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    best.truncate(ROWS);
    if best.len() < 2 {
        return model.clone();
    }
    let mut known = Glossary::default();
    let stems: Vec<Vec<Rc<str>>> = rows.iter().map(|row| stems(&row.candidate, &mut known)).collect();
    let among_all = holders(stems.iter());
    let among_best = holders(best.iter().map(|row| &stems[*row]));
    let mut weights: BTreeMap<&str, f64> = BTreeMap::new();
    for row in &best {
        for stem in &stems[*row] {
            *weights.entry(stem).or_default() += scores[*row] / as_f64(stems[*row].len());
        }
    }
    // A word of a single row is that row's own.
    weights.retain(|word, _| among_best.get(word).is_some_and(|rows| *rows > 1));
    let weigh = |(word, weight): (&str, f64)| {
        let found = among_all.get(word).copied().unwrap_or_default();
        (word.to_owned(), weight * rarity(found, rows.len()))
    };
    let mut words: Vec<(String, f64)> = weights.into_iter().map(weigh).collect();
    words.sort_by(|a, b| b.1.total_cmp(&a.1));
    words.truncate(WORDS);
    model.expanded(QUERY_SHARE, &words)
}

/// How many rows hold each stem.
fn holders<'a>(rows: impl Iterator<Item = &'a Vec<Rc<str>>>) -> HashMap<&'a str, usize> {
    let mut holders = HashMap::new();
    for row in rows {
        let distinct: HashSet<&str> = row.iter().map(|stem| &**stem).collect();
        for stem in distinct {
            *holders.entry(stem).or_default() += 1;
        }
    }
    holders
}

/// Of the words that say something.
fn stems<'a>(candidate: &Candidate<'a>, known: &mut Glossary<'a, Rc<str>>) -> Vec<Rc<str>> {
    let texts = candidate.columns.iter().flat_map(|column| tokens(column.text));
    let says_something =
        |key: &str| key.chars().count() > 2 && !is_function_word(key) && !key.bytes().all(|b| b.is_ascii_digit());
    texts
        .filter(|token| says_something(&token.key))
        .map(|token| {
            let stem = |stems: &Stems| Rc::from(&*stems.stem(token.spelling, &token.key));
            Rc::clone(known.of(&token, candidate.language, stem))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use shared::databases::Language;

    use super::*;
    use crate::query::Query;
    use crate::rank::{Column, Weights};

    #[test]
    fn what_the_best_rows_are_about_lifts_others_about_it() {
        let texts = [
            "zebra stripes savanna herd",
            "zebra zebra savanna herd grass",
            "a zebra near the savanna herd",
            "zebra crossing for cars in the town",
            "zebra savanna herd and grass of plains",
        ];
        let candidates: Vec<Candidate<'_>> = texts
            .iter()
            .map(|text| Candidate {
                table: "t",
                language: Language::English,
                columns: vec![Column { name: "body", text }],
            })
            .collect();
        let scores = |model: &Model| -> Vec<f64> {
            let mut finder = model.terms().finder();
            let rows = candidates.iter().map(|candidate| Row::read(&mut finder, candidate.clone()));
            rows.map(|row| model.score(&row, 1.0)).collect()
        };
        let terms = Query::natural("zebra").unwrap().terms(&[Language::English]);
        let mut finder = terms.finder();
        let rows: Vec<Row<'_>> = candidates.iter().map(|candidate| Row::read(&mut finder, candidate.clone())).collect();
        let model = Model::learn(&terms, &rows, &Weights::default());
        let before = scores(&model);
        let after = scores(&feedback(&model, &rows, &before));
        assert!((before[3] - before[4]).abs() < 1e-9 && after[4] > after[3], "{before:?} {after:?}");
        assert!(after.iter().all(|score| (0.0..1.0).contains(score)));
    }
}
