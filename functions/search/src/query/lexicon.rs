//! Which words a server's index holds.

use std::collections::HashSet;

use super::tree::Word;
use super::words::key;

/// `InnoDB`'s own list, the same on MySQL and MariaDB: 36 rows there, for it holds "the" twice.
const STOPWORDS: &str = "a about an are as at be by com de en for from how i in is it la of on or that the this to was what when \
                         where who will with und www";
/// No server can be told to keep longer words.
const TOKEN_SIZE_CEILING: usize = 84;

/// The settings of one server that decide it. A word is *demoted* when its index can not hold it: never required, left out
/// of the text that is sent, and named in the answer.
#[derive(Debug, Clone)]
pub struct Lexicon {
    token_size_min: usize,
    token_size_max: usize,
    stopwords: HashSet<String>,
}

/// A word that the index can not find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demoted {
    /// As the caller wrote it.
    pub word: String,
    /// What the server holds against it.
    pub reason: Reason,
}

/// Why an index does not hold a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Fewer characters than `innodb_ft_min_token_size`.
    TooShort,
    /// More characters than `innodb_ft_max_token_size`.
    TooLong,
    /// On the server's list.
    Stopword,
}

impl Lexicon {
    /// Sizes in characters, both inclusive; stopwords in any case.
    pub fn new<'a>(token_size_min: usize, token_size_max: usize, stopwords: impl IntoIterator<Item = &'a str>) -> Self {
        let stopwords = stopwords.into_iter().map(|word| key(word).into_owned()).collect();
        Self { token_size_min, token_size_max: token_size_max.min(TOKEN_SIZE_CEILING), stopwords }
    }

    /// Sizes as in [`Lexicon::new`], with the list that `InnoDB` has when nobody has given it another.
    pub fn with_built_in_stopwords(token_size_min: usize, token_size_max: usize) -> Self {
        Self::new(token_size_min, token_size_max, STOPWORDS.split_whitespace())
    }

    /// What a server does that nobody configured.
    #[cfg(test)]
    pub fn innodb_default() -> Self {
        Self::with_built_in_stopwords(3, TOKEN_SIZE_CEILING)
    }

    pub(super) fn objection(&self, word: &Word) -> Option<Reason> {
        let size = word.spelling.chars().count();
        if size < self.token_size_min {
            Some(Reason::TooShort)
        } else if size > self.token_size_max {
            Some(Reason::TooLong)
        } else {
            self.stopwords.contains(&word.key).then_some(Reason::Stopword)
        }
    }

    /// Prefixes are compared with whole words of the index: short ones and stopwords work, as measured.
    pub(super) fn objection_to_prefix(&self, prefix: &Word) -> Option<Reason> {
        let size = prefix.spelling.chars().count();
        (size > self.token_size_max).then_some(Reason::TooLong)
    }

    /// Whether the index holds every word that begins so.
    pub(super) fn holds_all_from(&self, prefix: &Word) -> bool {
        let long_enough = prefix.spelling.chars().count() >= self.token_size_min;
        long_enough && !self.stopwords.iter().any(|word| word.starts_with(&prefix.key))
    }
}

/// Words that say nothing about what a text is about.
pub fn is_function_word(key: &str) -> bool {
    STOPWORDS.split_whitespace().any(|word| word == key)
}
