//! Where a page begins: by `offset`, or by the `cursor` that the page before has given.
//!
//! A cursor holds how far each table was read and nothing else. It gives no right to anything: databases, query and filters
//! come with every request and are checked with every request. It ends with a digest over itself and over what the search
//! depends on, so that one of another search is refused instead of giving rows that fit neither.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use shared::databases::Ident;
use shared::error::{Invalid, InvalidKind};
use shared::id::DatabaseId;

use crate::merge::DEPTH_MAX;

/// Bytes of the digest at the end of a cursor.
const DIGEST_BYTES: usize = 16;

/// The most characters of a cursor that is read: an entry for each of some thousand tables.
const CHARS_MAX: usize = 200_000;

/// The most rows that pages can lie behind each other: more than anybody reads, and far from the largest number.
const ROWS_MAX: usize = 1 << 40;

/// Where a page begins.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Position {
    /// Rows of all pages before.
    #[serde(rename = "n")]
    pub passed: usize,
    /// Rows that come before it, of those behind the places.
    #[serde(rename = "s")]
    pub skip: usize,
    /// From which place every table is read that has none of its own.
    #[serde(rename = "p")]
    pub place: usize,
    /// From which place a table is read.
    #[serde(rename = "t", default, skip_serializing_if = "BTreeMap::is_empty")]
    places: BTreeMap<u64, usize>,
    /// What the search depends on, which its cursors are good for.
    #[serde(skip)]
    search: String,
}

impl Position {
    /// So many rows behind the first.
    pub fn offset(rows: usize, search: String) -> Self {
        Self { passed: rows, skip: rows, search, ..Self::default() }
    }

    /// What a cursor says, if it was given for the same search.
    pub fn read(cursor: &str, search: String) -> Result<Self, Invalid> {
        let refused = || {
            let reason =
                "must be the nextCursor of the same search: query, databases, filters and order may not differ";
            Invalid::new("cursor", InvalidKind::Text, reason)
        };
        if cursor.len() > CHARS_MAX {
            return Err(refused());
        }
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| refused())?;
        let (position, mark) = bytes.split_at_checked(bytes.len().saturating_sub(DIGEST_BYTES)).ok_or_else(refused)?;
        if mark != mark_of(position, &search) {
            return Err(refused());
        }
        let position: Self = serde_json::from_slice(position).map_err(|_| refused())?;
        if position.is_possible() { Ok(Self { search, ..position }) } else { Err(refused()) }
    }

    /// The cursor, for its search alone.
    pub fn cursor(&self) -> String {
        // A number and a map of numbers are always JSON.
        Self::seal(serde_json::to_vec(self).unwrap_or_default(), &self.search)
    }

    /// A position as JSON, made into a cursor of this search.
    pub fn seal(mut position: Vec<u8>, search: &str) -> String {
        position.extend(mark_of(&position, search));
        BASE64URL_NOPAD.encode(&position)
    }

    /// Whether it is one that we could have given. The digest is no signature, so that anybody can seal any numbers, and no sum
    /// of ours may go beyond what a number holds.
    fn is_possible(&self) -> bool {
        let mut counts = [self.passed, self.place].into_iter().chain(self.places.values().copied());
        self.skip <= DEPTH_MAX && counts.all(|count| count <= ROWS_MAX)
    }

    /// From which place of the server's order on a table is read.
    pub fn of(&self, database: DatabaseId, table: &Ident) -> usize {
        self.places.get(&table_mark(database, table)).copied().unwrap_or(self.place)
    }

    /// The position behind a page of so many rows, with so many rows to pass over from where the tables are read.
    #[must_use]
    pub fn onward(&self, rows: usize, skip: usize) -> Self {
        Self { passed: (self.passed + rows).min(ROWS_MAX), skip, ..self.clone() }
    }

    /// The same, and each table is read from a place of its own.
    #[must_use]
    pub fn with_places(mut self, places: impl Iterator<Item = (DatabaseId, Ident, usize)>) -> Self {
        let places = places.filter(|(_, _, place)| *place > 0);
        self.places.extend(places.map(|(database, table, place)| (table_mark(database, &table), place)));
        self
    }

    /// The same, and all tables are read from this place on.
    #[must_use]
    pub fn with_place(self, place: usize) -> Self {
        Self { place, ..self }
    }
}

fn mark_of(position: &[u8], search: &str) -> Vec<u8> {
    // JSON of ours has no line feed.
    let all = [position, b"\n", search.as_bytes()].concat();
    digest(&SHA256, &all).as_ref()[..DIGEST_BYTES].to_vec()
}

fn table_mark(database: DatabaseId, table: &Ident) -> u64 {
    let digest = digest(&SHA256, format!("{database}:{table}").as_bytes());
    digest.as_ref().iter().take(8).fold(0, |mark, byte| (mark << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_search_as_it_was_given() {
        let (places, search) = (BTreeMap::from([(u64::MAX, 7)]), "zebra".to_owned());
        let position = Position { passed: 12_340, skip: 140, place: 12_200, places, search };
        let cursor = position.cursor();
        let read = Position::read(&cursor, "zebra".to_owned()).unwrap();
        assert_eq!((read.passed, read.skip, read.place, read.places), (12_340, 140, 12_200, position.places));
        assert!(Position::read(&cursor, "horse".to_owned()).is_err());
        for place in 0..cursor.len() {
            let mut garbled = cursor.clone().into_bytes();
            garbled[place] = if garbled[place] == b'A' { b'B' } else { b'A' };
            assert!(Position::read(&String::from_utf8(garbled).unwrap(), "zebra".to_owned()).is_err(), "{place}");
        }
        let huge = [r#"{"n":18446744073709551615,"s":0,"p":0}"#, r#"{"n":0,"s":18446744073709551615,"p":0}"#];
        for position in huge.into_iter().chain([r#"{"n":0,"s":0,"p":0,"t":{"7":18446744073709551615}}"#]) {
            let sealed = Position::seal(position.as_bytes().to_vec(), "zebra");
            assert!(Position::read(&sealed, "zebra".to_owned()).is_err(), "{position}");
        }
        for cursor in ["", "A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "é", &"A".repeat(CHARS_MAX + 1)] {
            assert!(Position::read(cursor, "zebra".to_owned()).is_err(), "{cursor:.30}");
        }
    }
}
