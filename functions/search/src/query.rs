//! Our own query language: read here, and only here, into a tree; the tree writes MySQL's boolean text, checks rows and names
//! the terms that rows are scored by. No input ever reaches MySQL's own parser, which refuses 28 of 70 ordinary strings.
//!
//! Boolean mode, from the loosest binding to the tightest:
//!
//! ```text
//! query   = clause { clause } ;                 side by side: optional each, as in MySQL
//! clause  = chain ;                             a `+` anywhere in a chain makes the whole chain required
//! chain   = all { "OR" all } ;                  upper case; one of them
//! all     = operand { "AND" operand } ;         all of them; binds tighter than OR
//! operand = [ "+" | "-" | "NOT" ] near ;        one sign, touching what it signs; `-` and NOT exclude
//! near    = item { "NEAR/" number item } ;      single words only, in any order
//! item    = word | prefix | phrase | "(" query ")" ;
//! word    = letters, digits, "_" ;              other characters separate: `node.js` is the phrase "node js"
//! prefix  = word "*" ;                          a `*` elsewhere is punctuation
//! phrase  = '"' { word } '"' [ "~" number | "@" number ] ;
//! ```
//!
//! A number after a phrase or in NEAR is the size of a window, in words, that holds all of its words in any order; it means what
//! `"…" @number` means to MySQL. In natural mode everything is optional, quotes still make phrases, and every other sign is
//! punctuation.

mod evaluate;
mod forms;
mod glossary;
mod inflection;
mod language;
mod legal;
mod lex;
mod lexicon;
mod parse;
mod render;
mod scan;
mod statement;
mod terms;
mod tree;
mod words;

pub use glossary::Glossary;
pub use language::{Stems, is_function_word};
pub use legal::fault;
pub use lexicon::{Demoted, Lexicon, Reason};
pub use scan::{ESCAPE, Scan};
pub use statement::Statement;
pub use terms::{Finder, Found, Hit, Terms};
pub use words::{Token, is_word_char, tokens};

use shared::databases::Language;
use statement::is_searchable;
use tree::{Group, Node, Phrase, Signed, Word};

/// Words a boolean query may hold; a natural one is cut after as many.
pub const WORDS_MAX: usize = 64;
/// Parentheses inside parentheses; also where `InnoDB` itself gives up.
pub const NESTING_MAX: usize = 32;

/// A query that was understood: it looks for something, and not only away from something.
#[derive(Debug, Clone)]
pub struct Query {
    root: Node,
    /// Words that were written as one (`node.js`) in natural mode: liked side by side, not required so.
    compounds: Vec<Vec<Word>>,
    /// The same where rows are read one by one: there, what was written as one has to stand as one, and words that every row holds
    /// are not looked for beside others.
    read: Node,
    /// The words that stand for themselves, in natural mode: other forms of them are found as well. What is in quotes is meant as it
    /// is written.
    bare: Vec<Word>,
}

/// Why a query was not understood, and where, in characters from its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// For the person who typed the query.
    pub message: String,
    /// The first character that could not be used.
    pub position: usize,
}

impl Query {
    /// Everything optional. Fails only when there is no word at all.
    pub fn natural(text: &str) -> Result<Self, QueryError> {
        let mut group = Group::default();
        let mut compounds = Vec::new();
        let mut left = WORDS_MAX;
        let mut written = Vec::new();
        for chunk in lex::natural(text) {
            let mut words = chunk.words;
            words.truncate(left);
            left -= words.len();
            written.push(words.clone());
            if chunk.quoted && words.len() > 1 {
                group.allow(Node::Phrase(Phrase { words, within: None }));
            } else {
                let parts: Vec<Word> = words.iter().flat_map(Word::parts).take(left).collect();
                left -= parts.len();
                for word in words.iter().chain(&parts) {
                    group.allow(Node::Word(word.clone()));
                }
                compounds.extend([words, parts].into_iter().filter(|sequence| sequence.len() > 1));
            }
        }
        match group.finish() {
            Some(Signed::Find(root)) => {
                let read = read(written).unwrap_or_else(|| root.clone());
                Ok(Self { bare: bare(&root), read, root, compounds })
            }
            _ => Err(QueryError::no_words()),
        }
    }

    /// The grammar above.
    pub fn boolean(text: &str) -> Result<Self, QueryError> {
        match parse::parse(text)? {
            Signed::Find(root) => Ok(Self { read: root.clone(), root, compounds: Vec::new(), bare: Vec::new() }),
            Signed::Exclude(_) => Err(QueryError::new("the query only excludes: name something to find as well", 0)),
        }
    }

    /// What the servers' word index is asked in a database of this language, and what is left for us to check.
    pub fn to_mysql(&self, lexicon: &Lexicon, language: Language) -> Statement {
        // A form that the index can not hold is nobody's word: it is not reported either.
        let others = forms::others(&self.bare, language).into_iter().filter(|node| is_searchable(node, lexicon));
        Statement::new(&widened(&self.root, others), lexicon)
    }

    /// The same where rows are read one by one.
    pub fn scan(&self, language: Language) -> Scan {
        Scan::new(widened(&self.read, forms::stems(&self.bare, language).into_iter()))
    }

    /// What rows are scored by in databases of these languages: the words looked for, not those excluded.
    pub fn terms(&self, languages: &[Language]) -> Terms {
        Terms::collect(&self.root, &self.compounds, languages)
    }
}

/// The same or any of the others.
fn widened(root: &Node, mut others: impl Iterator<Item = Node>) -> Node {
    let Some(first) = others.next() else { return root.clone() };
    let mut widened = Group::default();
    [root.clone(), first].into_iter().chain(others).for_each(|node| widened.allow(node));
    Node::Group(widened)
}

/// Any of what was written, each as it was written. Words that say nothing count only where there are no others.
fn read(written: Vec<Vec<Word>>) -> Option<Node> {
    let says_nothing = |words: &[Word]| words.iter().all(|word| is_function_word(&word.key));
    let keeps_all = written.iter().all(|words| says_nothing(words));
    let mut group = Group::default();
    for words in written.into_iter().filter(|words| keeps_all || !says_nothing(words)) {
        match words.as_slice() {
            [] => {}
            [only] => group.allow(Node::Word(only.clone())),
            _ => group.allow(Node::Phrase(Phrase { words, within: None })),
        }
    }
    match group.finish() {
        Some(Signed::Find(node)) => Some(node),
        _ => None,
    }
}

/// The words among what is looked for.
fn bare(root: &Node) -> Vec<Word> {
    let nodes = match root {
        Node::Group(group) => group.should.as_slice(),
        node => std::slice::from_ref(node),
    };
    let words = nodes.iter().filter_map(|node| match node {
        Node::Word(word) => Some(word.clone()),
        _ => None,
    });
    words.collect()
}

impl QueryError {
    fn new(message: &str, position: usize) -> Self {
        Self { message: message.to_owned(), position }
    }

    fn no_words() -> Self {
        Self::new("the query holds no word to search for", 0)
    }
}

#[cfg(test)]
mod properties;
