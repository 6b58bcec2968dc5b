//! The statements that a customer's database gets. Names come from its catalogue, values are bound, and the text of the
//! search is in `@altus4_query` (see `Connection::begin`).

use shared::databases::{FullTextIndex, Ident};

use crate::plan::TablePlan;
use crate::query::ESCAPE;
use crate::way;

/// Characters of a column that are read for scoring: what comes later in a text hardly changes what it is about.
const TEXT_CHARS: usize = 4_096;

/// The primary keys of the best `limit` rows with the texts that are searched, best first.
///
/// Keys are found first and texts are read for them afterwards: sorting rows that carry long texts is slower, on MariaDB
/// by half. Equal rows are ordered by their key, so that pages do not overlap.
pub fn candidates(plan: &TablePlan, limit: usize) -> String {
    let key = list(&plan.table.primary_key, |column| format!("t.{}", column.quoted()));
    let texts = list(&plan.columns, |column| format!("LEFT(t.{}, {TEXT_CHARS})", column.quoted()));
    let joined = plan.table.primary_key.iter().map(|column| format!("t.{0} = hit.{0}", column.quoted()));
    let order = list(&plan.table.primary_key, |column| format!("hit.{}", column.quoted()));
    format!(
        "SELECT {key}, {texts} FROM ({}) AS hit JOIN {} AS t ON {} ORDER BY hit.altus4_score DESC, {order}",
        hits(plan, limit),
        plan.table.name.quoted(),
        joined.collect::<Vec<_>>().join(" AND "),
    )
}

/// How many rows there are in all.
pub fn count(plan: &TablePlan) -> String {
    let table = plan.table.name.quoted();
    match plan.indexes.as_slice() {
        [index] => format!("SELECT COUNT(*) FROM {table} WHERE {}", matched(index)),
        indexes => {
            let key = list(&plan.table.primary_key, Ident::quoted);
            let legs = indexes.iter().map(|index| format!("SELECT {key} FROM {table} WHERE {}", matched(index)));
            // UNION without ALL: a row that two indexes find is one row.
            format!("SELECT COUNT(*) FROM ({}) AS hit", legs.collect::<Vec<_>>().join(" UNION "))
        }
    }
}

/// The primary keys of the first `limit` rows that hold one of so many patterns, with the texts that are searched: one placeholder
/// for each pattern in each column. Compared as the servers' usual collations compare, whatever the column's own is.
pub fn scan(plan: &TablePlan, patterns: usize, limit: usize) -> String {
    let key = list(&plan.table.primary_key, |column| format!("t.{}", column.quoted()));
    let texts = list(&plan.columns, |column| format!("LEFT(t.{}, {TEXT_CHARS})", column.quoted()));
    let alike = |column: &Ident| {
        format!("CONVERT(t.{} USING utf8mb4) COLLATE utf8mb4_unicode_ci LIKE ? ESCAPE '{ESCAPE}'", column.quoted())
    };
    let alike = plan.columns.iter().flat_map(|column| vec![alike(column); patterns]).collect::<Vec<_>>();
    format!(
        "SELECT {key}, {texts} FROM {} AS t WHERE {} ORDER BY {key} LIMIT {limit}",
        plan.table.name.quoted(),
        alike.join(" OR "),
    )
}

/// The rows with these primary keys: one placeholder for each column of each key.
pub fn rows(plan: &TablePlan, columns: &[Ident], keys: usize) -> String {
    let key = list(&plan.table.primary_key, Ident::quoted);
    let one = format!("({})", vec!["?"; plan.table.primary_key.len()].join(", "));
    let selected = [&plan.table.primary_key, columns].concat();
    format!(
        "SELECT {} FROM {} WHERE ({key}) IN ({})",
        list(&selected, Ident::quoted),
        plan.table.name.quoted(),
        vec![one; keys].join(", "),
    )
}

fn hits(plan: &TablePlan, limit: usize) -> String {
    let key = list(&plan.table.primary_key, Ident::quoted);
    let table = plan.table.name.quoted();
    let of_index = |index: &FullTextIndex| {
        let matched = matched(index);
        format!(
            "SELECT {key}, {matched} AS altus4_score FROM {table} WHERE {matched} \
             ORDER BY altus4_score DESC, {key} LIMIT {limit}"
        )
    };
    match plan.indexes.as_slice() {
        [index] => of_index(index),
        indexes => {
            let legs = indexes.iter().map(|index| format!("({})", of_index(index))).collect::<Vec<_>>();
            format!(
                "SELECT {key}, MAX(altus4_score) AS altus4_score FROM ({}) AS leg GROUP BY {key} \
                 ORDER BY altus4_score DESC, {key} LIMIT {limit}",
                legs.join(" UNION ALL ")
            )
        }
    }
}

fn matched(index: &FullTextIndex) -> String {
    let (columns, variable) = (list(&index.columns, Ident::quoted), way::variable(index));
    format!("MATCH ({columns}) AGAINST (@{variable} IN BOOLEAN MODE)")
}

fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(", ")
}
