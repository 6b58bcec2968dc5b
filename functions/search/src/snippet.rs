//! The passage of a row that shows best why it was found.

use std::collections::HashSet;
use std::ops::Range;

use shared::databases::Language;

use crate::highlight::Highlight;
use crate::query::{Finder, Hit, Token, is_word_char, tokens};

/// The texts of a row, and where they hold what was looked for.
pub struct Shown<'a> {
    texts: Vec<Text<'a>>,
    matched: Vec<usize>,
}

struct Text<'a> {
    text: &'a str,
    hits: Vec<Hit>,
}

impl<'a> Shown<'a> {
    /// The searched columns of a row, and their language. Where none holds a phrase whole that the query is made of, its words have to do.
    pub fn new(texts: &'a [String], finder: &mut Finder<'a>, language: Language) -> Self {
        let with = |find: &mut dyn FnMut(&[Token<'a>]) -> Vec<Hit>| -> Vec<Text<'a>> {
            texts.iter().map(|text| Text { text, hits: find(&tokens(text).collect::<Vec<_>>()) }).collect()
        };
        let mut shown = with(&mut |words| finder.find_whole(words, language));
        if shown.iter().all(|text| text.hits.is_empty()) {
            shown = with(&mut |words| finder.find(words, language).hits);
        }
        let matched = (0..shown.len()).filter(|column| !shown[*column].hits.is_empty()).collect();
        Self { texts: shown, matched }
    }

    /// The columns that hold something of the query, by their place among the texts.
    pub fn matched(&self) -> &[usize] {
        &self.matched
    }

    /// The passage with the most different terms; when none occurs, the start of the longest text. Cut between words, with `...` on
    /// a side where text is missing.
    pub fn snippet(&self, style: Option<&Highlight>) -> String {
        let length = Highlight::length(style);
        let passages = self.texts.iter().filter_map(|text| Passage::best(text, length));
        // The last of equals: among texts that hold as much, the longest is the one that explains most.
        let best = passages.max_by_key(|passage| (passage.terms, passage.hits, passage.text.text.len()));
        let start = || self.texts.iter().max_by_key(|text| text.text.len()).map(Passage::start);
        best.or_else(start).map_or_else(String::new, |passage| passage.cut(length, style))
    }

    /// The best passage of one column; nothing when it holds nothing of the query.
    pub fn highlight(&self, column: usize, style: &Highlight) -> Option<String> {
        let length = Highlight::length(Some(style));
        Some(Passage::best(self.texts.get(column)?, length)?.cut(length, Some(style)))
    }
}

/// A part of a text that is to be shown, and how much of the query it holds.
struct Passage<'a> {
    text: &'a Text<'a>,
    /// In bytes.
    core: Range<usize>,
    terms: usize,
    hits: usize,
}

impl<'a> Passage<'a> {
    fn start(text: &'a Text<'a>) -> Self {
        Self { text, core: 0..0, terms: 0, hits: 0 }
    }

    /// The earliest of the best; nothing when no term occurs.
    fn best(text: &'a Text<'a>, length: usize) -> Option<Self> {
        let passages = (0..text.hits.len()).map(|first| Self::from(text, first, length));
        passages.rev().max_by_key(|passage| (passage.terms, passage.hits))
    }

    /// As many hits from this one on as there is room for.
    fn from(text: &'a Text<'a>, first: usize, length: usize) -> Self {
        let hits = &text.hits[first..];
        let start = hits[0].start;
        let room = end_after(text.text, start, length);
        let inside = hits.iter().take_while(|hit| hit.end <= room);
        let terms: HashSet<usize> = inside.clone().map(|hit| hit.term).collect();
        let end = inside.clone().last().map_or(room, |hit| hit.end);
        Self { text, core: start..end, terms: terms.len(), hits: inside.count() }
    }

    /// The core with as much around it as there is room for, a third of it before.
    fn cut(&self, length: usize, style: Option<&Highlight>) -> String {
        let text = self.text.text;
        let room = length.saturating_sub(text[self.core.clone()].chars().count());
        let after = end_after(text, self.core.end, room - room / 3);
        let unused = room - text[self.core.end..after].chars().count();
        let start = start_before(text, self.core.start, unused);
        let end = end_after(text, start, length);
        let shown = trimmed(text, next_border(text, start..self.core.start)..last_border(text, self.core.end..end));
        let before = if text[..shown.start].trim().is_empty() { "" } else { "..." };
        let after = if text[shown.end..].trim().is_empty() { "" } else { "..." };
        let places = self.text.hits.iter().map(|hit| hit.start..hit.end);
        format!("{before}{}{after}", Highlight::write(style, text, shown, places))
    }
}

/// The range without the blanks at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inside = &text[range.clone()];
    let start = range.start + inside.len() - inside.trim_start().len();
    start..(start + inside.trim().len())
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

