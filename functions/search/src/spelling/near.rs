//! Words that are spelt nearly like another: Damerau and Levenshtein's distance, of which each transposition counts one
//! (Damerau, "A technique for computer detection and correction of spelling errors", 1964), in its restricted form.

use shared::databases::Entry;

/// A word of a vocabulary, and how far it is.
#[derive(Debug, Clone, Copy)]
pub struct Near<'a> {
    /// The word.
    pub entry: &'a Entry,
    /// Letters to insert, drop, change or swap.
    pub distance: usize,
}

/// How far a word may be: a short one is soon another word altogether.
pub fn distance_max(word: &str) -> usize {
    match word.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

/// The words within `most` of this one. The entries are in the order of their keys, so that neighbours share beginnings:
/// rows of the table of distances are kept for the beginning that the next word shares, and a beginning that is too far
/// already is skipped with all that begin with it.
pub fn near<'a>(entries: &'a [Entry], word: &str, most: usize) -> Vec<Near<'a>> {
    let mut found = Vec::new();
    let mut table = Table::new(word);
    let mut next = 0;
    while let Some(entry) = entries.get(next) {
        next += 1;
        match table.distance(&entry.key, most) {
            Ok(distance) if distance <= most => found.push(Near { entry, distance }),
            Ok(_) => {}
            Err(TooFar { beginning }) => {
                next += entries[next..].partition_point(|entry| entry.key.starts_with(beginning));
            }
        }
    }
    found
}

/// No word that begins so is near.
struct TooFar<'a> {
    beginning: &'a str,
}

/// The table of distances: a row for each letter of the word that was looked at last, a column for each of the wanted one.
struct Table {
    wanted: Vec<char>,
    letters: Vec<char>,
    rows: Vec<Vec<usize>>,
}

impl Table {
    fn new(wanted: &str) -> Self {
        let wanted: Vec<char> = wanted.chars().collect();
        let first = (0..=wanted.len()).collect();
        Self { wanted, letters: Vec::new(), rows: vec![first] }
    }

    fn distance<'a>(&mut self, word: &'a str, most: usize) -> Result<usize, TooFar<'a>> {
        let shared = self.letters.iter().zip(word.chars()).take_while(|(a, b)| **a == *b).count();
        self.letters.truncate(shared);
        self.rows.truncate(shared + 1);
        for (at, letter) in word.char_indices().skip(shared) {
            self.letters.push(letter);
            let row = self.next_row();
            let is_too_far = row.iter().all(|distance| *distance > most);
            self.rows.push(row);
            if is_too_far {
                return Err(TooFar { beginning: &word[..at + letter.len_utf8()] });
            }
        }
        Ok(self.rows.last().and_then(|row| row.last()).copied().unwrap_or(0))
    }

    /// The row of the last letter.
    fn next_row(&self) -> Vec<usize> {
        let nth = self.letters.len();
        let (letter, above) = (self.letters[nth - 1], &self.rows[nth - 1]);
        let mut row = vec![nth];
        for (column, wanted) in self.wanted.iter().enumerate() {
            let changed = above[column] + usize::from(*wanted != letter);
            let mut least = changed.min(above[column + 1] + 1).min(row[column] + 1);
            let is_swap =
                nth > 1 && column > 0 && *wanted == self.letters[nth - 2] && self.wanted[column - 1] == letter;
            if is_swap {
                least = least.min(self.rows[nth - 2][column - 1] + 1);
            }
            row.push(least);
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries(words: &[String]) -> Vec<Entry> {
        let mut words: Vec<&String> = words.iter().collect();
        words.sort();
        words.dedup();
        words.iter().map(|word| Entry { key: word.as_str().into(), count: 1, spelling: None }).collect()
    }

    fn found(words: &[&str], word: &str, most: usize) -> Vec<(String, usize)> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        near(&entries(&words), word, most).iter().map(|near| (near.entry.key.to_string(), near.distance)).collect()
    }

    #[test]
    fn a_letter_more_less_changed_or_swapped_is_one_step() {
        let words = ["zebra", "zebras", "zebar", "zera", "zobra", "horse"];
        let expected = [("zebar", 1), ("zebra", 0), ("zebras", 1), ("zera", 1), ("zobra", 1)];
        assert_eq!(found(&words, "zebra", 1), expected.map(|(word, distance)| (word.to_owned(), distance)));
        assert_eq!(found(&["straße", "été"], "éte", 1), [("été".to_owned(), 1)]);
    }

    /// The textbook's table, of whole words.
    fn plain(a: &[char], b: &[char]) -> usize {
        match (a, b) {
            ([], rest) | (rest, []) => rest.len(),
            ([a @ .., x], [b @ .., y]) => {
                let long = |part: &[char], last: &char| [part, &[*last]].concat();
                let mut least =
                    (plain(a, b) + usize::from(x != y)).min(plain(a, &long(b, y)) + 1).min(plain(&long(a, x), b) + 1);
                if let ([a @ .., w], [b @ .., v]) = (a, b)
                    && w == y
                    && x == v
                {
                    least = least.min(plain(a, b) + 1);
                }
                least
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_near_is_what_a_look_at_every_word_finds(
            words in prop::collection::vec("[ab]{1,5}", 1..12),
            word in "[abc]{1,5}",
            most in 0_usize..3,
        ) {
            let entries = entries(&words);
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let expected: Vec<(&str, usize)> = entries
                .iter()
                .map(|entry| (&*entry.key, plain(&chars(&entry.key), &chars(&word))))
                .filter(|(_, distance)| *distance <= most)
                .collect();
            let found: Vec<(&str, usize)> =
                near(&entries, &word, most).iter().map(|near| (&*near.entry.key, near.distance)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
