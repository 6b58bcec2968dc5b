//! What is known of each word of the texts of a search.

use std::collections::HashMap;

use shared::databases::Language;

use super::language::Stems;
use super::words::Token;

/// What is known of words, by language and spelling. A stem costs more than anything else that is done with a word, and most
/// words of a page stand in many of its rows: so each is looked at once a search.
pub struct Glossary<'a, T>(HashMap<Language, (Stems, HashMap<&'a str, T>)>);

impl<T> Default for Glossary<'_, T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<'a, T> Glossary<'a, T> {
    /// What is known of a word, or learnt of it now.
    pub fn of(&mut self, token: &Token<'a>, language: Language, learn: impl FnOnce(&Stems) -> T) -> &T {
        let (stems, known) = self.0.entry(language).or_insert_with(|| (Stems::of(language), HashMap::new()));
        known.entry(token.spelling).or_insert_with(|| learn(stems))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::tokens;

    #[test]
    fn a_word_is_learnt_once_in_each_language() {
        let mut glossary = Glossary::default();
        let mut learnt = 0;
        for language in [Language::English, Language::German, Language::English] {
            for token in tokens("zebra Zebra zebra") {
                glossary.of(&token, language, |_| learnt += 1);
            }
        }
        assert_eq!(learnt, 4);
    }
}
