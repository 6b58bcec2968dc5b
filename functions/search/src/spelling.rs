//! "Did you mean": other spellings for words that find nothing, out of what the searched tables hold.

mod near;

use std::collections::HashSet;

use serde::Serialize;
use shared::app::App;
use shared::databases::{Database, Ident, Lexis};
use tokio::time::Instant;

use crate::ask::Asked;
use crate::query::{Terms, tokens};
use crate::vocabulary::vocabularies;

use near::{distance_max, near};

/// The most spellings of one query that are offered.
const OFFERED_MAX: usize = 5;

/// Of a score, what the likeness of the words makes; the rest is how often the other word is met.
const LIKENESS_SHARE: f64 = 0.92;

/// Words with which a boolean query is made; never corrected, whatever they find.
const OPERATORS: [&str; 4] = ["AND", "OR", "NOT", "NEAR"];

/// Something else that could be asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// A whole query.
    pub text: String,
    /// 0 to 1.
    pub score: f64,
    /// Where it comes from.
    #[serde(rename = "type")]
    pub kind: SuggestionKind,
}

/// Where a suggestion comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SuggestionKind {
    /// It is asked for often, or stands in many rows.
    Popular,
    /// It is spelt nearly like what was asked.
    Spelling,
}

/// Words of a query that nothing was found with, and where another spelling may be looked for.
pub struct Doubts<'a> {
    words: Vec<String>,
    searched: Vec<(&'a Database, Vec<Ident>)>,
}

