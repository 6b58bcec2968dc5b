//! `sort`: another order than that of relevance.
//!
//! `"-published_at"`, or `[{"column": "published_at", "order": "desc"}, "title"]`. Rows without a value come last either
//! way, and so do those of a table that has no such column.

mod merge;
mod value;

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use shared::databases::{Column, SearchOptions, Table};
use shared::error::{InvalidKind, Refusal};

use crate::kind::{Kind, ordered, visible};

pub use merge::page;
pub use value::SortValue;

/// The most columns that rows are ordered by.
const COLUMNS_MAX: usize = 3;

/// Columns that rows are ordered by; none for the order of relevance.
#[derive(Debug, Clone, Default)]
pub struct Sort(Vec<SortKey>);

/// One of them.
#[derive(Debug, Clone)]
pub struct SortKey {
    /// The column, as it was written.
    pub column: String,
    /// Which way.
    pub order: Order,
}

/// By what one table is ordered.
#[derive(Debug, Clone)]
pub struct SortBy {
    /// For a statement; `NULL` where the table has no such column.
    pub expression: String,
    /// Which way.
    pub order: Order,
    /// Whether the values are the weights of texts.
    pub is_text: bool,
}

/// Which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Small, early and A first.
    #[default]
    Asc,
    /// Large, late and Z first.
    Desc,
}

impl Sort {
    /// Each column.
    pub fn keys(&self) -> &[SortKey] {
        &self.0
    }

    /// Whether rows are in the order of relevance.
    pub fn is_by_relevance(&self) -> bool {
        self.0.is_empty()
    }

    /// By what this table is ordered, for each column.
    pub fn on(&self, table: &Table, options: &SearchOptions) -> Vec<SortBy> {
        let by = |key: &SortKey| {
            let column = key.of(table, options);
            let expression = column.map_or_else(|| "NULL".to_owned(), ordered);
            let is_text = column.is_some_and(|column| Kind::of(column) == Kind::Text);
            SortBy { expression, order: key.order, is_text }
        };
        self.0.iter().map(by).collect()
    }
}

impl SortKey {
    /// The column of this table that it stands for, if rows can be ordered by it.
    pub fn of<'a>(&self, table: &'a Table, options: &SearchOptions) -> Option<&'a Column> {
        visible(table, options, &self.column).filter(|column| Kind::of(column).is_ordered())
    }
}

impl Order {
    /// The word for it in a statement.
    pub fn word(self) -> &'static str {
        match self {
            Self::Asc => "ASC",
            Self::Desc => "DESC",
        }
    }
}

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut keys = deserializer.deserialize_any(OfSort)?;
        // Equal rows are in the order of relevance anyway.
        keys.pop_if(|key| key.is_none());
        if keys.len() > COLUMNS_MAX {
            return Err(D::Error::custom(Refusal(InvalidKind::TooBig, "must be at most 3 columns")));
        }
        let columns = keys.into_iter().collect::<Option<Vec<_>>>();
        columns.map(Self).ok_or_else(|| D::Error::custom(Refusal(InvalidKind::Choice, "relevance can only come last")))
    }
}

/// A column, or nothing for relevance.
struct Key(Option<SortKey>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    column: String,
    #[serde(default)]
    order: Order,
}

struct OfSort;

impl<'de> Visitor<'de> for OfSort {
    type Value = Vec<Option<SortKey>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of columns, or one of them")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(vec![OfKey.visit_str::<E>(text)?.0])
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        Ok(vec![OfKey.visit_map(object)?.0])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut keys = Vec::new();
        while let Some(Key(key)) = list.next_element()? {
            keys.push(key);
        }
        Ok(keys)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfKey)
    }
}

struct OfKey;

impl<'de> Visitor<'de> for OfKey {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column, with or without its order")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Key, E> {
        if text == "relevance" {
            return Ok(Key(None));
        }
        let (column, order) = text.strip_prefix('-').map_or((text, Order::Asc), |column| (column, Order::Desc));
        if column.is_empty() {
            return Err(E::custom(Refusal(InvalidKind::TooSmall, "must name a column")));
        }
        Ok(Key(Some(SortKey { column: column.to_owned(), order })))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Key, A::Error> {
        let Written { column, order } = Written::deserialize(MapAccessDeserializer::new(object))?;
        Ok(Key(Some(SortKey { column, order })))
    }
}
