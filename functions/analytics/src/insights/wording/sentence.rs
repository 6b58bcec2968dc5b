//! Whether a sentence of a model says only what is known, as far as a program can tell: its numbers, its names, its letters
//! and its length.

/// The least and the most characters of a sentence, before names are filled in.
const CHARS: std::ops::RangeInclusive<usize> = 10..=300;

/// What may stand in a sentence besides letters, digits and blanks. Digits of other scripts, marks of a markup and whatever
/// turns the direction of text are not among it.
const MARKS: &str = ".,;:'\"%()-{}!?’“”–—";

/// Numbers in words, and what makes another number of one.
const NUMBER_WORDS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "millions",
    "billion",
    "billions",
    "dozen",
    "dozens",
    "once",
    "twice",
    "thrice",
    "half",
    "halved",
    "halves",
    "third",
    "thirds",
    "quarter",
    "quarters",
    "double",
    "doubled",
    "doubles",
    "doubling",
    "triple",
    "tripled",
    "triples",
    "tripling",
    "quadruple",
    "quadrupled",
    "couple",
    "pair",
    "k",
    "m",
    "mn",
    "b",
    "bn",
    "x",
];

/// A number that an insight rests on.
#[derive(Debug, Clone, Copy)]
pub struct Fact {
    /// The number.
    pub number: f64,
    /// Whether it is per cent.
    pub is_percent: bool,
}

