use proptest::prelude::*;

use super::*;
use crate::query::Query;

fn terms(query: &str) -> Terms {
    Query::natural(query).unwrap().terms()
}

fn row<'a>(title: &'a str, body: &'a str) -> Candidate<'a> {
    Candidate { columns: vec![Column { name: "title", text: title }, Column { name: "body", text: body }] }
}

fn scores(query: &str, candidates: &[Candidate<'_>]) -> Vec<f64> {
    let ranked = rank(&terms(query), candidates, &Corpus::default(), &Weights::default());
    ranked.iter().map(|ranked| ranked.score).collect()
}

/// A table of rows about other things, of which every tenth mentions zebras.
fn table(rows: usize) -> Vec<(String, String)> {
    let body = |nth: usize| if nth.is_multiple_of(10) { "a zebra was seen " } else { "nothing was seen at all " };
    (0..rows).map(|nth| (format!("report number {nth}"), body(nth).repeat(20))).collect()
}

/// What a server hands over of a table: at most its first fifty, and the row in question.
fn candidates(table: &[(String, String)]) -> Vec<Candidate<'_>> {
    let target = row("Crossing roads", "Where a zebra crossing is, cars stop. The zebra does not.");
    std::iter::once(target).chain(table.iter().step_by(10).take(50).map(|(title, body)| row(title, body))).collect()
}

#[test]
fn a_row_scores_the_same_whatever_the_size_of_its_table() {
    let (small, large) = (table(20), table(20_000));
    for query in ["zebra", "zebra crossing", "zebra crossing zoo"] {
        let (few, many) = (scores(query, &candidates(&small))[0], scores(query, &candidates(&large))[0]);
        assert!((few - many).abs() / many < 0.05, "{query}: {few} and {many}");
    }
}

#[test]
fn the_same_row_in_two_tables_of_one_search_scores_the_same() {
    let (small, large) = (table(20), table(20_000));
    let pooled = [candidates(&small), candidates(&large)].concat();
    let scores = scores("zebra crossing zoo", &pooled);
    assert!((scores[0] - scores[candidates(&small).len()]).abs() < f64::EPSILON);
}

#[test]
fn more_of_the_query_beats_more_of_one_word() {
    let scores =
        scores("zebra crossing", &[row("", "zebra zebra zebra zebra zebra"), row("", "a zebra at the crossing")]);
    assert!(scores[1] > scores[0], "{scores:?}");
}

#[test]
fn a_title_tells_more_than_a_body_and_nearness_more_than_distance() {
    let filler = "word ".repeat(100);
    let (near, far) = (format!("zebra crossing {filler}"), format!("zebra {filler} crossing"));
    let rows = [row("some title", &near), row("some title", &far), row("zebra crossing", &filler)];
    let scores = scores("zebra crossing", &rows);
    assert!(scores[2] > scores[0] && scores[0] > scores[1], "{scores:?}");
}

#[test]
fn a_rare_term_counts_for_more_than_a_common_one() {
    let corpus = Corpus {
        documents: 10_000,
        document_frequency: HashMap::from([("report".to_owned(), 5_000), ("zebra".to_owned(), 10)]),
        ..Corpus::default()
    };
    let ranked = rank(&terms("zebra report"), &[row("", "a report"), row("", "a zebra")], &corpus, &Weights::default());
    assert!(ranked[1].score > ranked[0].score);
}

#[test]
fn a_stem_scores_nearly_as_much_as_the_word_itself() {
    let scores = scores("zebras", &[row("", "two zebras"), row("", "one zebra"), row("", "zeal")]);
    assert!(scores[0] > scores[1] && scores[1] > 0.5 * scores[0] && scores[2] == 0.0, "{scores:?}");
}

#[test]
fn only_columns_in_which_a_term_occurs_are_matched() {
    let ranked = rank(&terms("zebra"), &[row("Horses", "and zebras")], &Corpus::default(), &Weights::default());
    assert_eq!(ranked[0].matched_columns, [1]);
}

#[test]
fn a_weight_by_name_overrules_the_kind() {
    let rows = [row("zebra", "horse"), row("horse", "zebra")];
    let ranked = rank(&terms("zebra"), &rows, &Corpus::default(), &Weights::new([("TITLE", 0.2), ("body", 4.0)]));
    assert!(ranked[1].score > ranked[0].score);
}

proptest! {
    #[test]
    fn every_score_is_between_0_and_1_and_0_only_without_a_match(
        query in "(zebra|horse|cow|ze\\*|\"zebra cow\"| |-|node.js|\\PC){1,12}",
        texts in prop::collection::vec("(zebra |cow |horses |js |\\PC){0,30}", 1..8),
        documents in prop_oneof![Just(0), Just(u64::MAX), 0..100_u64],
        frequency in any::<u64>(),
    ) {
        let queries = Query::natural(&query).into_iter().chain(Query::boolean(&query));
        for terms in queries.map(|query| query.terms()) {
            let rows: Vec<Candidate<'_>> = texts.iter().map(|text| row(text, &texts[0])).collect();
            let frequencies = HashMap::from([("zebra".to_owned(), frequency)]);
            let corpus = Corpus { documents, document_frequency: frequencies, ..Corpus::default() };
            for ranked in rank(&terms, &rows, &corpus, &Weights::new([("body", f64::NAN)])) {
                prop_assert!((0.0..=1.0).contains(&ranked.score), "{}", ranked.score);
                prop_assert_eq!(ranked.score > 0.0, !ranked.matched_columns.is_empty());
            }
        }
    }
}
