use shared::databases::{Entry, Vocabulary};

use super::*;

fn lexis(words: &[(&str, u32)]) -> Lexis {
    let entry = |(word, count): &(&str, u32)| Entry { key: (*word).into(), count: *count, spelling: None };
    let table = serde_json::from_str(r#""articles""#).unwrap();
    let words = words.iter().map(entry).collect();
    Vocabulary::new(vec![Lexis { table, words, titles: Vec::new() }]).tables.remove(0)
}

fn offered(query: &str, missing: &[&str], words: &[(&str, u32)]) -> Vec<String> {
    let missing: Vec<String> = missing.iter().map(|word| (*word).to_owned()).collect();
    spellings(query, &missing, &[&lexis(words)]).into_iter().map(|suggestion| suggestion.text).collect()
}

#[test]
fn the_nearest_comes_first_and_of_equally_near_words_the_most_frequent() {
    let words = [("zebra", 2), ("zebru", 90), ("zebus", 5)];
    assert_eq!(offered("zebre", &["zebre"], &words), ["zebru", "zebra"]);
    assert_eq!(offered("Zebraa crossing", &["zebraa"], &words), ["zebra crossing", "zebru crossing"]);
}

#[test]
fn a_word_that_is_there_is_not_corrected() {
    assert_eq!(offered("zebra", &["zebra"], &[("zebra", 1), ("zebras", 500)]), Vec::<String>::new());
}

#[test]
fn all_that_is_not_a_misspelt_word_stays_as_it_was_written() {
    let words = [("horse", 3), ("zebra", 2)];
    assert_eq!(offered("+zebar -(horze OR \"a b\"~5)", &["zebar"], &words), ["+zebra -(horze OR \"a b\"~5)"]);
    assert_eq!(offered("Hörze*, zebar!", &["horze", "zebar"], &words), ["horse*, zebra!"]);
    assert_eq!(offered("a AND adn", &["and"], &[("adn", 1)]), Vec::<String>::new());
}

#[test]
fn two_words_written_as_one_are_taken_apart() {
    assert_eq!(offered("zebracrossing", &["zebracrossing"], &[("crossing", 1), ("zebra", 1)]), ["zebra crossing"]);
}

#[test]
fn scores_are_in_0_to_1_and_fall_with_the_distance() {
    let scores: Vec<f64> = (0..4).map(|distance| score("zebra", distance, 1.0)).collect();
    assert!(scores.windows(2).all(|pair| pair[0] > pair[1]), "{scores:?}");
    assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
}
