use proptest::prelude::*;
use shared::databases::Language;

use super::*;
use crate::query::{Query, Terms};

fn terms(query: &str) -> Terms {
    Query::natural(query).unwrap().terms(&[Language::English])
}

fn row<'a>(title: &'a str, body: &'a str) -> Candidate<'a> {
    Candidate {
        table: "t",
        language: Language::English,
        columns: vec![Column { name: "title", text: title }, Column { name: "body", text: body }],
    }
}

/// The score of each candidate, and the columns in which it holds a term.
struct Ranked {
    score: f64,
    matched_columns: Vec<usize>,
}

fn rank(terms: &Terms, candidates: &[Candidate<'_>], weights: &Weights) -> Vec<Ranked> {
    let mut finder = terms.finder();
    let rows: Vec<Row<'_>> = candidates.iter().map(|candidate| Row::read(&mut finder, candidate.clone())).collect();
    let model = Model::learn(terms, &rows, weights);
    let matched = |row: &Row<'_>| (0..row.found.len()).filter(|column| !row.found[*column].hits.is_empty()).collect();
    rows.iter().map(|row| Ranked { score: model.score(row, 1.0), matched_columns: matched(row) }).collect()
}

fn scores(query: &str, candidates: &[Candidate<'_>]) -> Vec<f64> {
    let ranked = rank(&terms(query), candidates, &Weights::default());
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
    let mut rows = vec![row("", "a report"); 20];
    rows.push(row("", "a zebra"));
    let scores = scores("zebra report", &rows);
    assert!(scores[20] > scores[0], "{scores:?}");
}

#[test]
fn a_word_that_only_makes_sentences_counts_little_however_rare_it_is() {
    let mut rows = vec![row("", "a zebra"); 20];
    rows.push(row("", "one must"));
    let scores = scores("must zebra", &rows);
    assert!(scores[20] < scores[0] && scores[20] > 0.0, "{scores:?}");
}

#[test]
fn the_more_often_a_word_stands_there_the_higher_the_score_and_never_1() {
    let texts: Vec<String> = (1..200).map(|n| format!("{}{}", "zebra ".repeat(n), "word ".repeat(200 - n))).collect();
    let rows: Vec<Candidate<'_>> = texts.iter().map(|text| row("zebra", text)).collect();
    let scores = scores("zebra", &rows);
    assert!(scores.windows(2).all(|pair| pair[0] < pair[1]) && scores[198] < 1.0, "{scores:?}");
}

#[test]
fn a_score_can_be_computed_again_from_its_explanation() {
    let candidates = [row("Zebra crossings", "Where a zebra crosses the road"), row("", "a horse and a zebra")];
    let terms = terms("zebra crossing \"the road\"");
    let mut finder = terms.finder();
    let rows: Vec<Row<'_>> = candidates.iter().map(|candidate| Row::read(&mut finder, candidate.clone())).collect();
    let model = Model::learn(&terms, &rows, &Weights::new([("title", 2.0)]));
    for (score, explanation) in rows.iter().map(|row| (model.score(row, 0.5), model.explain(row, 0.5))) {
        let told = serde_json::to_value(&explanation).unwrap();
        let computed = recomputed(&told);
        assert!((computed - score).abs() < 1e-9, "{computed} {score} {told:#}");
    }
}

/// By the formulas that the explanation is documented with, from its numbers alone.
fn recomputed(told: &serde_json::Value) -> f64 {
    let constant = |name: &str| told["constants"][name].as_f64().unwrap();
    let (mut reached, mut held, mut total) = (0.0, 0.0, 0.0);
    for term in told["terms"].as_array().unwrap() {
        let of_column = |column: &serde_json::Value| {
            let number = |name: &str| column[name].as_f64().unwrap();
            (number("exact") + constant("stemOnly") * number("stems")) * number("fieldWeight") / number("lengthNorm")
        };
        let frequency: f64 = term["occurrences"].as_array().unwrap().iter().map(of_column).sum();
        let weight = term["weight"].as_f64().unwrap();
        total += weight;
        held += if frequency > 0.0 { weight } else { 0.0 };
        reached += weight * frequency / (frequency + constant("k1"));
    }
    let factor = |of: f64, share: &str| 1.0 - constant(share) + constant(share) * of;
    let proximity = told["proximity"].as_f64().unwrap();
    reached / total
        * factor(held / total, "coverageShare")
        * factor(proximity, "proximityShare")
        * told["source"].as_f64().unwrap()
}

#[test]
fn a_stem_scores_nearly_as_much_as_the_word_itself() {
    let scores = scores("zebras", &[row("", "two zebras"), row("", "one zebra"), row("", "zeal")]);
    assert!(scores[0] > scores[1] && scores[1] > 0.5 * scores[0] && scores[2] == 0.0, "{scores:?}");
}

#[test]
fn only_columns_in_which_a_term_occurs_are_matched() {
    let ranked = rank(&terms("zebra"), &[row("Horses", "and zebras")], &Weights::default());
    assert_eq!(ranked[0].matched_columns, [1]);
}

#[test]
fn a_weight_by_name_overrules_the_kind() {
    let rows = [row("zebra", "horse"), row("horse", "zebra")];
    let ranked = rank(&terms("zebra"), &rows, &Weights::new([("TITLE", 0.2), ("body", 4.0)]));
    assert!(ranked[1].score > ranked[0].score);
}

proptest! {
    #[test]
    fn every_score_is_between_0_and_1_and_0_only_without_a_match(
        query in "(zebra|horse|cow|ze\\*|\"zebra cow\"| |-|node.js|\\PC){1,12}",
        texts in prop::collection::vec("(zebra |cow |horses |js |\\PC){0,30}", 1..8),
    ) {
        let queries = Query::natural(&query).into_iter().chain(Query::boolean(&query));
        for terms in queries.map(|query| query.terms(&[Language::English])) {
            let rows: Vec<Candidate<'_>> = texts.iter().map(|text| row(text, &texts[0])).collect();
            for ranked in rank(&terms, &rows, &Weights::new([("body", f64::NAN)])) {
                prop_assert!((0.0..=1.0).contains(&ranked.score), "{}", ranked.score);
                prop_assert_eq!(ranked.score > 0.0, !ranked.matched_columns.is_empty());
            }
        }
    }

    #[test]
    fn a_word_of_the_query_in_the_place_of_another_never_scores_lower(
        words in prop::collection::vec("(zebra|horse|cow|must|other|words)", 1..40),
        place in any::<prop::sample::Index>(),
        (filler, term) in ("(other|words)", "(zebra|horses|cow|must)"),
    ) {
        let terms = terms("zebra horse must cow");
        let place = place.index(words.len());
        let with = |word| [&words[..place], &[word][..], &words[place + 1..]].concat().join(" ");
        let (before, after) = (with(filler), with(term));
        let candidates = [row("some title", &before), row("some title", &after)];
        let mut finder = terms.finder();
    let rows: Vec<Row<'_>> = candidates.iter().map(|candidate| Row::read(&mut finder, candidate.clone())).collect();
        let model = Model::learn(&terms, &rows[..1], &Weights::default());
        let scores: Vec<f64> = rows.iter().map(|row| model.score(row, 1.0)).collect();
        prop_assert!(scores[1] > scores[0], "{} for {}, {} for {}", scores[0], before, scores[1], after);
    }

    #[test]
    fn the_order_of_the_candidates_changes_no_score(
        texts in prop::collection::vec("(zebra |cow |horses |words ){1,30}", 2..8),
        turn in any::<prop::sample::Index>(),
    ) {
        let turn = turn.index(texts.len());
        let rows: Vec<Candidate<'_>> = texts.iter().map(|text| row("", text)).collect();
        let turned = [&rows[turn..], &rows[..turn]].concat();
        let (mut scores, turned) = (scores("zebra cow", &rows), scores("zebra cow", &turned));
        scores.rotate_left(turn);
        prop_assert_eq!(scores, turned);
    }
}
