//! What stems, forms and function words are in the language of the texts.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

/// Words that make sentences and say nothing about what a text is about. They count little in the score.
const FUNCTION_WORDS: &str = "\
    a about after all also am an and any anyone are as at be because been before being between both but by can could did do \
    does doing done each else for from give had has have having he her here him his how however i if in into is it its just \
    let may me might more most must my no nor not of on one only or other our out over she should since so some such than \
    that the their them then there these they this those through to too under until up upon us very was we were what when \
    where whether which while who whom whose why will with within without would you your";
/// Endings that English inflects with, and its usual ways to make one kind of word out of another.
const ENDINGS: [&str; 17] =
    ["", "s", "es", "e", "ed", "d", "ing", "er", "ers", "ion", "ions", "ly", "y", "ies", "al", "ment", "ments"];
/// So many other forms of a word are looked for.
const FORMS_MAX: usize = 12;

/// Stems of words. To make it costs more than to use it.
pub struct Stems(Stemmer);

impl Default for Stems {
    fn default() -> Self {
        Self(Stemmer::create(Algorithm::English))
    }
}

impl Stems {
    /// The stem of a word's key. Numbers and other scripts are their own stems.
    pub fn of<'a>(&self, key: &'a str) -> Cow<'a, str> {
        if is_plain(key) { self.0.stem(key) } else { Cow::Borrowed(key) }
    }

    /// Other words of the same stem, for a server that finds only what is written. They are made by rule and not all of them
    /// exist: one that does not finds nothing. Each is checked against the stemmer, so that none means something else.
    pub fn forms(&self, key: &str) -> Vec<String> {
        if !is_plain(key) || key.len() < 3 || is_function_word(key) {
            return Vec::new();
        }
        let stem = self.of(key).into_owned();
        let mut bases = vec![stem.clone(), key.to_owned()];
        // `happi` of happy, `run` of running, `us` of use.
        bases.extend(stem.strip_suffix('i').map(str::to_owned));
        bases.extend(stem.chars().last().map(|last| format!("{stem}{last}")));
        let mut forms: Vec<String> = Vec::new();
        for form in bases.iter().flat_map(|base| ENDINGS.iter().map(move |ending| format!("{base}{ending}"))) {
            if form != key && form.len() > 2 && !forms.contains(&form) && self.of(&form) == stem {
                forms.push(form);
            }
        }
        forms.truncate(FORMS_MAX);
        forms
    }
}

/// Whether a word only makes sentences.
pub fn is_function_word(key: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| FUNCTION_WORDS.split_whitespace().collect());
    WORDS.contains(key)
}

fn is_plain(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_its_stem_and_lead_back_to_it() {
        let stems = Stems::default();
        for (word, other) in [
            ("zebras", "zebra"),
            ("zebra", "zebras"),
            ("running", "run"),
            ("city", "cities"),
            ("computing", "computed"),
        ] {
            assert!(stems.forms(word).iter().any(|form| form == other), "{word}: {:?}", stems.forms(word));
        }
        for word in ["zebras", "flows", "conducting", "happiness"] {
            assert!(stems.forms(word).iter().all(|form| form != word && stems.of(form) == stems.of(word)));
        }
    }

    #[test]
    fn numbers_function_words_and_other_scripts_have_no_other_forms() {
        let stems = Stems::default();
        for word in ["2024", "the", "検索", "x86_64", "ab"] {
            assert!(stems.forms(word).is_empty(), "{word}");
        }
    }
}
