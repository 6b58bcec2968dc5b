//! What stems and function words are in the languages of the texts.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use shared::databases::Language;

use super::words::{is_accent, key};

/// Stems of words in one language.
pub struct Stems {
    language: Language,
    stemmer: Option<Stemmer>,
}

impl Stems {
    /// Those of this language.
    pub fn of(language: Language) -> Self {
        Self { language, stemmer: algorithm(language).map(Stemmer::create) }
    }

    /// Which language that is.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The stem of a word, by what it is written like and what it is compared by. Stemmers go by accents, and writers do without
    /// them: so a stem is made of what is written, and folded afterwards as words are. Numbers and other scripts are their own stems.
    pub fn stem<'a>(&self, spelling: &str, key: &'a str) -> Cow<'a, str> {
        let Some(stemmer) = self.stemmer.as_ref().filter(|_| self.can_read(key)) else { return Cow::Borrowed(key) };
        if self.language == Language::English {
            return stemmer.stem(key);
        }
        let written: String = spelling.chars().flat_map(char::to_lowercase).filter(|c| !is_accent(*c)).collect();
        Cow::Owned(folded(&stemmer.stem(&written)))
    }

    /// Whether a word is written in the script of the language. English has no accents: what English texts have of other languages
    /// would be read as if it were English.
    pub fn can_read(&self, key: &str) -> bool {
        let is_of_script = |c: char| match self.language {
            Language::Other => false,
            Language::English => c.is_ascii_lowercase(),
            Language::Russian => matches!(c, '\u{400}'..='\u{4FF}'),
            Language::Greek => matches!(c, '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}'),
            Language::Arabic => matches!(c, '\u{600}'..='\u{6FF}') && c.is_alphabetic(),
            Language::Tamil => matches!(c, '\u{B80}'..='\u{BFF}') && c.is_alphabetic(),
            _ => c < '\u{250}' && c.is_alphabetic(),
        };
        key.chars().all(is_of_script)
    }
}

/// Whether a word and its stem begin with the same letter. Arabic writes the article to its words, and Tamil changes them.
pub fn keep_first_letters(language: Language) -> bool {
    !matches!(language, Language::Arabic | Language::Tamil)
}

/// Whether a word only makes sentences in English.
pub fn is_function_word(key: &str) -> bool {
    is_function_word_of(Language::English, key)
}

/// Whether a word only makes sentences in this language. Where the language is none that we know, English is met as well.
pub fn is_function_word_of(language: Language, key: &str) -> bool {
    static WORDS: LazyLock<HashMap<Language, HashSet<String>>> =
        LazyLock::new(|| Language::ALL.into_iter().map(|of| (of, of.function_words().map(folded).collect())).collect());
    let known = if language == Language::Other { Language::English } else { language };
    WORDS.get(&known).is_some_and(|words| words.contains(key))
}

fn folded(word: &str) -> String {
    key(word).into_owned()
}

fn algorithm(language: Language) -> Option<Algorithm> {
    Some(match language {
        Language::Arabic => Algorithm::Arabic,
        Language::Danish => Algorithm::Danish,
        Language::Dutch => Algorithm::Dutch,
        Language::English => Algorithm::English,
        Language::Finnish => Algorithm::Finnish,
        Language::French => Algorithm::French,
        Language::German => Algorithm::German,
        Language::Greek => Algorithm::Greek,
        Language::Hungarian => Algorithm::Hungarian,
        Language::Italian => Algorithm::Italian,
        Language::Norwegian => Algorithm::Norwegian,
        Language::Portuguese => Algorithm::Portuguese,
        Language::Romanian => Algorithm::Romanian,
        Language::Russian => Algorithm::Russian,
        Language::Spanish => Algorithm::Spanish,
        Language::Swedish => Algorithm::Swedish,
        Language::Tamil => Algorithm::Tamil,
        Language::Turkish => Algorithm::Turkish,
        Language::Other => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem(language: Language, word: &str) -> String {
        Stems::of(language).stem(word, &key(word)).into_owned()
    }

    #[test]
    fn words_of_one_stem_are_one_in_their_language_with_accents_and_without() {
        for (language, words) in [
            (Language::English, &["zebra", "zebras"][..]),
            (Language::German, &["Haus", "Häuser", "HÄUSERN", "Hauses", "Ha\u{308}user"]),
            (Language::German, &["Straße", "Strassen", "strasse"]),
            (Language::French, &["cheval", "chevaux"]),
            (Language::French, &["élève", "ÉLÈVES", "eleve"]),
            (Language::Spanish, &["canción", "canciones", "cancion"]),
            (Language::Russian, &["книга", "книги", "книгами"]),
            (Language::Turkish, &["kitap", "kitaplar"]),
            (Language::Finnish, &["talo", "talossa"]),
            (Language::Other, &["haus"]),
        ] {
            let stems: HashSet<String> = words.iter().map(|word| stem(language, word)).collect();
            assert_eq!(stems.len(), 1, "{words:?}: {stems:?}");
        }
        assert_ne!(stem(Language::Other, "zebras"), stem(Language::Other, "zebra"));
        assert_ne!(stem(Language::English, "Häuser"), stem(Language::English, "Haus"));
    }

    #[test]
    fn numbers_and_mixtures_are_their_own_stems() {
        for language in Language::ALL {
            for word in ["2024", "x86_64", "検索", "3d"] {
                assert_eq!(stem(language, word), word, "{language:?}");
            }
        }
    }

    #[test]
    fn function_words_are_those_of_a_language_without_accents() {
        assert!(is_function_word("the") && is_function_word_of(Language::Other, "the"));
        assert!(is_function_word_of(Language::German, "uber") && !is_function_word_of(Language::German, "the"));
        assert!(is_function_word_of(Language::Russian, "что") && !is_function_word("haus"));
    }
}
