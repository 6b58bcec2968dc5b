//! In which language the texts of a connection are written, and with that, which words are forms of one word.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::error::{InvalidKind, Refusal};

/// The words of each language that make its sentences, a line a language: they tell languages apart, and say nothing about what
/// a text is about.
const FUNCTION_WORDS: &str = include_str!("language/function_words.txt");

/// Of the words of a text, the share that have to make the sentences of a language before a text is taken to be in it,
const SHARE_MIN: f64 = 0.05;
/// how many there have to be,
const EVIDENCE_MIN: f64 = 5.0;
/// and how many times the evidence for the next language.
const LEAD_MIN: f64 = 1.3;

/// Of all letters, the share of those that a language has not, above which a text is in another one.
const STRANGE_MAX: f64 = 0.005;

/// A language whose stems we know (the stemmers of Snowball), or any other, in which every word is only itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "their names say it")]
pub enum Language {
    Arabic,
    Danish,
    Dutch,
    English,
    Finnish,
    French,
    German,
    Greek,
    Hungarian,
    Italian,
    Norwegian,
    Portuguese,
    Romanian,
    Russian,
    Spanish,
    Swedish,
    Tamil,
    Turkish,
    #[serde(rename = "none")]
    Other,
}

/// By the name that a client gives them.
const NAMES: [(&str, Language); 19] = [
    ("none", Language::Other),
    ("arabic", Language::Arabic),
    ("danish", Language::Danish),
    ("dutch", Language::Dutch),
    ("english", Language::English),
    ("finnish", Language::Finnish),
    ("french", Language::French),
    ("german", Language::German),
    ("greek", Language::Greek),
    ("hungarian", Language::Hungarian),
    ("italian", Language::Italian),
    ("norwegian", Language::Norwegian),
    ("portuguese", Language::Portuguese),
    ("romanian", Language::Romanian),
    ("russian", Language::Russian),
    ("spanish", Language::Spanish),
    ("swedish", Language::Swedish),
    ("tamil", Language::Tamil),
    ("turkish", Language::Turkish),
];

/// What the owner of a connection says of its language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LanguageChoice {
    /// That of its texts, as far as it can be told from a sample.
    #[default]
    Auto,
    /// This one.
    Is(Language),
}

/// The letters of a text, by script, as far as scripts matter here.
#[derive(Default)]
struct Letters {
    latin: f64,
    cyrillic: f64,
    /// Cyrillic letters that Russian has not.
    cyrillic_strange: f64,
    /// Those that its neighbours have not.
    russian: f64,
    arabic: f64,
    /// Arabic letters that Persian and Urdu have and Arabic has not.
    arabic_strange: f64,
    greek: f64,
    tamil: f64,
    others: f64,
}

impl Language {
    /// Every one of them.
    pub const ALL: [Self; NAMES.len()] = {
        let (mut all, mut nth) = ([Self::Other; NAMES.len()], 0);
        while nth < NAMES.len() {
            all[nth] = NAMES[nth].1;
            nth += 1;
        }
        all
    };

    /// The words that make its sentences, in lower case; none for [`Language::Other`].
    pub fn function_words(self) -> impl Iterator<Item = &'static str> {
        let name = NAMES.iter().find(|(_, language)| *language == self).map_or("", |(name, _)| *name);
        let line = FUNCTION_WORDS.lines().filter_map(|line| line.split_once(": ")).find(|(of, _)| *of == name);
        line.map_or("", |(_, words)| words).split_whitespace()
    }

    /// The language that these texts are written in; where there is too little of any, English for the Latin script. Nothing where
    /// there is no text.
    pub fn of_texts<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Option<Self> {
        let mut letters = Letters::default();
        texts.clone().flat_map(str::chars).for_each(|c| letters.count(c));
        letters.language(|| by_function_words(texts))
    }
}

impl LanguageChoice {
    /// The language that is chosen; what was found where the choice is left to us. What was never looked at is taken for English.
    pub fn or_found(self, found: Option<Language>) -> Language {
        match self {
            Self::Is(language) => language,
            Self::Auto => found.unwrap_or(Language::English),
        }
    }
}

impl TryFrom<String> for LanguageChoice {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let text = text.trim().to_lowercase();
        let named = NAMES.iter().find(|(name, _)| *name == text).map(|(_, language)| Self::Is(*language));
        let known = if text == "auto" { Some(Self::Auto) } else { named };
        known.ok_or(Refusal(
            InvalidKind::Choice,
            "must be auto, none, or one of arabic, danish, dutch, english, finnish, french, german, greek, hungarian, \
             italian, norwegian, portuguese, romanian, russian, spanish, swedish, tamil, turkish",
        ))
    }
}