    const LENGTH_MAX: usize = 200;

    fn of(query: &str, texts: &[&str]) -> String {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let terms = Query::natural(query).unwrap().terms(&[Language::English]);
        Shown::new(&texts, &mut terms.finder(), Language::English).snippet(None)
    }

    fn marked(query: &str, text: &str) -> String {
        let style: Highlight = serde_json::from_str(r#"{ "pre": "[", "post": "]", "length": 60 }"#).unwrap();
        let (texts, terms) = ([text.to_owned()], Query::boolean(query).unwrap().terms(&[Language::English]));
        Shown::new(&texts, &mut terms.finder(), Language::English).snippet(Some(&style))
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

    #[test]
    fn marks_stand_around_what_was_looked_for_and_text_is_escaped() {
        for (query, text, expected) in [
            ("zebras cross*", "A <b>Zebra</b> & its crossings", "A &lt;b&gt;[Zebra]&lt;/b&gt; &amp; its [crossings]"),
            ("cafe", "Le Café \"cafe\u{301}\"", "Le [Café] &quot;[cafe\u{301}]&quot;"),
            ("\"zebra crossing\"", "zebra; zebra crossing", "zebra; [zebra] [crossing]"),
            ("検索", "全文検索エンジン", "全文[検索]エンジン"),
            ("全文 OR 検索", "全文検索", "[全文検索]"),
            (
                "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
                "\u{202b}\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{5dc}\u{5da}",
                "\u{202b}[\u{5e9}\u{5dc}\u{5d5}\u{5dd}] \u{5dc}\u{5da}",
            ),
        ] {
            assert_eq!(marked(query, text), expected);
        }
    }

    /// The text between the marks, and whether each opened one is closed before the next.
    fn unmarked(shown: &str) -> Option<String> {
        let mut inside = false;
        for c in shown.chars().filter(|c| matches!(c, '\u{1}' | '\u{2}')) {
            if (c == '\u{1}') == inside {
                return None;
            }
            inside = !inside;
        }
        let text = shown.replace(['\u{1}', '\u{2}'], "");
        let names = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        (!inside).then(|| names.iter().fold(text, |text, (name, c)| text.replace(name, c)))
    }

    fn is_part(shown: &str, texts: &[String]) -> bool {
        let front = shown.strip_prefix("...").unwrap_or(shown);
        let parts = [shown, front].into_iter().flat_map(|text| [text, text.strip_suffix("...").unwrap_or(text)]);
        parts.into_iter().any(|part| texts.iter().any(|text| text.contains(part)))
    }

    proptest! {
        #[test]
        fn a_snippet_is_a_part_of_a_text_and_not_too_long(
            query in "(zebra|cow|\\PC){1,3}",
            texts in prop::collection::vec("(zebra|cow| |, |é|\u{1F993}|long words here |\\PC){0,80}", 1..4),
        ) {
            if let Ok(query) = Query::natural(&query) {
                let terms = query.terms(&[Language::English]);
                let shown = Shown::new(&texts, &mut terms.finder(), Language::English).snippet(None);
                prop_assert!(is_part(&shown, &texts), "{}", shown);
                prop_assert!(shown.chars().count() <= LENGTH_MAX + 6);
            }
        }

        #[test]
        fn without_its_marks_a_passage_is_a_part_of_the_text(
            query in "(zebra |cow |検索 |検 |\"a zebra\" |é |ze\\* |ß|\\PC){1,4}",
            texts in prop::collection::vec("(zebra|cow| |検索|全文検|İ|ß|ⱥ|é|e\u{301}|\u{1F993}|&|<|\"|\u{5e9}|\u{202e}|a zebra|\\PC){0,80}", 1..4),
            length in 20_usize..300,
        ) {
            let style = format!("{{\"pre\":\"\\u0001\",\"post\":\"\\u0002\",\"length\":{length},\"columns\":true}}");
            let style: Highlight = serde_json::from_str(&style).unwrap();
            let texts: Vec<String> = texts.iter().map(|text| text.replace(['\u{1}', '\u{2}'], "")).collect();
            for query in Query::natural(&query).into_iter().chain(Query::boolean(&query)) {
                let terms = query.terms(&[Language::English]);
                let row = Shown::new(&texts, &mut terms.finder(), Language::English);
                let columns = (0..texts.len()).filter_map(|column| Some((column, row.highlight(column, &style)?)));
                for (column, shown) in columns {
                    let bare = unmarked(&shown);
                    prop_assert!(bare.is_some_and(|bare| is_part(&bare, &texts[column..=column])), "{}", shown);
                    prop_assert!(row.matched().contains(&column));
                }
                prop_assert!(unmarked(&row.snippet(Some(&style))).is_some_and(|bare| is_part(&bare, &texts)));
            }
        }
    }
}
