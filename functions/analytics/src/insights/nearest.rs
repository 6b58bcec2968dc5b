//! Which of the queries that find something is most like one that does not.

use std::collections::HashSet;

/// Less alike than this is another question.
const ALIKE_MIN: f64 = 0.4;

/// How alike two texts are, from 0 to 1: of the pieces of three letters that either has, twice the share that both have
/// (Dice's coefficient). It sees misspellings as well as other words around the same one.
pub fn likeness(one: &str, other: &str) -> f64 {
    let (one, other) = (pieces(one), pieces(other));
    let [both, sum] =
        [one.intersection(&other).count(), one.len() + other.len()].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    2.0 * f64::from(both) / f64::from(sum.max(1))
}

/// The most alike of the others, and how much so. Of several the first.
pub fn nearest<'a, T>(query: &str, others: &'a [(String, T)]) -> Option<(&'a T, f64)> {
    let alike = others.iter().map(|(text, other)| (other, likeness(query, text)));
    let best = alike.filter(|(_, likeness)| *likeness >= ALIKE_MIN);
    best.reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// With a blank before and after, so that the beginning counts more than the middle.
fn pieces(text: &str) -> HashSet<[char; 3]> {
    let padded: Vec<char> = format!("  {} ", text.to_lowercase()).chars().collect();
    padded.windows(3).filter_map(|piece| piece.try_into().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_is_like_what_was_meant() {
        let known = ["wireless headphones", "headphone stand", "zebra"].map(|text| (text.to_owned(), text));
        for (query, meant) in [
            ("wireles hedphones", Some("wireless headphones")),
            ("Zebras", Some("zebra")),
            ("stand for headphones", Some("headphone stand")),
            ("garden hose", None),
        ] {
            assert_eq!(nearest(query, &known).map(|(text, _)| *text), meant, "{query}");
        }
    }
}
