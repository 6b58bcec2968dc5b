//! What holds for every string, in both modes.

use proptest::prelude::*;
use shared::databases::Language;

use super::legal::fault;
use super::*;

/// A word, or an operator, or what people and attackers type instead.
fn piece() -> impl Strategy<Value = String> {
    let words =
        "zebra|horse|cow|go|the|a|x86_64|node.js|C\\+\\+|user@example.com|café|full-text|3.14|検索|cro\\*|\\*|NEAR/3";
    let signs = "[ ()\"+~<>@*%'\\\\_-]|AND|OR|NOT| AND | OR | NOT |\" @2|\"~3| -| \\+|\\(\\(|\\)\\)";
    prop_oneof![words, signs, " ", "\\PC"]
}

fn input() -> impl Strategy<Value = String> {
    prop_oneof![9 => prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
}

/// Texts that the parser takes, for the properties of what it makes of them.
fn queries(text: &str) -> Vec<Query> {
    Query::natural(text).into_iter().chain(Query::boolean(text)).collect()
}

#[test]
fn the_checker_knows_what_mysql_refuses() {
    for refused in [
        "", "++x", "+-x", "x**", "*", "(open", "close)", "()", "+()", "a@", "@3", "x +", "\"\"", "\"a b", "~x", "+ x",
        "x  y",
    ] {
        assert!(fault(refused).is_some(), "{refused}");
    }
    for legal in ["x", "+x -y", "x* (+\"a b\" @3 -(c d))"] {
        assert_eq!(fault(legal), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_text_sent_is_legal_and_short(text in input()) {
        for query in queries(&text) {
            for language in [Language::English, Language::German, Language::Russian, Language::Arabic, Language::Other] {
                if let Some(sent) = query.to_mysql(&Lexicon::innodb_default(), language).text {
                    prop_assert_eq!(fault(&sent), None, "{}", sent);
                    prop_assert!(sent.chars().count() <= WORDS_MAX * (84 + 10), "{}", sent);
                }
            }
        }
    }

    #[test]
    fn natural_text_is_refused_only_when_it_holds_no_word(text in input()) {
        let has_word = tokens(&text).any(|token| token.key.chars().any(|c| c != '_'));
        prop_assert_eq!(Query::natural(&text).is_ok(), has_word);
    }

    #[test]
    fn a_refusal_points_into_the_text_and_a_query_has_terms(text in input()) {
        match Query::boolean(&text) {
            Ok(query) => prop_assert!(!query.terms(&[Language::English]).list().is_empty()),
            Err(error) => prop_assert!(error.position <= text.chars().count()),
        }
    }

    #[test]
    fn a_text_that_holds_a_natural_query_matches_it(text in input()) {
        if let Ok(query) = Query::natural(&text) {
            let row = [tokens(&text).collect::<Vec<_>>()];
            prop_assert!(query.to_mysql(&Lexicon::innodb_default(), Language::English).matches(&row));
        }
    }
}