impl From<LanguageChoice> for String {
    fn from(choice: LanguageChoice) -> Self {
        let name = |language| NAMES.iter().find(|(_, known)| *known == language).map_or("none", |(name, _)| *name);
        match choice {
            LanguageChoice::Auto => "auto".to_owned(),
            LanguageChoice::Is(language) => name(language).to_owned(),
        }
    }
}

impl Letters {
    fn count(&mut self, c: char) {
        match c {
            'ы' | 'э' | 'ё' | 'Ы' | 'Э' | 'Ё' => self.russian += 1.0,
            'і' | 'ї' | 'є' | 'ґ' | 'ў' | 'ј' | 'ђ' | 'ћ' | 'љ' | 'њ' | 'џ' => self.cyrillic_strange += 1.0,
            'پ' | 'چ' | 'ژ' | 'گ' | 'ک' | 'ی' | 'ٹ' | 'ڈ' | 'ں' | 'ے' => self.arabic_strange += 1.0,
            _ => {}
        }
        match c {
            'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => self.latin += 1.0,
            '\u{400}'..='\u{4FF}' => self.cyrillic += 1.0,
            '\u{600}'..='\u{6FF}' => self.arabic += 1.0,
            '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => self.greek += 1.0,
            '\u{B80}'..='\u{BFF}' => self.tamil += 1.0,
            c if c.is_alphabetic() => self.others += 1.0,
            _ => {}
        }
    }

    /// By the script that most letters are of. Where a script has languages that we do not know, by the letters that only one has.
    fn language(&self, of_latin: impl FnOnce() -> Option<Language>) -> Option<Language> {
        let most = [self.latin, self.cyrillic, self.arabic, self.greek, self.tamil, self.others];
        let most = most.into_iter().fold(0.0, f64::max);
        let known = |is_known: bool, language| Some(if is_known { language } else { Language::Other });
        match most {
            0.0 => None,
            most if most <= self.latin => Some(of_latin().unwrap_or(Language::English)),
            most if most <= self.cyrillic => {
                let is_russian = self.russian > 0.0 && self.cyrillic_strange <= most * STRANGE_MAX;
                known(is_russian, Language::Russian)
            }
            most if most <= self.arabic => known(self.arabic_strange <= most * STRANGE_MAX, Language::Arabic),
            most if most <= self.greek => Some(Language::Greek),
            most if most <= self.tamil => Some(Language::Tamil),
            _ => Some(Language::Other),
        }
    }
}

