//! What rows are scored by, and where it stands in their texts.

use std::ops::Range;

use shared::databases::Language;

use super::evaluate::{holds_phrase, phrase_spans};
use super::glossary::Glossary;
use super::language::{Stems, is_function_word_of, keep_first_letters};
use super::lexicon::is_stopword;
use super::tree::{Node, Phrase, Word};
use super::words::{Token, is_unsegmented};

/// A word looked for. Rows are also scored by words of the same stem (`zebras` for `zebra`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As tokens are compared; a frequency is looked up by it.
    pub key: String,
    /// In each of [`Terms::languages`]. Nothing for a prefix: any word that begins with the key is a hit.
    stem: Option<Vec<String>>,
    /// Whether it was only ever written inside of phrases.
    bound: bool,
    /// Whether it only makes sentences, and says little about a row.
    pub is_function_word: bool,
}

/// The terms of a query, each once, and the phrases they make.
#[derive(Debug, Clone)]
pub struct Terms {
    list: Vec<Term>,
    /// How many of them the query itself has; the others were added by feedback.
    of_query: usize,
    sequences: Vec<Phrase>,
    /// Of the databases that are searched: a word of a row is one of another form where it is in the language of that row.
    languages: Vec<Language>,
}

/// A place where a term stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Which one of [`Terms::list`].
    pub term: usize,
    /// As it was written, not merely of the same stem.
    pub exact: bool,
    /// Words before it.
    pub nth: usize,
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// What one text holds of a query.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// In the order of the text.
    pub hits: Vec<Hit>,
    /// For each phrase or compound of the query, whether the text holds it.
    pub sequences: Vec<bool>,
    /// Words in the text.
    pub length: usize,
}

/// Looks for terms in the texts of a search.
pub struct Finder<'a> {
    terms: &'a Terms,
    known: Glossary<'a, Vec<(usize, bool)>>,
}

impl Terms {
    pub(super) fn collect(root: &Node, compounds: &[Vec<Word>], languages: &[Language]) -> Self {
        let mut terms = Self { list: Vec::new(), of_query: 0, sequences: Vec::new(), languages: languages.to_vec() };
        let stems: Vec<Stems> = languages.iter().map(|language| Stems::of(*language)).collect();
        terms.add(root, &stems);
        for words in compounds {
            terms.sequences.push(Phrase { words: words.clone(), within: None });
        }
        // "The art of war" is about two words; "to be or not to be" has nothing else.
        if terms.list.iter().any(|term| !is_stopword(&term.key)) {
            terms.list.retain(|term| term.stem.is_none() || !is_stopword(&term.key));
        }
        terms.of_query = terms.list.len();
        terms
    }

    /// In the order of the query.
    pub fn list(&self) -> &[Term] {
        &self.list
    }

    /// How many of [`Terms::list`] the query itself has: the first ones.
    pub fn of_query(&self) -> usize {
        self.of_query
    }

    /// The same with stems that the query does not have. A stem that it has is not looked for twice.
    pub fn with_stems<'s>(&self, stems: impl Iterator<Item = &'s str>) -> Self {
        let added = stems.map(|stem| Term {
            key: stem.to_owned(),
            stem: Some(vec![stem.to_owned(); self.languages.len()]),
            bound: false,
            is_function_word: false,
        });
        Self { list: self.list.iter().cloned().chain(added).collect(), ..self.clone() }
    }

    /// Looks for them in texts.
    pub fn finder(&self) -> Finder<'_> {
        Finder { terms: self, known: Glossary::default() }
    }

    /// Whether a word may be one of them: by its first letter, where a stem keeps that. Most words of a text are none.
    fn may_be_hit_by(&self, token: &Token<'_>, language: Language) -> bool {
        let first = token.key.as_bytes().first();
        let may_be = |term: &Term| term.key.as_bytes().first() == first || is_unsegmented(&term.key);
        !keep_first_letters(language) || self.list.iter().any(may_be)
    }

    /// Which of them a word is, and whether exactly.
    fn hit_by(&self, token: &Token<'_>, stems: &Stems) -> Vec<(usize, bool)> {
        let place = self.languages.iter().position(|known| *known == stems.language());
        let stem = stems.stem(token.spelling, &token.key);
        let hits = self.list.iter().map(|term| term.hit_by(&token.key, (&stem, place))).enumerate();
        hits.filter_map(|(term, exact)| Some((term, exact?))).collect()
    }

    fn add(&mut self, node: &Node, stems: &[Stems]) {
        match node {
            Node::Word(word) => self.add_word(word, false, stems),
            Node::Prefix(word) => {
                self.push(Term { key: word.key.clone(), stem: None, bound: false, is_function_word: false });
            }
            Node::Stem(_) => {}
            Node::Phrase(phrase) => {
                phrase.words.iter().for_each(|word| self.add_word(word, true, stems));
                self.sequences.push(phrase.clone());
            }
            Node::Group(group) => group.must.iter().chain(&group.should).for_each(|node| self.add(node, stems)),
        }
    }

    fn add_word(&mut self, word: &Word, bound: bool, stems: &[Stems]) {
        let stem = stems.iter().map(|stems| stems.stem(&word.spelling, &word.key).into_owned()).collect();
        let is_function_word = self.languages.iter().any(|language| is_function_word_of(*language, &word.key));
        self.push(Term { key: word.key.clone(), stem: Some(stem), bound, is_function_word });
    }

    /// `zebra zebras` is one term: the first.
    fn push(&mut self, term: Term) {
        let is_same = |known: &&mut Term| known.stem == term.stem && (term.stem.is_some() || known.key == term.key);
        match self.list.iter_mut().find(is_same) {
            Some(known) => known.bound &= term.bound,
            None => self.list.push(term),
        }
    }
}

