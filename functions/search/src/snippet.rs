//! The passage of a row that shows best why it was found.

use std::collections::HashSet;
use std::ops::Range;

use crate::query::{Hit, Terms, is_word_char, tokens};

/// Characters of a passage, without the dots.
const LENGTH_MAX: usize = 200;

/// Of the texts of a row, those that matched if any did: the passage with the most different terms; when none occurs, the
/// start of the longest text. Plain text, cut between words, with `...` on a side where text is missing.
pub fn snippet(texts: &[&str], terms: &Terms) -> String {
    let passages = texts.iter().filter_map(|text| Passage::best(text, terms));
    // The last of equals: among texts that hold as much, the longest is the one that explains most.
    let best = passages.max_by_key(|passage| (passage.terms, passage.hits, passage.text.len()));
    let start = || texts.iter().max_by_key(|text| text.len()).map(|text| Passage::start(text));
    best.or_else(start).map_or_else(String::new, |passage| passage.cut())
}

/// A part of a text that is to be shown, and how much of the query it holds.
struct Passage<'a> {
    text: &'a str,
    /// In bytes.
    core: Range<usize>,
    terms: usize,
    hits: usize,
}

impl<'a> Passage<'a> {
    fn start(text: &'a str) -> Self {
        Self { text, core: 0..0, terms: 0, hits: 0 }
    }

    /// The earliest of the best; nothing when no term occurs.
    fn best(text: &'a str, terms: &Terms) -> Option<Self> {
        let hits = terms.find(&tokens(text).collect::<Vec<_>>()).hits;
        let passages = (0..hits.len()).map(|first| Self::from(text, &hits[first..]));
        passages.rev().max_by_key(|passage| (passage.terms, passage.hits))
    }

    /// As many hits from the first of these as there is room for.
    fn from(text: &'a str, hits: &[Hit]) -> Self {
        let start = hits[0].start;
        let room = end_after(text, start, LENGTH_MAX);
        let inside = hits.iter().take_while(|hit| hit.end <= room);
        let terms: HashSet<usize> = inside.clone().map(|hit| hit.term).collect();
        let end = inside.clone().last().map_or(room, |hit| hit.end);
        Self { text, core: start..end, terms: terms.len(), hits: inside.count() }
    }

    /// The core with as much around it as there is room for, a third of it before.
    fn cut(&self) -> String {
        let text = self.text;
        let room = LENGTH_MAX.saturating_sub(text[self.core.clone()].chars().count());
        let after = end_after(text, self.core.end, room - room / 3);
        let unused = room - text[self.core.end..after].chars().count();
        let start = start_before(text, self.core.start, unused);
        let end = end_after(text, start, LENGTH_MAX);
        let shown = next_border(text, start..self.core.start)..last_border(text, self.core.end..end);
        let before = if text[..shown.start].trim().is_empty() { "" } else { "..." };
        let after = if text[shown.end..].trim().is_empty() { "" } else { "..." };
        format!("{before}{}{after}", text[shown].trim())
    }
}

fn end_after(text: &str, start: usize, chars: usize) -> usize {
    text[start..].char_indices().nth(chars).map_or(text.len(), |(length, _)| start + length)
}

fn start_before(text: &str, end: usize, chars: usize) -> usize {
    match chars {
        0 => end,
        chars => text[..end].char_indices().nth_back(chars - 1).map_or(0, |(start, _)| start),
    }
}

/// The first place to begin in a range; its start when a single word fills it.
fn next_border(text: &str, range: Range<usize>) -> usize {
    let places = text[range.clone()].char_indices().map(|(at, _)| range.start + at).chain([range.end]);
    places.into_iter().find(|at| is_border(text, *at)).unwrap_or(range.start)
}

/// The last place to end in a range; its end when a single word fills it.
fn last_border(text: &str, range: Range<usize>) -> usize {
    let places = text[range.clone()].char_indices().map(|(at, _)| range.start + at).chain([range.end]);
    let inside = places.filter(|at| *at > range.start || *at == text.len());
    inside.rev().find(|at| is_border(text, *at)).unwrap_or(range.end)
}

/// Not between two letters of a word.
fn is_border(text: &str, at: usize) -> bool {
    let (before, after) = (text[..at].chars().next_back(), text[at..].chars().next());
    !(before.is_some_and(is_word_char) && after.is_some_and(is_word_char))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::query::Query;

    fn of(query: &str, texts: &[&str]) -> String {
        snippet(texts, &Query::natural(query).unwrap().terms())
    }

    #[test]
    fn short_text_is_returned_whole() {
        assert_eq!(of("zebra", &[" A zebra, crossing. "]), "A zebra, crossing.");
        assert_eq!(of("zebra", &[""]), "");
        assert_eq!(of("zebra", &[]), "");
    }

    #[test]
    fn the_passage_with_the_most_different_terms_is_shown_between_dots() {
        let filler = "some other words ".repeat(30);
        let text = format!("zebra zebra zebra {filler} the zebra crossing {filler}");
        let shown = of("zebra crossing", &[&text]);
        assert!(shown.contains("the zebra crossing"), "{shown}");
        assert!(shown.starts_with("...") && shown.ends_with("..."), "{shown}");
        assert!(shown.chars().count() <= LENGTH_MAX + 6, "{shown}");
    }

    #[test]
    fn without_a_match_the_longest_text_begins() {
        let long = "nothing of interest ".repeat(30);
        let shown = of("zebra", &["short", &long]);
        assert!(shown.starts_with("nothing") && shown.ends_with("..."), "{shown}");
    }

    #[test]
    fn words_are_not_cut_and_text_without_blanks_is() {
        let shown = of("zebra", &[&format!("zebra {}", "abcdefghi ".repeat(40))]);
        assert!(shown.trim_end_matches("...").ends_with("abcdefghi"), "{shown}");
        let shown = of("zebra", &[&"検索".repeat(300)]);
        assert_eq!(shown.chars().count(), LENGTH_MAX + 3);
    }

    #[test]
    fn a_stem_is_worth_showing() {
        let filler = "some other words ".repeat(30);
        assert!(of("zebras", &[&format!("{filler} one zebra {filler}")]).contains("one zebra"));
    }

    proptest! {
        #[test]
        fn a_snippet_is_a_part_of_a_text_and_not_too_long(
            query in "(zebra|cow|\\PC){1,3}",
            texts in prop::collection::vec("(zebra|cow| |, |é|\u{1F993}|long words here |\\PC){0,80}", 1..4),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            if let Ok(query) = Query::natural(&query) {
                let shown = snippet(&texts, &query.terms());
                let bare = |text: &str| -> Vec<String> {
                    let front = text.strip_prefix("...").unwrap_or(text);
                    [text, front].iter().flat_map(|t| [(*t).to_owned(), t.strip_suffix("...").unwrap_or(t).to_owned()]).collect()
                };
                prop_assert!(bare(&shown).iter().any(|part| texts.iter().any(|text| text.contains(part))), "{}", shown);
                prop_assert!(shown.chars().count() <= LENGTH_MAX + 6);
            }
        }
    }
}
