//! One way to split a text into words, for queries, rows, scores and snippets alike.

use std::borrow::Cow;

/// A word of a text: what it is compared by, and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'a> {
    /// Lower case and without accents, as the servers' default collations compare.
    pub key: Cow<'a, str>,
    /// As it is written.
    pub spelling: &'a str,
    /// Of its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// The `++` or `#` that stands behind a short word: all that tells C, C++ and C# apart.
    pub tail: &'a str,
}

impl Token<'_> {
    /// Where in the text this part of the key stands: all of the token, unless the part is in a script without blanks. Folding leaves
    /// such characters what they are, so that their places in the key are those in the text where both are equally long.
    pub fn span_of(&self, part: &str) -> (usize, usize) {
        let is_plain = |c: char| c.is_ascii() || is_unsegmented(c.encode_utf8(&mut [0; 4]));
        let is_unfolded = self.key.len() == self.end - self.start && self.key.chars().all(is_plain);
        match self.key.find(part).filter(|_| is_unfolded && is_unsegmented(part)) {
            Some(at) => (self.start + at, self.start + at + part.len()),
            None => (self.start, self.end),
        }
    }
}

/// Marks that `InnoDB` counts as part of a word though they are no letters: accents, vowel signs, viramas.
const MARKS: &[(u32, u32)] = &[
    (0x0300, 0x0362),
    (0x0483, 0x0489),
    (0x0591, 0x05AF),
    (0x06DE, 0x06E0),
    (0x06EA, 0x06EC),
    (0x0740, 0x074A),
    (0x0E47, 0x0E4E),
    (0x0EC8, 0x0ECC),
    (0x0F35, 0x0F39),
    (0x20D0, 0x20EF),
    (0x302A, 0x302F),
    (0x3099, 0x309A),
    (0xFE20, 0xFE23),
];
/// The Indic blocks repeat one layout every 0x80 characters: nukta at 0x3C, virama at 0x4D.
const INDIC: (u32, u32) = (0x0900, 0x0D7F);

/// Letters that the usual collations compare as others. Marks that stand alone are dropped instead.
const FOLDED: &[(&str, &str)] = &[
    ("a", "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"),
    ("ae", "æ"),
    ("c", "çćĉċč"),
    ("d", "ďđ"),
    ("e", "èéêëēĕėęěẹẻẽếềểễệ"),
    ("g", "ĝğġģ"),
    ("h", "ĥħ"),
    ("i", "ìíîïĩīĭįıỉị"),
    ("j", "ĵ"),
    ("k", "ķ"),
    ("l", "ĺļľł"),
    ("n", "ñńņň"),
    ("o", "òóôõöøōŏőơọỏốồổỗộớờởỡợ"),
    ("oe", "œ"),
    ("r", "ŕŗř"),
    ("s", "śŝşšș"),
    ("ss", "ß"),
    ("t", "ţťŧț"),
    ("u", "ùúûüũūŭůűųưụủứừửữự"),
    ("w", "ŵ"),
    ("y", "ýÿŷỳỵỷỹ"),
    ("z", "źżž"),
    ("α", "ά"),
    ("ε", "έ"),
    ("η", "ή"),
    ("ι", "ίϊΐ"),
    ("ο", "ό"),
    ("σ", "ς"),
    ("υ", "ύϋΰ"),
    ("ω", "ώ"),
    ("е", "ё"),
];

/// The words of a text, in order, split where `InnoDB`'s default parser splits.
///
/// Measured on MySQL 9.7 and MariaDB 10.11 with every character of the basic plane between two words: letters, digits, marks
/// and the underscore join; all else separates, apostrophes and everything above the basic plane too.
pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        loop {
            let start = rest + text[rest..].find(is_word_char)?;
            let end = text[start..].find(|c| !is_word_char(c)).map_or(text.len(), |length| start + length);
            rest = end;
            let spelling = &text[start..end];
            let key = key(spelling);
            if !key.is_empty() {
                return Some(Token { key, spelling, start, end, tail: tail(text, start, end) });
            }
        }
    })
}

