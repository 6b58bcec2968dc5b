//! Which words a server's index holds.

use std::collections::HashSet;
use std::sync::Arc;

use shared::databases::Stopwords;

use super::tree::Word;
use super::words::key;

/// What `MyISAM` and Aria leave out where `ft_stopword_file` names no other list, as measured word by word on MariaDB 10.11. Words of
/// fewer than four letters are too short for them unless an operator says otherwise.
const MYISAM_STOPWORDS: &str = include_str!("myisam_stopwords.txt");

/// No server can be told to keep longer words.
const TOKEN_SIZE_CEILING: usize = 84;

/// What decides it: settings of the server, and who cuts the texts of the index into words. A word is *demoted* when the index can
/// not hold it: never required, left out of the text that is sent, and named in the answer.
#[derive(Debug, Clone)]
pub struct Lexicon {
    token_size_min: usize,
    token_size_max: usize,
    stopwords: Arc<HashSet<String>>,
    kind: Kind,
}

/// Who cuts texts into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `InnoDB`, where no letter or digit stands.
    InnoDb,
    /// `MyISAM` or Aria, who know no windows.
    MyIsam,
    /// The parser `ngram`, into pieces of this many characters that overlap. A search for a word is a search for all of its pieces
    /// side by side (MySQL manual, "ngram Full-Text Parser").
    Grams(usize),
    /// A parser or an engine that cuts texts by rules of its own.
    Other,
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
    /// Its script has no blanks between words, and the parser cuts at blanks: only the whole between two blanks is found, and what
    /// begins with the word.
    Unsegmented,
}

impl Lexicon {
    /// Sizes in characters, both inclusive; stopwords in any case.
    pub fn new<'a>(token_size_min: usize, token_size_max: usize, stopwords: impl IntoIterator<Item = &'a str>) -> Self {
        let stopwords = stopwords.into_iter().map(|word| key(word).into_owned()).collect();
        let token_size_max = token_size_max.min(TOKEN_SIZE_CEILING);
        Self { token_size_min, token_size_max, stopwords: Arc::new(stopwords), kind: Kind::InnoDb }
    }

    /// What a table of `MyISAM` or Aria holds: words of at least `ft_min_word_len` characters that are not on its own list.
    pub fn of_myisam(word_length_min: usize) -> Self {
        let stopwords = MYISAM_STOPWORDS.split_whitespace();
        Self { kind: Kind::MyIsam, ..Self::new(word_length_min, TOKEN_SIZE_CEILING, stopwords) }
    }

    /// What an index with the parser `ngram` holds on the same server.
    #[must_use]
    pub fn of_grams(&self, size: usize) -> Self {
        // The sizes of tokens are not looked at, stopwords are (MySQL manual, "ngram Full-Text Parser").
        Self { token_size_min: size, token_size_max: TOKEN_SIZE_CEILING, kind: Kind::Grams(size), ..self.clone() }
    }

    /// What a parser or an engine holds of which nothing is known: all words, as far as we can tell.
    pub fn of_everything() -> Self {
        Self { kind: Kind::Other, ..Self::new(1, TOKEN_SIZE_CEILING, []) }
    }

    /// Sizes as in [`Lexicon::new`], with the list that `InnoDB` has when nobody has given it another.
    pub fn with_built_in_stopwords(token_size_min: usize, token_size_max: usize) -> Self {
        Self::new(token_size_min, token_size_max, Stopwords::BUILT_IN.split_whitespace())
    }

    /// What a server does that nobody configured.
    pub fn innodb_default() -> Self {
        Self::with_built_in_stopwords(3, TOKEN_SIZE_CEILING)
    }

    /// Why the index can not find a word at all.
    pub(super) fn objection(&self, word: &Word) -> Option<Reason> {
        let size = word.spelling.chars().count();
        if size < self.token_size_min && !(self.cuts_scripts() && word.is_unsegmented()) {
            Some(Reason::TooShort)
        } else if size > self.token_size_max {
            Some(Reason::TooLong)
        } else {
            self.is_left_out(word).then_some(Reason::Stopword)
        }
    }

    /// Why it finds a word only where that begins what the index holds as one.
    pub(super) fn objection_inside(&self, word: &Word) -> Option<Reason> {
        match self.kind {
            Kind::InnoDb | Kind::MyIsam => word.is_unsegmented().then_some(Reason::Unsegmented),
            Kind::Grams(size) => (word.spelling.chars().count() < size).then_some(Reason::TooShort),
            Kind::Other => None,
        }
    }

    /// Prefixes are compared with whole words of the index: short ones and stopwords work, as measured. The parser `ngram` cuts the
    /// long ones up, like words.
    pub(super) fn objection_to_prefix(&self, prefix: &Word) -> Option<Reason> {
        let size = prefix.spelling.chars().count();
        if size > self.token_size_max {
            return Some(Reason::TooLong);
        }
        let is_cut = matches!(self.kind, Kind::Grams(grams) if size >= grams);
        (is_cut && self.is_left_out(prefix)).then_some(Reason::Stopword)
    }

    /// Whether a word in the text that is sent finds that word only, and not also longer ones around it.
    pub(super) fn finds_whole_words(&self) -> bool {
        matches!(self.kind, Kind::InnoDb | Kind::MyIsam)
    }

    /// Whether `"…" @number` means anything to the server.
    pub(super) fn knows_windows(&self) -> bool {
        self.kind == Kind::InnoDb
    }

    /// Whether the words of scripts without blanks are no matter of length.
    fn cuts_scripts(&self) -> bool {
        self.kind != Kind::Other
    }

    /// On the list; of a word that is cut up, whether all of its pieces hold one from the list (MySQL 9.7: `data` finds nothing, and
    /// `database` what holds `se`).
    fn is_left_out(&self, word: &Word) -> bool {
        let Kind::Grams(size) = self.kind else { return self.stopwords.contains(&word.key) };
        let letters: Vec<char> = word.key.chars().collect();
        let is_left_out = |gram: &[char]| {
            let gram: String = gram.iter().collect();
            self.stopwords.iter().any(|stopword| gram.contains(stopword))
        };
        letters.len() >= size && letters.windows(size.max(1)).all(is_left_out)
    }

    /// Whether the index holds every word that begins so.
    pub(super) fn holds_all_from(&self, prefix: &Word) -> bool {
        let long_enough = prefix.spelling.chars().count() >= self.token_size_min;
        self.finds_whole_words() && long_enough && !self.stopwords.iter().any(|word| word.starts_with(&prefix.key))
    }
}

/// Whether a server that nobody has configured leaves a word out.
pub(super) fn is_stopword(key: &str) -> bool {
    Stopwords::BuiltIn.has(key)
}
