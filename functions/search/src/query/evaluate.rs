//! Whether a row really is what the query asks for, by the words of its columns.

use std::ops::Range;

use super::tree::{Group, Node, Phrase, Word};
use super::words::Token;

/// Words may stand in any column; the words of a phrase stand in one.
pub fn holds(node: &Node, row: &[Vec<Token<'_>>]) -> bool {
    match node {
        Node::Word(word) => row.iter().flatten().any(|token| word.is(token)),
        Node::Prefix(word) => row.iter().flatten().any(|token| word.begins(token)),
        Node::Stem(stem) => row.iter().flatten().any(|token| stem.is(token)),
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
    spans(phrase, column).next().is_some()
}

/// Where a phrase stands, in words from the start of the column.
pub fn phrase_spans(phrase: &Phrase, column: &[Token<'_>]) -> Vec<Range<usize>> {
    spans(phrase, column).collect()
}

/// A window worth looking at begins with one of the words.
fn spans<'a>(phrase: &'a Phrase, column: &'a [Token<'_>]) -> Box<dyn Iterator<Item = Range<usize>> + 'a> {
    let words = &phrase.words;
    let Some(size) = phrase.within.map(|size| size.max(words.len())) else {
        let starts = 0..(column.len() + 1).saturating_sub(words.len());
        let spans = starts.map(|at| at..at + words.len());
        return Box::new(spans.filter(|span| is_phrase(words, &column[span.clone()])));
    };
    let begins = (0..column.len()).filter(|at| words.iter().any(|word| word.is(&column[*at])));
    let spans = begins.filter_map(move |at| {
        let window = &column[at..column.len().min(at + size)];
        let last = words.iter().map(|word| window.iter().position(|token| word.is(token)));
        Some(at..at + 1 + last.collect::<Option<Vec<_>>>()?.into_iter().max()?)
    });
    Box::new(spans)
}

fn is_phrase(words: &[Word], window: &[Token<'_>]) -> bool {
    words.iter().zip(window).all(|(word, token)| word.is(token))
}

#[cfg(test)]
mod tests {
    use shared::databases::Language;

    use crate::query::{Lexicon, Query, QueryError, tokens};

    fn matches(query: &str, columns: &[&str]) -> Result<bool, QueryError> {
        let row: Vec<_> = columns.iter().map(|text| tokens(text).collect()).collect();
        Ok(Query::boolean(query)?.to_mysql(&Lexicon::innodb_default(), Language::English).matches(&row))
    }

    #[test]
    fn required_words_may_stand_in_different_columns_but_phrases_may_not() -> Result<(), QueryError> {
        assert!(matches("+zebra +crossing", &["Zebra", "a crossing"])?);
        assert!(!matches("\"zebra crossing\"", &["Zebra", "crossing"])?);
        assert!(matches("zebra-crossing", &["the zebra crossing"])?);
        Ok(())
    }

    #[test]
    fn an_underscore_between_the_words_of_a_phrase_stands_there_in_the_row_too() -> Result<(), QueryError> {
        assert!(matches("\"zebra _ crossing\"", &["a zebra _ crossing"])?);
        assert!(matches("zebra-_-crossing", &["a zebra _ crossing"])?);
        assert!(!matches("\"zebra _ crossing\"", &["a zebra crossing"])?);
        assert!(matches("\"_ zebra crossing __\"", &["a zebra crossing"])?);
        assert!(matches("\"zebra _ crossing\"~2", &["a crossing zebra"])?);
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
    fn a_word_without_blanks_around_it_is_found_inside_of_others_and_c_is_not_c_plus_plus() -> Result<(), QueryError> {
        assert!(matches("検索", &["データベースの全文検索エンジン"])?);
        assert!(!matches("検索", &["検察"])?);
        assert!(!matches("zebra", &["zebras"])?);
        assert!(matches("cat -C++", &["a cat in C"])?);
        assert!(!matches("cat -C++", &["a cat in C++."])?);
        Ok(())
    }

    #[test]
    fn accents_and_case_do_not_matter() -> Result<(), QueryError> {
        assert!(matches("CAFE AND NOT the\u{301}", &["Café"])?);
        Ok(())
    }
}
