//! What is looked for where rows are read one by one, because no index of theirs can tell.

use super::evaluate::holds;
use super::tree::{Group, Node, Phrase, Word};
use super::words::Token;

/// What stands before a `%` or `_` that means itself.
pub const ESCAPE: char = '|';

/// The patterns that the server looks for, and what we make of the rows that it finds. Nothing is demoted: every word can be read.
#[derive(Debug, Clone)]
pub struct Scan {
    /// For LIKE, each with its wildcards: a row that is looked for holds one of them in some column.
    pub patterns: Vec<String>,
    root: Node,
}

impl Scan {
    pub(super) fn new(root: Node) -> Self {
        Self { patterns: patterns(&root), root }
    }

    /// Whether a row, given as the words of each of its columns, is one that was asked for.
    pub fn matches(&self, row: &[Vec<Token<'_>>]) -> bool {
        holds(&self.root, row)
    }
}

fn patterns(node: &Node) -> Vec<String> {
    match node {
        Node::Word(word) | Node::Prefix(word) => vec![pattern(&[word])],
        Node::Stem(stem) => vec![pattern(&[&stem.beginning])],
        Node::Phrase(phrase) => vec![of_phrase(phrase)],
        Node::Group(group) => of_group(group),
    }
}

/// One required part is enough: the one that needs the fewest patterns, for the rest is ours to look at.
fn of_group(group: &Group) -> Vec<String> {
    let required = group.must.iter().map(patterns).min_by_key(Vec::len);
    required.unwrap_or_else(|| group.should.iter().flat_map(patterns).collect())
}

fn of_phrase(phrase: &Phrase) -> String {
    let words: Vec<&Word> = phrase.words.iter().collect();
    if phrase.within.is_none() {
        return pattern(&words);
    }
    let longest = words.into_iter().max_by_key(|word| word.spelling.len());
    longest.map_or_else(String::new, |word| pattern(&[word]))
}

fn pattern(words: &[&Word]) -> String {
    let escaped = |c: char| if matches!(c, '%' | '_' | ESCAPE) { format!("{ESCAPE}{c}") } else { c.to_string() };
    let word = |word: &&Word| format!("{}{}", word.spelling.chars().map(escaped).collect::<String>(), word.tail);
    format!("%{}%", words.iter().map(word).collect::<Vec<_>>().join("%"))
}

#[cfg(test)]
mod tests {
    use shared::databases::Language;

    use crate::query::{Query, QueryError, tokens};

    #[test]
    fn patterns_find_at_least_what_is_looked_for_and_no_wildcard_of_a_client_is_one() -> Result<(), QueryError> {
        for (query, patterns) in [
            ("C++", &["%C++%"][..]),
            ("3.14 100%_", &["%3%14%", "%100%"]),
            ("the go", &["%go%"]),
            ("to be", &["%to%", "%be%"]),
            ("\"of go\" x_y", &["%of%go%", "%x|_y%"]),
        ] {
            assert_eq!(Query::natural(query)?.scan(Language::English).patterns, patterns, "{query}");
        }
        assert_eq!(Query::boolean("(a OR b) AND go* -x")?.scan(Language::English).patterns, ["%go%"]);
        assert_eq!(Query::boolean("\"a bc\"~9")?.scan(Language::English).patterns, ["%bc%"]);
        Ok(())
    }

    #[test]
    fn a_row_that_is_read_holds_what_was_written_and_not_its_parts() -> Result<(), QueryError> {
        let finds = |query: &str, text: &str| -> Result<bool, QueryError> {
            Ok(Query::natural(query)?.scan(Language::English).matches(&[tokens(text).collect()]))
        };
        assert!(finds("3.14", "pi is 3.14")?);
        assert!(!finds("3.14", "14 of 3")?);
        assert!(finds("C++", "C++ and C")?);
        assert!(!finds("C++", "vitamin C")?);
        assert!(finds("go", "Go!")?);
        assert!(!finds("go", "good")?);
        Ok(())
    }
}
