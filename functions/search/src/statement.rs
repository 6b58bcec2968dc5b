//! The statements that a customer's database gets. Names come from its catalogue, values are bound, and the text of the
//! search is in `@altus4_query` (see `Connection::begin`).

use mysql_async::Value;
use shared::databases::{FullTextIndex, Ident};

use crate::ask::Hit;
use crate::facets::TABLE_VALUES_MAX;
use crate::plan::TablePlan;
use crate::query::ESCAPE;
use crate::sort::SortBy;
use crate::way;

/// Characters of a column that are read for scoring: what comes later in a text hardly changes what it is about.
const TEXT_CHARS: usize = 4_096;

/// A statement with a value for each of its placeholders, in their order.
pub struct Bound {
    /// The text.
    pub sql: String,
    /// The values.
    pub values: Vec<Value>,
}

/// Which of a table's hits are read, in the server's order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// How many are passed over.
    pub from: usize,
    /// How many are read.
    pub rows: usize,
}

/// The primary keys of the hits in the window, best first or in the order that was asked for, with the texts that are
/// searched and the values that they are sorted by.
///
/// Keys are found first and texts are read for them afterwards: sorting rows that carry long texts is slower, on MariaDB
/// by half. Equal rows are ordered by their key, so that pages do not overlap.
pub fn candidates(plan: &TablePlan, window: Window) -> Bound {
    let key = list(&plan.table.primary_key, |column| format!("t.{}", column.quoted()));
    let texts = list(&plan.columns, |column| format!("LEFT(t.{}, {TEXT_CHARS})", column.quoted()));
    let sorts = sorts(plan, |name, _| format!(", hit.{name}"));
    let joined = plan.table.primary_key.iter().map(|column| format!("t.{0} = hit.{0}", column.quoted()));
    let hits = hits(plan, window);
    let sql = format!(
        "SELECT {key}, {texts}{sorts} FROM ({}) AS hit JOIN {} AS t ON {} ORDER BY {}",
        hits.sql,
        plan.table.name.quoted(),
        joined.collect::<Vec<_>>().join(" AND "),
        order(plan, "hit."),
    );
    Bound { sql, values: hits.values }
}

/// How many rows there are in all.
pub fn count(plan: &TablePlan) -> Bound {
    let from = match plan.indexes.as_slice() {
        [index] => format!("{} WHERE {}", plan.table.name.quoted(), matched(plan, index)),
        _ => format!("({}) AS hit", keys(plan)),
    };
    Bound { sql: format!("SELECT COUNT(*) FROM {from}"), values: values(plan) }
}

/// The most frequent values of an expression in all rows, and how many rows have each.
pub fn facet(plan: &TablePlan, expression: &str) -> Bound {
    let (table, key) = (plan.table.name.quoted(), list(&plan.table.primary_key, Ident::quoted));
    let from = match plan.indexes.as_slice() {
        [index] => format!("{table} WHERE {} AND", matched(plan, index)),
        _ => format!("({}) AS hit JOIN {table} USING ({key}) WHERE", keys(plan)),
    };
    Bound { sql: counted(expression, &from), values: values(plan) }
}

/// The same in these rows alone, which are at most some thousand.
pub fn facet_of(plan: &TablePlan, expression: &str, hits: &[Hit]) -> Bound {
    let from = format!("{} WHERE {} AND", plan.table.name.quoted(), with_keys(plan, hits.len()));
    Bound { sql: counted(expression, &from), values: hits.iter().flat_map(|hit| hit.key.iter().cloned()).collect() }
}

fn counted(expression: &str, from: &str) -> String {
    format!(
        "SELECT {expression} AS altus4_value, COUNT(*) AS altus4_count FROM {from} {expression} IS NOT NULL \
         GROUP BY altus4_value ORDER BY altus4_count DESC, altus4_value LIMIT {}",
        TABLE_VALUES_MAX + 1
    )
}

/// The primary keys of the first `limit` rows that hold one of these patterns and pass the filters, with the texts that are
/// searched and the values that they are sorted by. Compared as the servers' usual collations compare, whatever the column's
/// own is.
pub fn scan(plan: &TablePlan, patterns: &[String], limit: usize) -> Bound {
    let key = list(&plan.table.primary_key, |column| format!("t.{}", column.quoted()));
    let texts = list(&plan.columns, |column| format!("LEFT(t.{}, {TEXT_CHARS})", column.quoted()));
    let alike = |column: &Ident| {
        format!("CONVERT(t.{} USING utf8mb4) COLLATE utf8mb4_unicode_ci LIKE ? ESCAPE '{ESCAPE}'", column.quoted())
    };
    let alike = plan.columns.iter().flat_map(|column| vec![alike(column); patterns.len()]).collect::<Vec<_>>();
    let sql = format!(
        "SELECT {key}, {texts}{} FROM {} AS t WHERE ({}){} ORDER BY {}{key} LIMIT {limit}",
        sorts(plan, |name, by| format!(", {} AS {name}", by.expression)),
        plan.table.name.quoted(),
        alike.join(" OR "),
        plan.restriction.sql,
        sorted(plan, ""),
    );
    let patterns = plan.columns.iter().flat_map(|_| patterns.iter().map(|pattern| Value::from(pattern.as_str())));
    Bound { sql, values: patterns.chain(plan.restriction.values.iter().cloned()).collect() }
}

