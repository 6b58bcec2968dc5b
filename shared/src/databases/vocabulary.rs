//! The words and short titles of what can be searched in a database: what completions and corrections are made of.
//!
//! They are learnt from a sample of its rows. The servers' own word index would have all of them, but it is shown to
//! nobody without the privilege PROCESS (MySQL manual, "The `INFORMATION_SCHEMA` `INNODB_FT_INDEX_TABLE` Table").

mod store;
mod texts;

use serde::{Deserialize, Serialize};

use super::catalogue::Ident;
use crate::error::Result;
use crate::packed::Packed;

pub(super) use store::removal;
pub use store::{Known, Vocabularies};
pub use texts::texts;

/// The most words of all tables together, the most frequent ones.
const WORDS_MAX: usize = 20_000;

/// The most titles.
const TITLES_MAX: usize = 8_000;

/// The most bytes of one, packed: an item of DynamoDB has 400 KB in all.
const PACKED_BYTES_MAX: usize = 350_000;

/// The words of one connection, by table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vocabulary {
    /// One entry a table.
    pub tables: Vec<Lexis>,
}

/// The words of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lexis {
    /// Its name.
    pub table: Ident,
    /// Single words, by key.
    pub words: Vec<Entry>,
    /// Short values and pairs of words, by key.
    pub titles: Vec<Entry>,
}

/// A word or a title, and how often it was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is compared by.
    #[serde(rename = "k")]
    pub key: Box<str>,
    /// In how many rows of the sample.
    #[serde(rename = "n")]
    pub count: u32,
    /// How it is written, where that is not the key.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub spelling: Option<Box<str>>,
}

impl Entry {
    /// How it is written.
    pub fn text(&self) -> &str {
        self.spelling.as_deref().unwrap_or(&self.key)
    }
}

impl Lexis {
    /// What of these, which are in the order of their keys, begins like this.
    pub fn beginning<'a>(entries: &'a [Entry], prefix: &str) -> &'a [Entry] {
        let rest = &entries[entries.partition_point(|entry| &*entry.key < prefix)..];
        &rest[..rest.partition_point(|entry| entry.key.starts_with(prefix))]
    }

    /// How often a word was met.
    pub fn count(&self, key: &str) -> Option<u32> {
        let found = self.words.binary_search_by(|entry| (*entry.key).cmp(key)).ok()?;
        Some(self.words[found].count)
    }
}

impl Vocabulary {
    /// A vocabulary of no more than fits into an item: what was met most.
    pub fn new(mut tables: Vec<Lexis>) -> Self {
        keep_most_frequent(tables.iter_mut().map(|lexis| &mut lexis.words).collect(), WORDS_MAX);
        keep_most_frequent(tables.iter_mut().map(|lexis| &mut lexis.titles).collect(), TITLES_MAX);
        for lexis in &mut tables {
            lexis.words.sort_by(|a, b| a.key.cmp(&b.key));
            lexis.titles.sort_by(|a, b| a.key.cmp(&b.key));
        }
        Self { tables }
    }

    /// Packed into few enough bytes, if need be with half of the entries left out, and half again.
    pub(crate) fn pack(&self) -> Result<Packed> {
        let mut packed = Packed::of(self)?;
        let mut kept = self.clone();
        while packed.bytes() > PACKED_BYTES_MAX {
            let words = kept.tables.iter().map(|lexis| lexis.words.len()).sum::<usize>();
            let titles = kept.tables.iter().map(|lexis| lexis.titles.len()).sum::<usize>();
            keep_most_frequent(kept.tables.iter_mut().map(|lexis| &mut lexis.words).collect(), words / 2);
            keep_most_frequent(kept.tables.iter_mut().map(|lexis| &mut lexis.titles).collect(), titles / 2);
            packed = Packed::of(&kept)?;
        }
        Ok(packed)
    }
}

/// Drops what was met least, over all lists, and leaves the order of the rest as it is.
fn keep_most_frequent(lists: Vec<&mut Vec<Entry>>, most: usize) {
    let mut counts: Vec<u32> = lists.iter().flat_map(|list| list.iter().map(|entry| entry.count)).collect();
    if counts.len() <= most {
        return;
    }
    counts.sort_unstable_by_key(|count| std::cmp::Reverse(*count));
    let least = counts[most];
    let mut room = most - counts.partition_point(|count| *count > least);
    for list in lists {
        list.retain(|entry| {
            let is_kept = entry.count > least || (entry.count == least && room > 0);
            room -= usize::from(is_kept && entry.count == least);
            is_kept
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, count: u32) -> Entry {
        Entry { key: key.into(), count, spelling: None }
    }

    fn lexis(table: &str, words: Vec<Entry>) -> Lexis {
        Lexis { table: Ident::from_server(table.to_owned()), words, titles: Vec::new() }
    }

    #[test]
    fn what_was_met_most_is_kept_over_all_tables() {
        let mut first = vec![entry("a", 5), entry("b", 1), entry("c", 2)];
        let mut second = vec![entry("d", 2), entry("e", 9), entry("f", 2)];
        keep_most_frequent(vec![&mut first, &mut second], 4);
        let keys = |list: &[Entry]| list.iter().map(|entry| entry.key.to_string()).collect::<String>();
        assert_eq!((keys(&first), keys(&second)), ("ac".to_owned(), "de".to_owned()));
    }

    #[test]
    fn words_are_found_by_their_beginnings_and_counted() {
        let words = ["zoo", "zebra", "zebras", "cow"].map(|key| entry(key, 3)).to_vec();
        let vocabulary = Vocabulary::new(vec![lexis("t", words)]);
        let table = &vocabulary.tables[0];
        let found: Vec<&str> = Lexis::beginning(&table.words, "ze").iter().map(Entry::text).collect();
        assert_eq!(found, ["zebra", "zebras"]);
        assert_eq!((table.count("zoo"), table.count("zo")), (Some(3), None));
    }

    #[test]
    fn a_vocabulary_is_packed_into_less_than_an_item_and_read_again() {
        let small = Vocabulary::new(vec![lexis("t", vec![entry("zebra", 3)])]);
        assert_eq!(small.pack().unwrap().open::<Vocabulary>().unwrap(), small);
        // Digits of a hash do not compress: this is far more than an item holds.
        let noise = |n: usize| format!("{:032x}", u128::from(n as u64 + 1).wrapping_pow(40));
        let word = |n| Entry { key: noise(n).into(), count: 1, spelling: Some(noise(n + 1_000_000).into()) };
        let large = Vocabulary::new(vec![lexis("t", (0..WORDS_MAX).map(word).collect())]);
        let packed = large.pack().unwrap();
        assert!(packed.bytes() <= PACKED_BYTES_MAX, "{}", packed.bytes());
        assert!(packed.open::<Vocabulary>().unwrap().tables[0].words.len() >= WORDS_MAX / 8);
    }
}