/// The sentence with its names filled in; nothing where it can not be used.
pub fn checked(text: &str, facts: &[Fact], names: &[(&'static str, String)]) -> Option<String> {
    let text = text.trim().trim_end_matches('.');
    let is_known = |c: char| c.is_ascii_alphanumeric() || c == ' ' || MARKS.contains(c);
    if !CHARS.contains(&text.chars().count()) || !text.chars().all(is_known) {
        return None;
    }
    let (said, filled) = fill(text, names)?;
    let mut words = said.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let has_number_word = words.any(is_number_word);
    (!has_number_word && numbers_are_known(&said, facts)).then_some(filled)
}

/// The sentence without its names, and with what they stand for. A name may stand in quotation marks, which its text brings
/// along.
fn fill(text: &str, names: &[(&'static str, String)]) -> Option<(String, String)> {
    let text = names.iter().fold(text.to_owned(), |text, (name, _)| {
        let bare = format!("{{{name}}}");
        [('"', '"'), ('\'', '\''), ('“', '”')]
            .iter()
            .fold(text, |text, (open, close)| text.replace(&format!("{open}{bare}{close}"), &bare))
    });
    let mut parts = text.split('{');
    let first = parts.next()?;
    let (mut said, mut filled) = (first.to_owned(), first.to_owned());
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        let (_, value) = names.iter().find(|(known, _)| *known == name)?;
        said.push_str(" ; ");
        said.push_str(rest);
        filled.push_str(value);
        filled.push_str(rest);
    }
    (!said.contains('}')).then_some((said, filled))
}

fn is_number_word(word: &str) -> bool {
    let lower = word.to_lowercase();
    let is_roman = word.chars().all(|c| "IVXLCDM".contains(c)) && word != "I";
    NUMBER_WORDS.contains(&lower.as_str()) || lower.ends_with("fold") || is_roman
}

fn numbers_are_known(said: &str, facts: &[Fact]) -> bool {
    let mut from = 0;
    while let Some(start) = said[from..].find(|c: char| c.is_ascii_digit()).map(|offset| from + offset) {
        let number = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
        let end = said[start..].find(|c| !number(c)).map_or(said.len(), |length| start + length);
        let token = said[start..end].trim_end_matches(['.', ',']);
        from = start + token.len();
        if !is_known(token, &said[..start], &said[from..], facts) {
            return false;
        }
    }
    true
}

/// Whether a number between these two texts is a fact. One that begins or ends within a word is another number.
fn is_known(token: &str, before: &str, after: &str, facts: &[Fact]) -> bool {
    let touches = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.' || c == ',');
    let Some(number) = number(token) else { return false };
    if touches(before.chars().next_back()) || after.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return false;
    }
    let is_negative = before.strip_suffix('-').is_some_and(|rest| !touches(rest.chars().next_back()));
    let unit = after.trim_start().to_lowercase();
    let is_percent = ["%", "percent", "per cent"].iter().any(|percent| unit.starts_with(percent));
    facts.iter().any(|fact| {
        let is_it = (fact.number.abs() - number).abs() < 1e-9 && (!is_negative || fact.number < 0.0);
        is_it && fact.is_percent == is_percent
    })
}

/// Digits, with a point before decimals and perhaps commas between thousands.
fn number(token: &str) -> Option<f64> {
    let (whole, decimals) = token.split_once('.').map_or((token, None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let is_grouped = whole.contains(',');
    let are_thousands = (!is_grouped || first.len() <= 3) && groups.all(|group| group.len() == 3);
    let has_digits = decimals.is_none_or(|decimals| decimals.bytes().all(|byte| byte.is_ascii_digit()));
    (are_thousands && has_digits).then(|| token.replace(',', "").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Option<String> {
        let plain = [40.0, 10.0, 1_234.0, 0.25, 85.71].map(|number| Fact { number, is_percent: false });
        let percent = [300.0, -93.33].map(|number| Fact { number, is_percent: true });
        let names = [("query", "\"12 monkeys\"".to_owned()), ("database", "shop".to_owned())];
        checked(text, &[plain.as_slice(), &percent].concat(), &names)
    }

    #[test]
    fn a_sentence_with_its_own_numbers_is_used() {
        for (text, expected) in [
            ("Searches rose from 10 to 40.", "Searches rose from 10 to 40"),
            ("They rose by 300 % to 40, of 1,234 in all", "They rose by 300 % to 40, of 1,234 in all"),
            ("They fell by 93.33%, to a share of 0.25", "They fell by 93.33%, to a share of 0.25"),
            ("The change is -93.33 percent (40–10)", "The change is -93.33 percent (40–10)"),
            ("It went 10-40 and they don't stop", "It went 10-40 and they don't stop"),
            ("Nobody found anything for {query}", "Nobody found anything for \"12 monkeys\""),
            ("On {database}, \"{query}\" was asked 40 times", "On shop, \"12 monkeys\" was asked 40 times"),
            ("It’s the shop's 40: “{query}”", "It’s the shop's 40: \"12 monkeys\""),
        ] {
            assert_eq!(check(text).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_number_that_is_none_of_its_own_is_not_believed_however_it_is_written() {
        for text in [
            "Searches rose from 10 to 41",
            "Searches rose from 10 to 400",
            "Searches rose to 40.5 of late",
            "Searches rose to .40 of late",
            "Searches rose to 4,0 of late",
            "Searches rose to 40k of late",
            "Searches rose to 40 k of late",
            "Searches rose to x40 of late",
            "Searches rose to 40 % of all",
            "Searches rose to 300 of late",
            "Searches rose to -40 of late",
            "Searches rose to 40 thousand",
            "Searches rose to forty of late",
            "Searches Doubled to 40 of late",
            "Searches rose tenfold to 40",
            "Searches rose to XL of late",
            "Searches rose to ４０ of late",
            "Searches rose to ٤٠ of late",
            "Searches rose to 4² of late",
            "Searches rose to ½ of late",
            "Searches rose to 四十 of late",
            "Searches rose to 40/10 of late",
            "Searches rose to 40,1234 of late",
            "Searches rose to 1.2.3 of late",
        ] {
            assert_eq!(check(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_sentence_is_not_used() {
        let long = "very ".repeat(70);
        for text in [
            "",
            "too short",
            long.as_str(),
            "See <b>this</b> for 40 searches",
            "See [this](somewhere) for 40",
            "See `this` for 40 searches",
            "A first line\nand another one",
            "Backwards \u{202e}txet fo enil a",
            "For {nobody} there were 40 searches",
            "For {query there were 40 searches",
            "For query} there were 40 searches",
            "For {{query}} there were 40 searches",
        ] {
            assert_eq!(check(text), None, "{text}");
        }
    }
}
