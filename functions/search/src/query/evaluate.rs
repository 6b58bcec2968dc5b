//! Whether a row really is what the query asks for, by the words of its columns.

use super::tree::{Group, Node, Phrase, Word};
use super::words::Token;

/// Words may stand in any column; the words of a phrase stand in one.
pub fn holds(node: &Node, row: &[Vec<Token<'_>>]) -> bool {
    match node {
        Node::Word(word) => row.iter().flatten().any(|token| token.key == word.key),
        Node::Prefix(word) => row.iter().flatten().any(|token| token.key.starts_with(&word.key)),
        Node::Phrase(phrase) => row.iter().any(|column| holds_phrase(phrase, column)),
        Node::Group(group) => holds_group(group, row),
    }
}

fn holds_group(group: &Group, row: &[Vec<Token<'_>>]) -> bool {
    let found = |node: &Node| holds(node, row);
    let looked_for = if group.must.is_empty() { group.should.iter().any(found) } else { group.must.iter().all(found) };
    looked_for && !group.must_not.iter().any(found)
}

/// Side by side and in order; or, with a window, all of them within that many words, in any order.
pub fn holds_phrase(phrase: &Phrase, column: &[Token<'_>]) -> bool {
    match phrase.within {
        None => column.windows(phrase.words.len()).any(|window| is_phrase(&phrase.words, window)),
        Some(size) => holds_within(&phrase.words, size.max(phrase.words.len()), column),
    }
}

fn is_phrase(words: &[Word], window: &[Token<'_>]) -> bool {
    words.iter().zip(window).all(|(word, token)| word.key == token.key)
}

/// A window worth looking at begins with one of the words.
fn holds_within(words: &[Word], size: usize, column: &[Token<'_>]) -> bool {
    let is_one = |token: &Token<'_>| words.iter().any(|word| word.key == token.key);
    let begins = (0..column.len()).filter(|at| is_one(&column[*at]));
    begins
        .map(|at| &column[at..column.len().min(at + size)])
        .any(|window| words.iter().all(|word| window.iter().any(|token| token.key == word.key)))
}

#[cfg(test)]
mod tests {
    use crate::query::{Lexicon, Query, QueryError, tokens};

    fn matches(query: &str, columns: &[&str]) -> Result<bool, QueryError> {
        let row: Vec<_> = columns.iter().map(|text| tokens(text).collect()).collect();
        Ok(Query::boolean(query)?.to_mysql(&Lexicon::innodb_default()).matches(&row))
    }

    #[test]
    fn required_words_may_stand_in_different_columns_but_phrases_may_not() -> Result<(), QueryError> {
        assert!(matches("+zebra +crossing", &["Zebra", "a crossing"])?);
        assert!(!matches("\"zebra crossing\"", &["Zebra", "crossing"])?);
        assert!(matches("zebra-crossing", &["the zebra crossing"])?);
        Ok(())
    }

    #[test]
    fn a_window_counts_words_and_knows_no_order() -> Result<(), QueryError> {
        assert!(matches("\"alpha beta\" @4", &["beta of the alpha"])?);
        assert!(!matches("\"alpha beta\"~3", &["beta of the alpha"])?);
        assert!(matches("alpha NEAR/1 beta", &["beta alpha"])?);
        Ok(())
    }

    #[test]
    fn a_demoted_word_is_not_required_but_is_still_excluded_and_still_part_of_its_phrase() -> Result<(), QueryError> {
        assert!(matches("+go +agent", &["agent"])?);
        assert!(!matches("agent -go", &["go agent"])?);
        assert!(matches("\"go agent\"", &["a go agent"])?);
        assert!(!matches("\"go agent\"", &["an agent to go"])?);
        assert!(matches("+(go rust) +agent", &["go agent"])?);
        assert!(!matches("+(go rust) +agent", &["agent"])?);
        Ok(())
    }

    #[test]
    fn accents_and_case_do_not_matter() -> Result<(), QueryError> {
        assert!(matches("CAFE AND NOT the\u{301}", &["Café"])?);
        Ok(())
    }
}