fn tail(text: &str, start: usize, end: usize) -> &str {
    const LETTERS_MAX: usize = 2;
    if text[start..end].chars().count() > LETTERS_MAX {
        return "";
    }
    let behind = &text[end..];
    let tail = ["++", "#"].into_iter().find(|tail| behind.starts_with(tail)).unwrap_or_default();
    if behind[tail.len()..].starts_with(is_word_char) { "" } else { &behind[..tail.len()] }
}

/// Whether a word is written in a script that puts no blanks between words, or, as Korean does, writes endings to them: it is a part
/// of what stands between two blanks, and the default parser of the servers keeps only the whole.
pub fn is_unsegmented(word: &str) -> bool {
    const BLOCKS: [(u32, u32); 11] = [
        // Thai and Lao; Myanmar; Hangul letters; Khmer.
        (0x0E00, 0x0EFF),
        (0x1000, 0x109F),
        (0x1100, 0x11FF),
        (0x1780, 0x17FF),
        // Kana and Hangul letters; kana for Ainu; Chinese characters; Hangul syllables; compatible forms.
        (0x3040, 0x318F),
        (0x31F0, 0x31FF),
        (0x3400, 0x4DBF),
        (0x4E00, 0x9FFF),
        (0xAC00, 0xD7AF),
        (0xF900, 0xFAFF),
        (0xFF66, 0xFFDC),
    ];
    let is_of = |c: char| BLOCKS.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)));
    !word.is_ascii() && word.starts_with(is_of) && word.ends_with(is_of)
}

/// Whether two words are one when this stands between them.
pub fn is_word_char(c: char) -> bool {
    match c {
        '_' => true,
        '\0'..='\x7F' => c.is_ascii_alphanumeric(),
        '\u{10000}'.. => false,
        _ => c.is_alphanumeric() || is_mark(c),
    }
}

/// What a word is compared by.
pub fn key(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(word);
    }
    let mut key = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase).filter(|c| !is_mark(*c)) {
        let folded = FOLDED.iter().find(|(_, from)| !c.is_ascii() && from.contains(c));
        match folded {
            Some((to, _)) => key.push_str(to),
            None => key.push(c),
        }
    }
    Cow::Owned(key)
}

/// An accent that stands behind its letter, as a character by itself.
pub fn is_accent(c: char) -> bool {
    (MARKS[0].0..=MARKS[0].1).contains(&u32::from(c))
}

fn is_mark(c: char) -> bool {
    let code = u32::from(c);
    let indic = (INDIC.0..=INDIC.1).contains(&code) && matches!(code % 0x80, 0x3C | 0x4D);
    indic || MARKS.iter().any(|(first, last)| (*first..=*last).contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        tokens(text).map(|token| token.key.into_owned()).collect()
    }

    #[test]
    fn words_split_where_the_servers_split_them() {
        assert_eq!(keys("user@example.com don't v1.2"), ["user", "example", "com", "don", "t", "v1", "2"]);
        assert_eq!(keys("under_score x86_64"), ["under_score", "x86_64"]);
        assert_eq!(keys("a\u{1F993}b 全文検索"), ["a", "b", "全文検索"]);
    }

    #[test]
    fn case_and_accents_are_folded_however_they_are_written() {
        assert_eq!(keys("CAFÉ cafe\u{301} Straße İZMİR Ωώς"), ["cafe", "cafe", "strasse", "izmir", "ωωσ"]);
    }

    #[test]
    fn what_stands_behind_a_short_word_belongs_to_it() {
        let tails: Vec<&str> = tokens("C++, C# c g++x notepad++").map(|token| token.tail).collect();
        assert_eq!(tails, ["++", "#", "", "", "", ""]);
    }

    #[test]
    fn offsets_cut_the_word_out_of_the_text() {
        let text = "«Été» à Köln";
        let cut: Vec<&str> = tokens(text).map(|token| &text[token.start..token.end]).collect();
        assert_eq!(cut, ["Été", "à", "Köln"]);
    }
}