impl<'a> Finder<'a> {
    /// Where the terms stand in a text of this language.
    pub fn find(&mut self, tokens: &[Token<'a>], language: Language) -> Found {
        let mut hits = Vec::new();
        let may_be_hits = |(_, token): &(usize, &Token<'_>)| self.terms.may_be_hit_by(token, language);
        for (nth, token) in tokens.iter().enumerate().filter(may_be_hits) {
            for &(term, exact) in self.known.of(token, language, |stems| self.terms.hit_by(token, stems)) {
                let (start, end) = token.span_of(&self.terms.list[term].key);
                hits.push(Hit { term, exact, nth, start, end });
            }
        }
        let sequences = self.terms.sequences.iter().map(|sequence| holds_phrase(sequence, tokens)).collect();
        Found { hits, sequences, length: tokens.len() }
    }

    /// The hits that a person would call one: of a phrase only all of its words together.
    pub fn find_whole(&mut self, tokens: &[Token<'a>], language: Language) -> Vec<Hit> {
        let Terms { list, sequences, .. } = self.terms;
        let spans: Vec<Range<usize>> = sequences.iter().flat_map(|phrase| phrase_spans(phrase, tokens)).collect();
        let is_whole =
            |hit: &Hit| !list[hit.term].bound || hit.exact && spans.iter().any(|span| span.contains(&hit.nth));
        self.find(tokens, language).hits.into_iter().filter(is_whole).collect()
    }
}

impl Term {
    /// Nothing for another word; otherwise whether it is exactly this one. The stem is one of the language in this place.
    fn hit_by(&self, key: &str, (stem, place): (&str, Option<usize>)) -> Option<bool> {
        match &self.stem {
            None => key.starts_with(&self.key).then_some(true),
            Some(own) if key == self.key || place.is_some_and(|place| own[place] == stem) => Some(key == self.key),
            Some(_) if is_unsegmented(&self.key) && key.contains(&self.key) => Some(true),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::databases::Language;

    use crate::query::{Query, QueryError, tokens};

    #[test]
    fn terms_are_the_words_looked_for_each_once() -> Result<(), QueryError> {
        let terms = Query::boolean("+zebras zebra -horse (cross* \"the of\" AND goat)")?.terms(&[Language::English]);
        let keys: Vec<&str> = terms.list().iter().map(|term| term.key.as_str()).collect();
        assert_eq!(keys, ["zebras", "cross", "goat"]);
        Ok(())
    }

    #[test]
    fn a_stem_and_a_prefix_find_words_that_were_not_written() -> Result<(), QueryError> {
        let terms = Query::boolean("zebras cross*")?.terms(&[Language::English]);
        let tokens: Vec<_> = tokens("A Zebra crossing; zebras.").collect();
        let hits: Vec<(usize, bool, usize)> = terms
            .finder()
            .find(&tokens, Language::English)
            .hits
            .iter()
            .map(|hit| (hit.term, hit.exact, hit.nth))
            .collect();
        assert_eq!(hits, [(0, false, 1), (1, true, 2), (0, true, 3)]);
        Ok(())
    }

    #[test]
    fn of_a_phrase_only_the_whole_is_shown_and_of_a_word_every_place() -> Result<(), QueryError> {
        let shown = |query: &str, text: &str| -> Result<Vec<usize>, QueryError> {
            let terms = Query::boolean(query)?.terms(&[Language::English]);
            let hits = terms.finder().find_whole(&tokens(text).collect::<Vec<_>>(), Language::English);
            Ok(hits.iter().map(|hit| hit.nth).collect())
        };
        assert_eq!(shown("\"zebra crossing\"", "zebra, a zebra crossing, crossing")?, [2, 3]);
        assert_eq!(shown("\"zebra crossing\" zebra", "zebra, a zebra crossing, crossing")?, [0, 2, 3]);
        assert_eq!(shown("\"zebra crossing\"~3", "zebra zebra a crossing")?, [1, 3]);
        assert_eq!(shown("cross* zebras", "a zebra crossing")?, [1, 2]);
        Ok(())
    }

    #[test]
    fn what_was_written_as_one_is_looked_for_side_by_side() -> Result<(), QueryError> {
        let terms = Query::natural("node.js tutorial")?.terms(&[Language::English]);
        let found = |text: &str| terms.finder().find(&tokens(text).collect::<Vec<_>>(), Language::English).sequences;
        assert_eq!(found("a Node.js tutorial"), [true]);
        assert_eq!(found("js for a node"), [false]);
        Ok(())
    }
}
