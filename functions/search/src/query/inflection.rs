//! Other forms of English words, by the rules of spelling.
//!
//! What a word may be a form of is told by its ending, and every such word has its regular forms: so few of them are words that
//! nobody writes. Each is checked against the stemmer, so that none means something else.

use shared::databases::Language;

use super::language::{Stems, is_function_word};

/// The most other forms of one word.
const FORMS_MAX: usize = 10;

const VOWELS: [char; 5] = ['a', 'e', 'i', 'o', 'u'];

/// Endings that begin with a vowel, before which a word loses its `e` or doubles its last letter.
const BEHIND_VERBS: [&str; 10] = ["ed", "ing", "ings", "er", "ers", "or", "ors", "ion", "ions", "able"];
/// Other endings, and what stands in their place in the word that they are put to.
const BEHIND_WORDS: [(&str, &str); 19] = [
    ("ies", "y"),
    ("ied", "y"),
    ("ier", "y"),
    ("ily", "y"),
    ("iness", "y"),
    ("es", ""),
    ("s", ""),
    ("ically", "ic"),
    ("ly", ""),
    ("ment", ""),
    ("ments", ""),
    ("al", ""),
    ("ation", "e"),
    ("ation", ""),
    ("ations", "e"),
    ("ations", ""),
    ("ion", ""),
    ("ions", ""),
    ("ive", ""),
];
/// What a verb ends with that makes a word in `ion` of itself, and what one ends with that loses its `e` for it.
const MAKE_ION: [&str; 5] = ["ct", "pt", "rt", "st", "ss"];
const LOSE_E_FOR_ION: [&str; 6] = ["ate", "ete", "ute", "ite", "ise", "use"];
/// Words that end so are no nouns and no verbs,
const ADJECTIVES: [&str; 7] = ["able", "ible", "ous", "ful", "less", "ical", "ive"];
/// and these are no verbs.
const NOUNS: [&str; 12] = ["ie", "ing", "ness", "tion", "sion", "ed", "ic", "ics", "ity", "ism", "ment", "em"];

/// What words with one of these endings can have behind them.
type Rule = (&'static [&'static str], &'static [&'static str]);

/// Other forms of a word, the likeliest first. Numbers, other scripts and words that only make sentences have none.
pub fn forms(key: &str) -> Vec<String> {
    let stems = Stems::of(Language::English);
    if key.len() < 3 || !stems.can_read(key) || is_function_word(key) {
        return Vec::new();
    }
    let stem = stems.stem(key, key).into_owned();
    let is_form = |form: &String| form.len() > 2 && stems.stem(form, form) == stem;
    let bases: Vec<String> = bases(key).into_iter().filter(is_form).collect();
    let mut forms: Vec<String> = Vec::new();
    let inflected = bases.iter().flat_map(|base| inflected(base, base != key && plural(base) != key));
    let derived = bases.iter().flat_map(|base| derived(base));
    for form in bases.iter().cloned().chain(inflected).chain(derived) {
        if form != key && !forms.contains(&form) && is_form(&form) {
            forms.push(form);
        }
    }
    forms.truncate(FORMS_MAX);
    forms
}

/// What it may be a form of: itself, and the words that its endings are put to.
fn bases(word: &str) -> Vec<String> {
    let mut bases = vec![word.to_owned()];
    let of_words = BEHIND_WORDS
        .iter()
        .filter_map(|(ending, place)| Some((ending, format!("{}{place}", word.strip_suffix(ending)?))));
    let makes = |ending: &str, base: &str| !["ion", "ions", "ive"].contains(&ending) || ends(base, &MAKE_ION);
    bases.extend(of_words.filter(|(ending, base)| makes(ending, base)).map(|(_, base)| base));
    for (ending, rest) in BEHIND_VERBS.iter().filter_map(|ending| Some((ending, word.strip_suffix(ending)?))) {
        let is_ion = ending.starts_with("ion");
        bases.extend(before_vowel(rest).into_iter().filter(|base| !is_ion || ends(base, &LOSE_E_FOR_ION)));
    }
    bases.retain(|base| base == word || is_base(base));
    bases
}

/// The words that are written like this before an ending with a vowel: `stopp` is of stop, `mak` of make, `land` of land.
fn before_vowel(rest: &str) -> Vec<String> {
    let letters: Vec<char> = rest.chars().collect();
    let with_e = format!("{rest}e");
    match letters.as_slice() {
        [.., a, b] if a == b && !is_vowel(*a) => {
            let single = rest[..rest.len() - 1].to_owned();
            if "lsfz".contains(*a) { vec![rest.to_owned(), single] } else { vec![single] }
        }
        [.., before, 'l'] if !is_vowel(*before) => vec![with_e],
        [.., last] if "vuczg".contains(*last) => vec![with_e, rest.to_owned()],
        // A short word would have doubled its last letter.
        _ if is_doubled(rest) => vec![with_e],
        [.., last] if is_vowel(*last) || "xwy".contains(*last) => vec![rest.to_owned()],
        _ => vec![rest.to_owned(), with_e],
    }
}

/// Whether there may be such a word at all: it ends like one, and has a vowel.
fn is_base(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let ends_well = match letters.as_slice() {
        [.., 'v' | 'j' | 'q' | 'i'] => false,
        [.., a, b] if a == b => "lsefzo".contains(*b),
        _ => true,
    };
    ends_well && letters.len() > 2 && letters.iter().any(|c| is_vowel(*c) || *c == 'y')
}