/// The rows with these primary keys: one placeholder for each column of each key.
pub fn rows(plan: &TablePlan, columns: &[Ident], keys: usize) -> String {
    let selected = [&plan.table.primary_key, columns].concat();
    let selected = list(&selected, Ident::quoted);
    format!("SELECT {selected} FROM {} WHERE {}", plan.table.name.quoted(), with_keys(plan, keys))
}

fn with_keys(plan: &TablePlan, keys: usize) -> String {
    let key = list(&plan.table.primary_key, Ident::quoted);
    let one = format!("({})", vec!["?"; plan.table.primary_key.len()].join(", "));
    format!("({key}) IN ({})", vec![one; keys].join(", "))
}

fn hits(plan: &TablePlan, Window { from, rows }: Window) -> Bound {
    let key = list(&plan.table.primary_key, Ident::quoted);
    let table = plan.table.name.quoted();
    let by = sorts(plan, |name, by| format!(", {} AS {name}", by.expression));
    let order = order(plan, "");
    let of_index = |index: &FullTextIndex, window: &str| {
        let (score, matched) = (matching(index), matched(plan, index));
        format!(
            "SELECT {key}, {score} AS altus4_score{by} FROM {table} WHERE {matched} ORDER BY {order} LIMIT {window}"
        )
    };
    let window = format!("{rows} OFFSET {from}");
    let sql = match plan.indexes.as_slice() {
        [index] => of_index(index, &window),
        indexes => {
            let most = (from + rows).to_string();
            let legs = indexes.iter().map(|index| format!("({})", of_index(index, &most))).collect::<Vec<_>>();
            // In two steps: MySQL orders by no expression of an aggregate that has a name (error 1247).
            format!(
                "SELECT * FROM (SELECT {key}, MAX(altus4_score) AS altus4_score{} FROM ({}) AS leg GROUP BY {key}) AS legs \
                 ORDER BY {order} LIMIT {window}",
                sorts(plan, |name, _| format!(", MAX({name}) AS {name}")),
                legs.join(" UNION ALL ")
            )
        }
    };
    Bound { sql, values: values(plan) }
}

/// The keys of all hits. UNION without ALL: a row that two indexes find is one row.
fn keys(plan: &TablePlan) -> String {
    let key = list(&plan.table.primary_key, Ident::quoted);
    let table = plan.table.name.quoted();
    let leg = |index: &FullTextIndex| format!("SELECT {key} FROM {table} WHERE {}", matched(plan, index));
    plan.indexes.iter().map(leg).collect::<Vec<_>>().join(" UNION ")
}

/// What was asked for, rows without a value last, then the server's own score, then the key.
fn order(plan: &TablePlan, from: &str) -> String {
    let key = list(&plan.table.primary_key, |column| format!("{from}{}", column.quoted()));
    format!("{}{from}altus4_score DESC, {key}", sorted(plan, from))
}

/// The beginning of it.
fn sorted(plan: &TablePlan, from: &str) -> String {
    sorts(plan, |name, by| format!("{from}{name} IS NULL, {from}{name} {}, ", by.order.word()))
}

/// A text for everything that rows are sorted by, which has the name that is given.
fn sorts(plan: &TablePlan, text: impl Fn(&str, &SortBy) -> String) -> String {
    let named = plan.sort.iter().enumerate().map(|(number, by)| text(&format!("altus4_sort{number}"), by));
    named.collect::<Vec<_>>().concat()
}

fn matched(plan: &TablePlan, index: &FullTextIndex) -> String {
    format!("{}{}", matching(index), plan.restriction.sql)
}

fn matching(index: &FullTextIndex) -> String {
    let (columns, variable) = (list(&index.columns, Ident::quoted), way::variable(index));
    format!("MATCH ({columns}) AGAINST (@{variable} IN BOOLEAN MODE)")
}

/// The values of the filters, once for each index.
fn values(plan: &TablePlan) -> Vec<Value> {
    plan.indexes.iter().flat_map(|_| plan.restriction.values.iter().cloned()).collect()
}

fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(", ")
}
