//! What a query means, whatever way it was written.

use shared::databases::Language;

use super::language::Stems;
use super::words::{Token, is_unsegmented, key};

/// One word, as written and as compared. Binary collations tell cases apart, so the servers are sent what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub spelling: String,
    pub key: String,
    /// As in [`Token::tail`].
    pub tail: String,
}

/// Words side by side, or all of them within a window of so many words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    pub words: Vec<Word>,
    pub within: Option<usize>,
}

/// Something to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Word(Word),
    Prefix(Word),
    /// Any form of a word. Nobody writes it: it stands for what is looked for besides.
    Stem(Stem),
    Phrase(Phrase),
    Group(Group),
}

/// The words of one stem, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stem {
    /// What they begin with.
    pub beginning: Word,
    /// The stem, as [`Stems::stem`] makes it.
    pub key: String,
    pub language: Language,
}

/// A row is found by all of `must`, or, where that is empty, by any of `should`; and by none of `must_not`.
/// AND, OR, NOT and MySQL's signs are all written with these three.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    pub must: Vec<Node>,
    pub should: Vec<Node>,
    pub must_not: Vec<Node>,
}

/// A part of a query before its place is known: `(-a -b)` is nothing to find by itself, but narrows what it stands beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    Find(Node),
    Exclude(Node),
}

impl Word {
    pub fn new(spelling: &str) -> Self {
        Self { spelling: spelling.chars().map(sent).collect(), key: key(spelling).into_owned(), tail: String::new() }
    }

    /// The word that this token of a text is.
    pub fn from_token(text: &str, token: &Token<'_>) -> Self {
        Self { tail: token.tail.to_owned(), ..Self::new(&text[token.start..token.end]) }
    }

    /// Whether a token of a row is this word.
    pub fn is(&self, token: &Token<'_>) -> bool {
        let is_word = self.key == token.key || self.is_unsegmented() && token.key.contains(&self.key);
        is_word && (self.tail.is_empty() || self.tail == token.tail)
    }

    /// Whether a token of a row begins with it.
    pub fn begins(&self, token: &Token<'_>) -> bool {
        token.key.starts_with(&self.key) || self.is_unsegmented() && token.key.contains(&self.key)
    }

    /// Whether it can stand anywhere inside of what the default parser takes for one word.
    pub fn is_unsegmented(&self) -> bool {
        is_unsegmented(&self.spelling)
    }

    /// `under_score` is one word to the servers; whoever types it would like "under score" as well.
    pub fn parts(&self) -> Vec<Self> {
        let parts: Vec<&str> = self.spelling.split('_').filter(|part| !key(part).is_empty()).collect();
        match parts.as_slice() {
            [only] if *only == self.spelling => Vec::new(),
            parts => parts.iter().map(|part| Self::new(part)).collect(),
        }
    }
}

/// A letter as it is sent. MySQL 9.7 makes the text of a search small in a buffer that is as long as it was: where a small letter is
/// longer than the capital (Ⱥ and Ⱦ), the end of the text is lost, and a parenthesis with it.
fn sent(letter: char) -> char {
    let mut small = letter.to_lowercase();
    match (small.next(), small.next()) {
        (Some(small), None) if small.len_utf8() > letter.len_utf8() => small,
        _ => letter,
    }
}

impl Stem {
    /// Whether a token of a row is one of them. Few words begin so, and only of those a stem has to be made.
    pub fn is(&self, token: &Token<'_>) -> bool {
        self.beginning.begins(token) && Stems::of(self.language).stem(token.spelling, &token.key) == self.key
    }
}

impl Signed {
    pub fn negated(self) -> Self {
        match self {
            Self::Find(node) => Self::Exclude(node),
            Self::Exclude(node) => Self::Find(node),
        }
    }
}

/// The three ways in keep the tree flat: a group of the same kind is dissolved into the one that takes it.
impl Group {
    pub fn require(&mut self, node: Node) {
        match node {
            Node::Group(group) if group.should.is_empty() => {
                group.must.into_iter().for_each(|inner| self.require(inner));
                group.must_not.into_iter().for_each(|inner| self.exclude(inner));
            }
            other => push(&mut self.must, other),
        }
    }

    pub fn allow(&mut self, node: Node) {
        match node {
            Node::Group(group) if group.is_alternatives() => {
                group.should.into_iter().for_each(|inner| self.allow(inner));
            }
            other => push(&mut self.should, other),
        }
    }

    pub fn exclude(&mut self, node: Node) {
        match node {
            Node::Group(group) if group.is_alternatives() => {
                group.should.into_iter().for_each(|inner| self.exclude(inner));
            }
            other => push(&mut self.must_not, other),
        }
    }

    /// Nothing, when nothing was put in.
    pub fn finish(mut self) -> Option<Signed> {
        if self.must.is_empty() && self.should.is_empty() {
            let excluded = Self { should: self.must_not, ..Self::default() };
            return (!excluded.should.is_empty()).then(|| Signed::Exclude(excluded.simplified()));
        }
        if self.must.is_empty() && self.should.len() == 1 {
            // The only choice is no choice.
            std::mem::swap(&mut self.must, &mut self.should);
        }
        Some(Signed::Find(self.simplified()))
    }

    /// A group of one is that one.
    fn simplified(mut self) -> Node {
        if !self.must_not.is_empty() || self.must.len() + self.should.len() != 1 {
            return Node::Group(self);
        }
        let only = self.must.pop().or_else(|| self.should.pop());
        only.unwrap_or(Node::Group(self))
    }

    fn is_alternatives(&self) -> bool {
        self.must.is_empty() && self.must_not.is_empty()
    }
}

/// Said twice is said once.
fn push(nodes: &mut Vec<Node>, node: Node) {
    if !nodes.contains(&node) {
        nodes.push(node);
    }
}