/// The regular forms of a noun or a verb. That it is a verb is sure where the word that was asked for is a form of it.
fn inflected(base: &str, is_verb: bool) -> Vec<String> {
    if ends(base, &ADJECTIVES) {
        return Vec::new();
    }
    let letters: Vec<char> = base.chars().collect();
    let rest = &base[..base.len() - 1];
    let (stem, endings): (String, &[&str]) = match letters.as_slice() {
        [.., 'a' | 'i' | 'o' | 'u'] => (String::new(), &[]),
        _ if ends(base, &NOUNS) && !is_verb => (String::new(), &[]),
        [.., 'e', 'e'] => (base.to_owned(), &["d", "ing"]),
        [.., 'e'] => (rest.to_owned(), &["ing", "ed", "er", "ers"]),
        [.., before, 'y'] if !is_vowel(*before) => {
            let is_verb = is_verb || ends(base, &["fy", "ply", "rry", "vary", "study", "py"]);
            (rest.to_owned(), if is_verb { &["ied", "ying", "ier"] } else { &[] })
        }
        [.., last] if is_doubled(base) => (format!("{base}{last}"), &["ing", "ed", "er", "ers"]),
        _ if is_verb => (base.to_owned(), &["ing", "ed", "er", "ers"]),
        _ => (base.to_owned(), &["ing", "ed"]),
    };
    let mut forms: Vec<String> = std::iter::once(plural(base)).collect();
    forms.extend(endings.iter().map(|ending| format!("{stem}{ending}")));
    // As the British write it.
    if is_verb && letters.ends_with(&['e', 'l']) {
        forms.extend(["ling", "led"].map(|ending| format!("{base}{ending}")));
    }
    forms
}

fn plural(base: &str) -> String {
    let letters: Vec<char> = base.chars().collect();
    match letters.as_slice() {
        [.., before, 'y'] if !is_vowel(*before) => format!("{}ies", &base[..base.len() - 1]),
        [.., 's' | 'x' | 'z'] | [.., 'c' | 's', 'h'] => format!("{base}es"),
        [.., before, 'o'] if !is_vowel(*before) => format!("{base}es"),
        _ => format!("{base}s"),
    }
}

/// Words of other kinds that are made of it, where its ending says that they may be.
fn derived(base: &str) -> Vec<String> {
    const MAKE: [Rule; 7] = [
        (&MAKE_ION, &["ion", "ions", "ive"]),
        (&["rm", "nt", "rt", "pt"], &["ation"]),
        (&["al", "ous", "ive", "ful", "ent", "ant", "id", "ar", "ate"], &["ly"]),
        (&["ic"], &["al", "ally", "s"]),
        (&["ics"], &["al"]),
        (&["ion", "ment"], &["al"]),
        (&["ge", "asure", "uire", "op", "rn", "ish"], &["ment", "ments"]),
    ];
    const LOSE_E: [Rule; 4] = [
        (&LOSE_E_FOR_ION, &["ion", "ions"]),
        (&["ute", "ise", "ize", "ine", "are"], &["ation"]),
        (&["ure"], &["al"]),
        (&["ble"], &["ly"]),
    ];
    let made = |rules: &[Rule], rest: &str| -> Vec<String> {
        let endings = rules.iter().filter(|(of, _)| ends(base, of)).flat_map(|(_, endings)| endings.iter());
        endings.map(|ending| format!("{rest}{ending}")).collect()
    };
    [made(&MAKE, base), made(&LOSE_E, &base[..base.len() - 1])].concat()
}

fn ends(word: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| word.ends_with(ending))
}

/// Whether the last letter is doubled before an ending with a vowel: one consonant after one vowel in a word of one syllable.
fn is_doubled(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let groups = letters.windows(2).filter(|pair| !is_vowel(pair[0]) && is_vowel(pair[1])).count()
        + usize::from(letters.first().is_some_and(|c| is_vowel(*c)));
    match letters.as_slice() {
        [.., before, vowel, last] => {
            groups == 1 && !is_vowel(*before) && is_vowel(*vowel) && !is_vowel(*last) && !"wxy".contains(*last)
        }
        _ => false,
    }
}

fn is_vowel(c: char) -> bool {
    VOWELS.contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_forms_are_found_and_only_those() {
        for (word, expected) in [
            ("zebra", &["zebras"][..]),
            ("zebras", &["zebra"]),
            ("city", &["cities"]),
            ("cities", &["city"]),
            ("run", &["runs", "running"]),
            ("stopped", &["stop", "stops", "stopping"]),
            ("box", &["boxes", "boxing", "boxed"]),
            ("applied", &["apply", "applies", "applying"]),
        ] {
            let forms = forms(word);
            assert!(expected.iter().all(|form| forms.iter().any(|known| known == form)), "{word}: {forms:?}");
            assert!(forms.len() <= expected.len() + 2, "{word}: {forms:?}");
        }
        for (word, form) in [
            ("computing", "computed"),
            ("computing", "compute"),
            ("making", "make"),
            ("horses", "horse"),
            ("conducting", "conduction"),
            ("happiness", "happy"),
            ("travelling", "travel"),
            ("relations", "relate"),
            ("structure", "structural"),
        ] {
            assert!(forms(word).iter().any(|known| known == form), "{word}: {:?}", forms(word));
        }
    }

    #[test]
    fn forms_have_the_stem_of_their_word_and_are_not_many() {
        let stems = Stems::of(Language::English);
        for word in
            ["zebras", "flows", "conducting", "happiness", "boundaries", "layers", "supersonic", "heat", "equation"]
        {
            let forms = forms(word);
            assert!(
                forms.iter().all(|form| form != word && stems.stem(form, form) == stems.stem(word, word)),
                "{forms:?}"
            );
            assert!(forms.len() <= FORMS_MAX);
        }
    }

    #[test]
    fn numbers_function_words_and_other_scripts_have_no_other_forms() {
        for word in ["2024", "the", "検索", "x86_64", "ab"] {
            assert!(forms(word).is_empty(), "{word}");
        }
    }
}