/// The language whose sentences these are, if there is enough of one. A word counts less where more languages have it.
fn by_function_words<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Language> {
    static LANGUAGES: LazyLock<HashMap<&'static str, Vec<Language>>> = LazyLock::new(|| {
        let mut languages: HashMap<&'static str, Vec<Language>> = HashMap::new();
        for (_, language) in NAMES {
            language.function_words().for_each(|word| languages.entry(word).or_default().push(language));
        }
        languages
    });
    let (mut words, mut evidence) = (0.0, [0.0_f64; NAMES.len()]);
    for word in texts.flat_map(|text| text.split(|c: char| !c.is_alphabetic())).filter(|word| !word.is_empty()) {
        words += 1.0;
        let languages = LANGUAGES.get(word.to_lowercase().as_str()).map_or(&[][..], Vec::as_slice);
        for language in languages {
            let place = NAMES.iter().position(|(_, known)| known == language).unwrap_or_default();
            evidence[place] += 1.0 / f64::from(u32::try_from(languages.len()).unwrap_or(u32::MAX));
        }
    }
    let mut ranked: Vec<(f64, Language)> = evidence.into_iter().zip(NAMES.map(|(_, language)| language)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [(best, language), (next, _), ..] = ranked.as_slice() else { return None };
    let is_sure = *best >= EVIDENCE_MIN && *best >= words * SHARE_MIN && *best >= next * LEAD_MIN;
    is_sure.then_some(*language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<Language> {
        Language::of_texts([text].into_iter())
    }

    #[test]
    fn a_language_is_told_by_the_words_that_make_its_sentences() {
        for (text, language) in [
            (
                "The houses on the hill are old, and the road to them is narrow. Nobody knows who has built them.",
                Language::English,
            ),
            (
                "Die Häuser auf dem Hügel sind alt, und die Straße zu ihnen ist schmal. Wer sie gebaut hat, weiß man nicht.",
                Language::German,
            ),
            (
                "Les maisons sur la colline sont anciennes, et la route qui y mène est étroite. On ne sait pas qui les a bâties.",
                Language::French,
            ),
            (
                "Las casas de la colina son antiguas y el camino hasta ellas es estrecho. Nadie sabe quién las construyó, pero son de piedra.",
                Language::Spanish,
            ),
            (
                "As casas da colina são antigas e o caminho até elas é estreito. Ninguém sabe quem as construiu, mas não são de pedra.",
                Language::Portuguese,
            ),
            (
                "Le case sulla collina sono antiche e la strada che porta fino a loro è stretta. Non si sa chi le abbia costruite, ma sono della città.",
                Language::Italian,
            ),
            (
                "De huizen op de heuvel zijn oud en de weg er naartoe is smal. Niemand weet wie ze heeft gebouwd, maar het is niet van hout.",
                Language::Dutch,
            ),
            (
                "Husene på bakken er gamle, og veien opp til dem er smal. Ingen vet hvem som bygde dem, men det var ikke etter krigen. Noen av dem ble solgt.",
                Language::Norwegian,
            ),
            (
                "Husene på bakken er gamle, og vejen op til dem er smal. Ingen ved, hvem der byggede dem, men det var ikke efter krigen. Nogle af dem blev solgt.",
                Language::Danish,
            ),
            (
                "Husen på kullen är gamla och vägen till dem är smal. Ingen vet vem som har byggt dem, men det var inte efter kriget.",
                Language::Swedish,
            ),
            (
                "Talot mäellä ovat vanhoja ja tie niiden luo on kapea. Kukaan ei tiedä, kuka ne on rakentanut, mutta se oli ennen kuin kaikki.",
                Language::Finnish,
            ),
            (
                "A dombon álló házak régiek, és az út hozzájuk keskeny. Senki sem tudja, hogy ki építette őket, de ez már nem fontos, mert szépek.",
                Language::Hungarian,
            ),
            (
                "Casele de pe deal sunt vechi și drumul până la ele este îngust. Nu se știe cine le-a construit, dar au fost făcute din piatră.",
                Language::Romanian,
            ),
            (
                "Tepedeki evler çok eski ve onlara giden yol dar. Kimin yaptığını bilen yok, ama bir zaman için her şey daha güzel gibi.",
                Language::Turkish,
            ),
            ("Старые дома на холме и узкая дорога, это видно всем.", Language::Russian),
            ("Τα σπίτια στον λόφο είναι παλιά.", Language::Greek),
            ("البيوت على التل قديمة والطريق إليها ضيق", Language::Arabic),
            ("மலையில் உள்ள வீடுகள் பழையவை", Language::Tamil),
        ] {
            assert_eq!(told(text), Some(language), "{text}");
        }
    }

    #[test]
    fn where_there_is_too_little_of_a_language_it_is_english_in_latin_letters_and_none_in_others() {
        for text in ["zebra", "AB-1234-X", "Haus", "le chat", "x y z", "Weihnachtsbaum Kerze Stern Lametta Kugel"] {
            assert_eq!(told(text), Some(Language::English), "{text}");
        }
        for text in
            ["データベースの全文検索エンジン", "Старі будинки на пагорбі", "خانه‌های روی تپه قدیمی هستند", "בתים ישנים"]
        {
            assert_eq!(told(text), Some(Language::Other), "{text}");
        }
        assert_eq!(told(""), None);
        assert_eq!(told("12 - 34"), None);
    }

    #[test]
    fn a_choice_is_read_as_it_is_written() {
        for (name, language) in NAMES {
            let choice = LanguageChoice::try_from(name.to_owned()).unwrap();
            assert_eq!(choice, LanguageChoice::Is(language));
            assert_eq!(String::from(choice), name);
            assert_eq!(language == Language::Other, language.function_words().next().is_none(), "{name}");
        }
        assert_eq!(LanguageChoice::try_from(" AUTO ".to_owned()).unwrap(), LanguageChoice::Auto);
        for wrong in ["", "klingon", "de", "german "].into_iter().filter(|wrong| wrong.trim() != "german") {
            assert!(LanguageChoice::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert_eq!(LanguageChoice::Auto.or_found(None), Language::English);
    }
}
