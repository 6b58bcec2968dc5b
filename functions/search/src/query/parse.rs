//! Lexemes into a tree, by recursive descent along the grammar of [`super`].

use super::lex::{Kind, Lexeme, boolean};
use super::tree::{Group, Node, Phrase, Signed, Word};
use super::{NESTING_MAX, QueryError, WORDS_MAX};

const DANGLING: &str = "this operator has nothing to work on";

/// What the text means; nothing but exclusions is for the caller to refuse.
pub fn parse(text: &str) -> Result<Signed, QueryError> {
    let lexemes = boolean(text)?;
    count_words(&lexemes)?;
    let mut parser = Parser { lexemes: &lexemes, at: 0, depth: 0 };
    let found = parser.query()?;
    if let Some(stray) = parser.lexemes.get(parser.at) {
        return Err(QueryError::new("this parenthesis was never opened", stray.position));
    }
    found.ok_or_else(QueryError::no_words)
}

fn count_words(lexemes: &[Lexeme]) -> Result<(), QueryError> {
    let mut count = 0;
    for lexeme in lexemes {
        if let Kind::Words(words) | Kind::Prefix(words) | Kind::Phrase(words, _) = &lexeme.kind {
            count += words.len();
        }
        if count > WORDS_MAX {
            return Err(QueryError::new(&format!("a query holds at most {WORDS_MAX} words"), lexeme.position));
        }
    }
    Ok(())
}

struct Parser<'a> {
    lexemes: &'a [Lexeme],
    at: usize,
    depth: usize,
}

/// A part, and whether a `+` stood in it.
struct Part {
    signed: Signed,
    required: bool,
    position: usize,
}

impl Parser<'_> {
    /// `query = clause { clause }`, up to a `)` or the end; nothing when there is no clause.
    fn query(&mut self) -> Result<Option<Signed>, QueryError> {
        let mut group = Group::default();
        while self.peek().is_some_and(|kind| *kind != Kind::Close) {
            let clause = self.chain()?;
            match clause.signed {
                Signed::Exclude(node) => group.exclude(node),
                Signed::Find(node) if clause.required => group.require(node),
                Signed::Find(node) => group.allow(node),
            }
        }
        Ok(group.finish())
    }

    /// `chain = all { "OR" all }`
    fn chain(&mut self) -> Result<Part, QueryError> {
        let first = self.all()?;
        if self.peek() != Some(&Kind::Or) {
            return Ok(first);
        }
        let (position, mut required) = (first.position, first.required);
        let mut group = Group::default();
        group.allow(alternative(first)?);
        while self.take(&Kind::Or) {
            let next = self.all()?;
            required |= next.required;
            group.allow(alternative(next)?);
        }
        finish(group, required, position)
    }

    /// `all = operand { "AND" operand }`
    fn all(&mut self) -> Result<Part, QueryError> {
        let first = self.operand()?;
        if self.peek() != Some(&Kind::And) {
            return Ok(first);
        }
        let (position, mut required) = (first.position, first.required);
        let mut group = Group::default();
        conjoin(&mut group, first.signed);
        while self.take(&Kind::And) {
            let next = self.operand()?;
            required |= next.required;
            conjoin(&mut group, next.signed);
        }
        finish(group, required, position)
    }

    /// `operand = [ "+" | "-" | "NOT" ] near`
    fn operand(&mut self) -> Result<Part, QueryError> {
        let position = self.position();
        let required = self.take(&Kind::Plus);
        let negated = !required && (self.take(&Kind::Minus) || self.take(&Kind::Not));
        let found = self.near()?;
        let signed = if negated { found.negated() } else { found };
        Ok(Part { signed, required, position })
    }

    /// `near = item { "NEAR/" number item }`
    fn near(&mut self) -> Result<Signed, QueryError> {
        let mut left = self.item()?;
        while let Some(Kind::Near(window)) = self.peek() {
            let (window, position) = (*window, self.position());
            self.at += 1;
            let right = self.item()?;
            let words = near_words(left).zip(near_words(right)).map(|(left, right)| [left, right].concat());
            let words = words.ok_or_else(|| QueryError::new("NEAR stands between single words", position))?;
            left = Signed::Find(Node::Phrase(Phrase { words, within: Some(window) }));
        }
        Ok(left)
    }

    /// `item = word | prefix | phrase | "(" query ")"`
    fn item(&mut self) -> Result<Signed, QueryError> {
        let lexemes = self.lexemes;
        let Some(lexeme) = lexemes.get(self.at) else { return Err(self.dangling()) };
        let node = match &lexeme.kind {
            Kind::Open => return self.group(lexeme.position),
            Kind::Words(words) => phrase(words, None),
            Kind::Prefix(words) => prefix(words),
            Kind::Phrase(words, within) => phrase(words, *within),
            _ => return Err(self.dangling()),
        };
        self.at += 1;
        Ok(Signed::Find(node))
    }

    fn group(&mut self, position: usize) -> Result<Signed, QueryError> {
        if self.depth == NESTING_MAX {
            return Err(QueryError::new(&format!("parentheses nest at most {NESTING_MAX} deep"), position));
        }
        self.at += 1;
        self.depth += 1;
        let inside = self.query()?;
        self.depth -= 1;
        if !self.take(&Kind::Close) {
            return Err(QueryError::new("this parenthesis is never closed", position));
        }
        inside.ok_or_else(|| QueryError::new("there is no word between these parentheses", position))
    }

    /// The operator to blame is the one before the gap, or the one that begins the text.
    fn dangling(&self) -> QueryError {
        let blamed = self.at.checked_sub(1).and_then(|before| self.lexemes.get(before));
        let operator = blamed.filter(|lexeme| lexeme.kind != Kind::Open).or(self.lexemes.get(self.at));
        QueryError::new(DANGLING, operator.map_or(0, |lexeme| lexeme.position))
    }

    fn peek(&self) -> Option<&Kind> {
        self.lexemes.get(self.at).map(|lexeme| &lexeme.kind)
    }

    fn position(&self) -> usize {
        self.lexemes.get(self.at).map_or(0, |lexeme| lexeme.position)
    }

    fn take(&mut self, kind: &Kind) -> bool {
        let found = self.peek() == Some(kind);
        self.at += usize::from(found);
        found
    }
}

