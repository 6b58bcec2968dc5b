//! Other forms of the words of a natural query, for servers that find only what is written.
//!
//! In English they are made by the rules of spelling, each a word by itself, because an index finds words faster than
//! beginnings, and because there the server's number of rows is the total. In other languages, which inflect in more ways, they are
//! everything that begins like the stem; which rows hold that stem indeed is ours to see.

use shared::databases::Language;

use super::inflection::forms;
use super::language::{Stems, is_function_word_of};
use super::tree::{Node, Stem, Word};
use super::words::key;

/// The most forms that are sent of a query.
const FORMS_MAX: usize = 64;
/// The most words of a query that are looked for by their stems.
const STEMS_MAX: usize = 16;
/// The fewest characters of a beginning: shorter ones begin half of all words.
const BEGINNING_CHARS_MIN: usize = 3;

/// What is sent besides these words.
pub fn others(words: &[Word], language: Language) -> Vec<Node> {
    if language != Language::English {
        return stems(words, language);
    }
    let known = |form: &String| words.iter().any(|word| word.key == *form);
    let forms = words.iter().flat_map(|word| forms(&word.key)).filter(|form| !known(form));
    forms.take(FORMS_MAX).map(|form| Node::Word(Word::new(&form))).collect()
}

/// Any word of the same stem, for each of these that begins like its stem.
pub fn stems(words: &[Word], language: Language) -> Vec<Node> {
    let stems = Stems::of(language);
    // Numbers, names with digits and words of other scripts are only themselves.
    let has_forms = |word: &&Word| stems.can_read(&word.key) && !is_function_word_of(language, &word.key);
    let beginnings = words.iter().filter(has_forms).filter_map(|word| {
        let stem = stems.stem(&word.spelling, &word.key);
        let beginning = Word::new(shared_beginning(&word.spelling, &stem)?);
        Some(Node::Stem(Stem { beginning, key: stem.into_owned(), language }))
    });
    beginnings.take(STEMS_MAX).collect()
}

/// As much of the word, as it is written, as the stem begins with.
fn shared_beginning<'a>(spelling: &'a str, stem: &str) -> Option<&'a str> {
    let (mut folded, mut end, mut chars) = (String::new(), 0, 0);
    for (at, c) in spelling.char_indices() {
        folded.push_str(&key(c.encode_utf8(&mut [0; 4])));
        if !stem.starts_with(&folded) {
            break;
        }
        (end, chars) = (at + c.len_utf8(), chars + 1);
    }
    (chars >= BEGINNING_CHARS_MIN).then(|| &spelling[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(language: Language, words: &[&str]) -> Vec<String> {
        let words: Vec<Word> = words.iter().map(|word| Word::new(word)).collect();
        let text = |node: Node| match node {
            Node::Word(word) => word.spelling,
            Node::Stem(stem) => format!("{}* {}", stem.beginning.spelling, stem.key),
            _ => String::new(),
        };
        others(&words, language).into_iter().map(text).collect()
    }

    #[test]
    fn in_english_forms_are_words_and_elsewhere_beginnings() {
        assert_eq!(sent(Language::English, &["zebra", "The", "2024"]), ["zebras"]);
        assert_eq!(sent(Language::English, &["zebra", "zebras"]), [""; 0]);
        assert_eq!(sent(Language::German, &["Häuser", "der", "Straße"]), ["Häus* haus", "Straß* strass"]);
        assert_eq!(sent(Language::French, &["chevaux"]), ["cheva* cheval"]);
        assert_eq!(sent(Language::Russian, &["книгами"]), ["книг* книг"]);
    }

    #[test]
    fn short_beginnings_numbers_and_other_languages_are_left_alone() {
        assert_eq!(sent(Language::German, &["ab", "2024", "x86_64", "検索"]), [""; 0]);
        assert_eq!(sent(Language::Other, &["Häuser", "zebras"]), [""; 0]);
        let many = vec!["Häuser"; 40];
        assert_eq!(sent(Language::German, &many).len(), STEMS_MAX);
    }
}
