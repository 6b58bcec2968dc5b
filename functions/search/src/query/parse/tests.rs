use super::*;
use crate::query::{Lexicon, Query};

/// Where a query is refused; nothing when it is not.
fn refused(query: &str) -> Option<(usize, String)> {
    Query::boolean(query).err().map(|error| (error.position, error.message))
}

fn refused_at(query: &str) -> Option<usize> {
    refused(query).map(|(position, _)| position)
}

#[test]
fn a_refusal_says_where_in_characters() {
    assert_eq!(refused_at("été (zebra"), Some(4));
    assert_eq!(refused_at("été zebra)"), Some(9));
    assert_eq!(refused_at("été \"zebra"), Some(4));
    assert_eq!(refused_at("zebra ()"), Some(6));
}

#[test]
fn operators_need_something_to_work_on() {
    for (query, position) in [
        ("AND zebra", 0),
        ("zebra OR", 6),
        ("zebra AND OR horse", 6),
        ("zebra -", 6),
        ("zebra - horse", 6),
        ("++zebra", 0),
        ("+-zebra", 0),
        ("NOT NOT zebra", 0),
        ("(zebra AND)", 7),
        ("zebra -!", 6),
        ("zebra NEAR/3", 6),
        ("zebra NEAR/3 (horse cow)", 6),
    ] {
        assert_eq!(refused_at(query), Some(position), "{query}");
    }
}

#[test]
fn a_query_must_look_for_something() {
    for query in ["", "  ", "!? &&", "___", "-zebra", "NOT (zebra OR horse)", "-zebra -horse"] {
        assert_eq!(refused_at(query), Some(0), "{query}");
    }
    assert_eq!(refused_at("zebra OR NOT horse"), Some(9));
}

#[test]
fn limits_are_refused_where_they_are_passed() {
    let nested = |depth: usize| format!("{}zebra{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(refused_at(&nested(NESTING_MAX)), None);
    assert_eq!(refused_at(&nested(NESTING_MAX + 1)), Some(NESTING_MAX));
    assert_eq!(refused_at(&"ab ".repeat(WORDS_MAX)), None);
    assert_eq!(refused_at(&"ab ".repeat(WORDS_MAX + 1)), Some(3 * WORDS_MAX));
    assert_eq!(refused_at(&nested(20_000)), Some(NESTING_MAX));
}

#[test]
fn and_binds_tighter_than_or_and_both_tighter_than_standing_side_by_side() -> Result<(), QueryError> {
    let text = |query: &str| {
        Ok(Query::boolean(query)?
            .to_mysql(&Lexicon::innodb_default(), shared::databases::Language::English)
            .text
            .unwrap_or_default())
    };
    assert_eq!(text("cow OR goat AND horse")?, "cow (+goat +horse)");
    assert_eq!(text("cow goat AND horse")?, "cow (+goat +horse)");
    assert_eq!(text("cow +goat OR horse")?, "+(goat horse) cow");
    assert_eq!(text("cow NEAR/4 goat NOT horse")?, "+\"cow goat\" @4 -horse");
    Ok(())
}