fn conjoin(group: &mut Group, signed: Signed) {
    match signed {
        Signed::Find(node) => group.require(node),
        Signed::Exclude(node) => group.exclude(node),
    }
}

/// `a OR NOT b` is every row but those with `b`: no word index can look for that.
fn alternative(part: Part) -> Result<Node, QueryError> {
    match part.signed {
        Signed::Find(node) => Ok(node),
        Signed::Exclude(_) => {
            Err(QueryError::new("OR needs something to find on both sides, not an exclusion", part.position))
        }
    }
}

fn finish(group: Group, required: bool, position: usize) -> Result<Part, QueryError> {
    let signed = group.finish().ok_or_else(QueryError::no_words)?;
    Ok(Part { signed, required, position })
}

fn phrase(words: &[Word], within: Option<usize>) -> Node {
    match words {
        [only] => Node::Word(only.clone()),
        words => Node::Phrase(Phrase { words: words.to_vec(), within }),
    }
}

/// `foo-bar*`: no server can end a phrase in a prefix, so all of the parts are required, in any place.
fn prefix(words: &[Word]) -> Node {
    let mut group = Group::default();
    if let Some((last, before)) = words.split_last() {
        for word in before {
            group.require(Node::Word(word.clone()));
        }
        group.require(Node::Prefix(last.clone()));
    }
    match group.must.as_slice() {
        [only] => only.clone(),
        _ => Node::Group(group),
    }
}

fn near_words(signed: Signed) -> Option<Vec<Word>> {
    match signed {
        Signed::Find(Node::Word(word)) => Some(vec![word]),
        Signed::Find(Node::Phrase(phrase)) if phrase.within.is_some() => Some(phrase.words),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
