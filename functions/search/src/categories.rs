//! Groups of the rows on a page, by what the rows themselves say.
//!
//! A row belongs to the values of the best of its columns that is named like a category and really groups the rows of the
//! page; where its table has no such column, or the row no value in it, to its table. The confidence of a category is its share of the
//! page's relevance: the sum of the scores of its rows over that of all rows, 0 to 1. A row with two tags counts for both,
//! so that the shares can add up to more than 1.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::answer::Found;

/// Names of columns that hold categories, the best first. An `s` at the end changes nothing.
const NAMES: [&str; 14] = [
    "category",
    "categorie",
    "section",
    "topic",
    "genre",
    "subject",
    "department",
    "tag",
    "label",
    "kind",
    "type",
    "class",
    "group",
    "area",
];

/// A longer value is a text, and no name of a group. In characters.
const NAME_CHARS_MAX: usize = 60;

/// The most groups that one row belongs to.
const OF_ROW_MAX: usize = 10;

/// The most groups that are told of a page.
const OF_PAGE_MAX: usize = 20;

/// A group of results.
#[derive(Debug, PartialEq, Serialize)]
pub struct Category {
    name: String,
    /// How many results of the page belong to it.
    count: usize,
    /// Its share of the page's relevance.
    confidence: f64,
}

/// Names the groups of each result, and tells the groups: the most relevant first.
pub fn categorise(results: &mut [Found]) -> Vec<Category> {
    let columns = columns(results);
    for result in results.iter_mut() {
        let column = columns.get(&table(result)).and_then(|column| value(&result.data, column));
        let mut names = column.map(names).unwrap_or_default();
        if names.is_empty() {
            names.push(result.table.to_string());
        }
        result.categories = names;
    }
    groups(results)
}

fn groups(results: &[Found]) -> Vec<Category> {
    let all: f64 = results.iter().map(|result| result.relevance_score).sum();
    let mut groups: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    for result in results {
        for name in &result.categories {
            let (count, score) = groups.entry(name).or_default();
            *count += 1;
            *score += result.relevance_score;
        }
    }
    let share = |score: f64| if all > 0.0 { (score / all).min(1.0) } else { 0.0 };
    let category = |(name, (count, score)): (&str, (usize, f64))| Category {
        name: name.to_owned(),
        count,
        confidence: share(score),
    };
    let mut categories: Vec<Category> = groups.into_iter().map(category).collect();
    categories.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(b.count.cmp(&a.count)));
    categories.truncate(OF_PAGE_MAX);
    categories
}

/// The column of each table that groups its rows.
fn columns(results: &[Found]) -> HashMap<(String, String), String> {
    let mut rows: HashMap<(String, String), Vec<&Map<String, Value>>> = HashMap::new();
    for result in results {
        rows.entry(table(result)).or_default().push(&result.data);
    }
    let best = |rows: &[&Map<String, Value>]| {
        let mut named: Vec<(usize, &String)> =
            rows.first()?.keys().filter_map(|column| Some((place(column)?, column))).collect();
        named.sort_unstable();
        named.into_iter().map(|(_, column)| column.clone()).find(|column| groups_rows(rows, column))
    };
    rows.into_iter().filter_map(|(table, rows)| Some((table, best(&rows)?))).collect()
}

/// A column in which every row of three or more has a value of its own tells rows apart, and groups none.
fn groups_rows(rows: &[&Map<String, Value>], column: &str) -> bool {
    let values: Vec<Vec<String>> =
        rows.iter().filter_map(|row| value(row, column)).map(names).filter(|names| !names.is_empty()).collect();
    let different: HashSet<&String> = values.iter().flatten().collect();
    let named: usize = values.iter().map(Vec::len).sum();
    !values.is_empty() && (values.len() < 3 || different.len() < named)
}

fn table(result: &Found) -> (String, String) {
    (result.database.to_string(), result.table.to_string())
}

/// `product_category` is as good as `category`; `category_id` is a number that says nothing to a reader.
fn place(column: &str) -> Option<usize> {
    let lower = column.to_lowercase();
    let last = lower.rsplit('_').next()?;
    let is = |name: &str| last == name || last.strip_suffix('s') == Some(name);
    NAMES.iter().position(|name| is(name))
}

fn value<'a>(row: &'a Map<String, Value>, column: &str) -> Option<&'a Value> {
    row.get(column).filter(|value| !value.is_null())
}

/// The names in a value: a text, texts with commas or semicolons between them, or a list of JSON.
fn names(value: &Value) -> Vec<String> {
    let texts: Vec<&str> = match value {
        Value::String(text) => text.split([',', ';']).collect(),
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut names: Vec<String> = Vec::new();
    for text in texts.into_iter().map(str::trim).filter(|text| !text.is_empty()) {
        if text.chars().count() > NAME_CHARS_MAX {
            return Vec::new();
        }
        if names.len() < OF_ROW_MAX && !names.iter().any(|name| name == text) {
            names.push(text.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_word_of_a_name_decides() {
        for name in ["category", "Categories", "product_category", "tags", "GENRE"] {
            assert!(place(name).is_some(), "{name}");
        }
        for name in ["category_id", "prototype", "kindness", "id", ""] {
            assert_eq!(place(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_short_texts() {
        assert_eq!(names(&json!("admin::cli; admin::web,admin::cli")), ["admin::cli", "admin::web"]);
        assert_eq!(names(&json!(["a", 5, "b"])), ["a", "b"]);
        assert_eq!(names(&json!("x".repeat(61))), Vec::<String>::new());
        assert_eq!(names(&json!(7)), Vec::<String>::new());
    }
}
