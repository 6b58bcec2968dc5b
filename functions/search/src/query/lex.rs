//! Characters into lexemes. Positions are counted in characters.

use super::QueryError;
use super::tree::Word;
use super::words::{Token, is_word_char, tokens};

/// What the boolean grammar is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Written as one; more than one word when separated by punctuation only.
    Words(Vec<Word>),
    /// The same, and the last one is the start of a word.
    Prefix(Vec<Word>),
    /// In quotes, perhaps with the size of a window.
    Phrase(Vec<Word>, Option<usize>),
    Open,
    Close,
    And,
    Or,
    Not,
    Plus,
    Minus,
    Near(usize),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lexeme {
    pub kind: Kind,
    pub position: usize,
}

/// A piece of natural text: the inside of a pair of quotes, or characters without a blank.
pub struct Chunk {
    pub words: Vec<Word>,
    pub quoted: bool,
}

/// Natural text never fails: a quote that is not closed is punctuation.
pub fn natural(text: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut rest = text;
    while let Some((before, inside, after)) = quoted(rest) {
        plain(before, &mut chunks);
        chunks.push(Chunk { words: side_by_side(inside), quoted: true });
        rest = after;
    }
    plain(rest, &mut chunks);
    chunks
}

fn plain(text: &str, chunks: &mut Vec<Chunk>) {
    chunks.extend(text.split_whitespace().map(|chunk| Chunk { words: words(chunk), quoted: false }));
}

fn quoted(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('"')?;
    let (inside, after) = rest.split_once('"')?;
    Some((before, inside, after))
}

/// The words of a piece of a query. Underscores alone are a word to `InnoDB`, but nobody looks for them.
fn words(text: &str) -> Vec<Word> {
    tokens(text).filter(is_looked_for).map(|token| Word::from_token(text, &token)).collect()
}

/// The same where they have to stand side by side: what stands between two of them in the query does so in the rows.
fn side_by_side(text: &str) -> Vec<Word> {
    let mut found: Vec<_> = tokens(text).skip_while(|token| !is_looked_for(token)).collect();
    found.truncate(found.iter().rposition(is_looked_for).map_or(0, |last| last + 1));
    found.iter().map(|token| Word::from_token(text, token)).collect()
}

fn is_looked_for(token: &Token<'_>) -> bool {
    token.key.chars().any(|c| c != '_')
}

/// Boolean text; pieces that hold punctuation only are skipped.
pub fn boolean(text: &str) -> Result<Vec<Lexeme>, QueryError> {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0 };
    let mut lexemes = Vec::new();
    loop {
        lexer.skip_blanks();
        let position = lexer.at;
        let Some(c) = lexer.peek() else { return Ok(lexemes) };
        if let Some(kind) = lexer.lexeme(c)? {
            lexemes.push(Lexeme { kind, position });
        }
    }
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    fn lexeme(&mut self, c: char) -> Result<Option<Kind>, QueryError> {
        match c {
            '(' => Ok(Some(self.take(Kind::Open))),
            ')' => Ok(Some(self.take(Kind::Close))),
            '"' => self.phrase(),
            '+' => self.sign(Kind::Plus).map(Some),
            '-' => self.sign(Kind::Minus).map(Some),
            _ => Ok(self.chunk()),
        }
    }

    /// Signs touch what they sign: a dash between blanks is most likely a dash, but it would be a guess.
    fn sign(&mut self, kind: Kind) -> Result<Kind, QueryError> {
        match self.chars.get(self.at + 1) {
            Some(next) if !next.is_whitespace() && *next != ')' => Ok(self.take(kind)),
            _ => Err(QueryError::new("a + or - must touch the word that it belongs to", self.at)),
        }
    }

    fn phrase(&mut self) -> Result<Option<Kind>, QueryError> {
        let open = self.at;
        let length = self.chars[open + 1..].iter().position(|c| *c == '"');
        let close = open + 1 + length.ok_or_else(|| QueryError::new("this quote is never closed", open))?;
        let inside: String = self.chars[open + 1..close].iter().collect();
        self.at = close + 1;
        let within = self.distance();
        let words = if within.is_some() { words(&inside) } else { side_by_side(&inside) };
        Ok((!words.is_empty()).then_some(Kind::Phrase(words, within)))
    }

    /// `~5` or `@5` after a phrase; a blank may stand before the second, as MySQL writes it.
    fn distance(&mut self) -> Option<usize> {
        let blanks = self.chars[self.at..].iter().take_while(|c| c.is_whitespace()).count();
        let sign = match (self.peek(), self.chars.get(self.at + blanks)) {
            (Some('~'), _) => self.at,
            (_, Some('@')) => self.at + blanks,
            _ => return None,
        };
        let digits: String = self.chars[sign + 1..].iter().take_while(|c| c.is_ascii_digit()).collect();
        let end = sign + 1 + digits.len();
        if digits.is_empty() || self.chars.get(end).is_some_and(|c| is_word_char(*c)) {
            return None;
        }
        self.at = end;
        Some(window(&digits))
    }

    fn chunk(&mut self) -> Option<Kind> {
        let ends = |c: &char| c.is_whitespace() || matches!(c, '(' | ')' | '"');
        let chunk: String = self.chars[self.at..].iter().take_while(|c| !ends(c)).collect();
        self.at += chunk.chars().count();
        match chunk.as_str() {
            "AND" => return Some(Kind::And),
            "OR" => return Some(Kind::Or),
            "NOT" => return Some(Kind::Not),
            _ => {}
        }
        let near = chunk.strip_prefix("NEAR/").filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        if let Some(digits) = near {
            return Some(Kind::Near(window(digits)));
        }
        let last = chunk.rfind(is_word_char).and_then(|at| chunk[at..].chars().nth(1));
        let (words, kind): (_, fn(_) -> _) =
            if last == Some('*') { (words(&chunk), Kind::Prefix) } else { (side_by_side(&chunk), Kind::Words) };
        (!words.is_empty()).then(|| kind(words))
    }

    fn take(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }
}

/// More digits than that are as good as no limit.
fn window(digits: &str) -> usize {
    const WINDOW_MAX: usize = 1_000;
    digits.parse().unwrap_or(WINDOW_MAX).min(WINDOW_MAX)
}
