//! What the pages name is there: files, and tests by their names.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{File, files, none, read};

/// Files that pages speak of and that are not ours.
const ELSEWHERE: [&str; 5] = ["NNNN-a-few-words.md", "foo.rs", "mod.rs", "recursion_detection.rs", "response.rs"];

/// Endings of the files that pages name.
const ENDINGS: [&str; 4] = [".md", ".rs", ".toml", ".yaml"];

/// A name of so many words is that of a test, of another function, or of something else in the code.
const WORDS_MIN: usize = 4;

#[test]
fn every_file_that_a_page_names_is_there() {
    let files = files();
    let is_there = |path: &str| files.iter().any(|file| file.path == path || file.path.ends_with(&format!("/{path}")));
    let mut broken = Vec::new();
    for (page, line, span) in spans(&files) {
        let is_path = ENDINGS.iter().any(|ending| span.ends_with(ending)) && span.chars().all(is_of_a_path);
        let is_known = ELSEWHERE.iter().any(|name| span.ends_with(name));
        if is_path && !is_known && !is_there(span) {
            broken.push(format!("{page}:{line}: there is no {span}"));
        }
    }
    none(&broken);
}

#[test]
fn every_test_that_a_page_names_is_there() {
    let files = files();
    let code = files.iter().filter(|file| file.is("", ".rs")).flat_map(File::code);
    let words: BTreeSet<&str> = code.flat_map(|(_, text)| text.split(|c| !is_of_a_name(c))).collect();
    let mut broken = Vec::new();
    for (page, line, span) in spans(&files) {
        let is_name = span.chars().all(is_of_a_name) && span.split('_').count() >= WORDS_MIN;
        if is_name && !words.contains(span) {
            broken.push(format!("{page}:{line}: there is no test {span}: name the one that holds it now"));
        }
    }
    none(&broken);
}

#[test]
fn the_page_on_the_standard_has_each_requirement_once_and_counts_its_answers() {
    let page = read("docs/asvs.md");
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut numbers = BTreeSet::new();
    for (line, text) in page.lines() {
        let cells: Vec<&str> = text.split('|').map(str::trim).collect();
        let [_, listed, level, _, verdict, ..] = cells[..] else { continue };
        for number in listed.split(", ").filter(|number| number.split('.').count() == 3) {
            assert!(numbers.insert(number), "docs/asvs.md:{line}: {number} stands there twice");
            *counts.entry((verdict, level)).or_default() += 1;
        }
    }
    // So many has version 5.0.0 of the levels 1 and 2.
    assert_eq!(numbers.len(), 70 + 183);
    for verdict in ["yes", "partly", "no", "–"] {
        let [first, second] = ["1", "2"].map(|level| counts.remove(&(verdict, level)).unwrap_or(0));
        let line = format!("| {verdict} | {first} | {second} |");
        assert!(page.text.contains(&line), "docs/asvs.md: it has to say {line}");
    }
    assert!(counts.is_empty(), "docs/asvs.md: {counts:?}");
}

/// What stands between backticks in the pages, each with its page and its line. Blocks of code are left out.
fn spans(files: &[File]) -> Vec<(&str, usize, &str)> {
    let mut spans = Vec::new();
    for file in files.iter().filter(|file| file.is("", ".md")) {
        let mut is_block = false;
        for (line, text) in file.lines() {
            if text.trim_start().starts_with("```") {
                is_block = !is_block;
            } else if !is_block {
                spans.extend(text.split('`').skip(1).step_by(2).map(|span| (file.path.as_str(), line, span)));
            }
        }
    }
    spans
}

fn is_of_a_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-./".contains(c)
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}