impl<'a> Doubts<'a> {
    /// What is doubtful of a query; none where every word was found, or nothing was searched. Pure: it goes by the rows
    /// that were found, and by no other.
    pub fn of(databases: &[&'a Database], asked: &[Asked], terms: &Terms) -> Option<Self> {
        let tables = |asked: &Asked| asked.tables.iter().map(|table| table.plan.table.name.clone()).collect::<Vec<_>>();
        let searched = databases.iter().zip(asked).map(|(database, asked)| (*database, tables(asked)));
        let searched: Vec<_> = searched.filter(|(_, tables)| !tables.is_empty()).collect();
        let words = if searched.is_empty() { Vec::new() } else { missing(asked, terms) };
        (!words.is_empty()).then_some(Self { words, searched })
    }

    /// Other spellings of the query, the best first. It reads the vocabularies, or learns them in what is left of the search.
    pub async fn spellings(&self, app: &App, query: &str, ends: Instant) -> Vec<Suggestion> {
        let databases: Vec<&Database> = self.searched.iter().map(|(database, _)| *database).collect();
        let known = vocabularies(app, &databases, ends).await;
        let each = self.searched.iter().zip(&known);
        let tables = each.flat_map(|((_, names), known)| {
            known.iter().flat_map(|known| &known.tables).filter(|lexis| names.contains(&lexis.table))
        });
        spellings(query, &self.words, &tables.collect::<Vec<_>>())
    }
}

/// The words looked for that no row holds which was found. Those that an index can not hold are told elsewhere.
fn missing(asked: &[Asked], terms: &Terms) -> Vec<String> {
    let (mut left, mut finder): (HashSet<usize>, _) = ((0..terms.list().len()).collect(), terms.finder());
    let hits = asked.iter().flat_map(|asked| asked.tables.iter().map(|table| (asked.language, &table.hits)));
    let texts = hits.flat_map(|(language, hits)| hits.iter().map(move |hit| (language, &hit.texts)));
    for (language, text) in texts.flat_map(|(language, texts)| texts.iter().map(move |text| (language, text))) {
        if left.is_empty() {
            return Vec::new();
        }
        let found = finder.find(&tokens(text).collect::<Vec<_>>(), language);
        for hit in found.hits {
            left.remove(&hit.term);
        }
    }
    let demoted = || asked.iter().flat_map(|asked| &asked.demoted).flat_map(|demoted| tokens(&demoted.word));
    let is_demoted = |key: &str| demoted().any(|token| token.key == key);
    let mut left: Vec<usize> = left.into_iter().filter(|term| !is_demoted(&terms.list()[*term].key)).collect();
    left.sort_unstable();
    left.into_iter().map(|term| terms.list()[term].key.clone()).collect()
}

/// The query with each of these words in its best other spelling; and, where only one has any, with each of its others.
pub fn spellings(query: &str, words: &[String], tables: &[&Lexis]) -> Vec<Suggestion> {
    let candidates = words.iter().map(|word| (word.as_str(), candidates(word, tables)));
    let candidates: Vec<(&str, Vec<Candidate>)> = candidates.filter(|(_, others)| !others.is_empty()).collect();
    let offered = match candidates.as_slice() {
        [] => return Vec::new(),
        [(_, others)] => others.len().min(OFFERED_MAX),
        _ => 1,
    };
    let nth = |nth: usize| {
        let chosen: Vec<(&str, &Candidate)> = candidates.iter().map(|(word, others)| (*word, &others[nth])).collect();
        let score = chosen.iter().map(|(_, candidate)| candidate.score).product();
        Suggestion { text: replaced(query, &chosen), score, kind: SuggestionKind::Spelling }
    };
    (0..offered).map(nth).filter(|suggestion| suggestion.text != query).collect()
}

/// Another spelling of a word.
struct Candidate {
    text: String,
    score: f64,
}

/// The best spellings of a word, or none for a word that the tables hold.
fn candidates(word: &str, tables: &[&Lexis]) -> Vec<Candidate> {
    if tables.iter().any(|lexis| lexis.count(word).is_some()) {
        return Vec::new();
    }
    let most_met = tables.iter().flat_map(|lexis| &lexis.words).map(|entry| entry.count).max().unwrap_or(1);
    let mut found: Vec<Candidate> = Vec::new();
    let mut offer = |text: String, distance: usize, count: u32| {
        let score = score(word, distance, f64::from(count) / f64::from(most_met.max(1)));
        match found.iter_mut().find(|candidate| candidate.text == text) {
            Some(known) => known.score = known.score.max(score),
            None => found.push(Candidate { text, score }),
        }
    };
    for lexis in tables {
        for near in near(&lexis.words, word, distance_max(word)) {
            offer(near.entry.text().to_owned(), near.distance, near.entry.count);
        }
        for (first, second, count) in parts(word, lexis) {
            offer(format!("{first} {second}"), 1, count);
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.text.cmp(&b.text)));
    found
}

/// The two words of a table that were written without the blank between them.
fn parts<'a>(word: &'a str, lexis: &Lexis) -> impl Iterator<Item = (&'a str, &'a str, u32)> {
    let splits = word.char_indices().skip(3).map(|(at, _)| word.split_at(at));
    splits.filter_map(|(first, second)| Some((first, second, lexis.count(first)?.min(lexis.count(second)?))))
}

/// 0 to 1: a step in a long word is less than one in a short word, and of equally near words the one that is met most is
/// the likeliest.
fn score(word: &str, distance: usize, share: f64) -> f64 {
    let (steps, letters) = (small(distance), small(word.chars().count()));
    let likeness = 1.0 - steps / (letters + 1.0);
    let frequency = (1.0 + 99.0 * share).ln() / 100.0_f64.ln();
    (LIKENESS_SHARE * likeness + (1.0 - LIKENESS_SHARE) * frequency).clamp(0.0, 1.0)
}

/// A length of a word is far below 2¹⁶.
fn small(length: usize) -> f64 {
    f64::from(u16::try_from(length).unwrap_or(u16::MAX))
}

/// The query with other words in the place of these; all else stays as it was written.
fn replaced(query: &str, chosen: &[(&str, &Candidate)]) -> String {
    let (mut text, mut rest) = (String::new(), 0);
    for token in tokens(query).filter(|token| !OPERATORS.contains(&&query[token.start..token.end])) {
        if let Some((_, candidate)) = chosen.iter().find(|(word, _)| *word == token.key) {
            text.push_str(&query[rest..token.start]);
            text.push_str(&candidate.text);
            rest = token.end;
        }
    }
    text.push_str(&query[rest..]);
    text
}

#[cfg(test)]
mod tests;
