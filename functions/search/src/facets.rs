//! `facets`: the values that columns have in all rows that match, not only in those of the page, with how many rows have
//! each.

use std::collections::{BTreeMap, HashMap};

use mysql_async::{Params, Row};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use shared::databases::{Column, Connection, Fault, SearchOptions, Table, Zone};
use shared::error::{InvalidKind, Refusal};

use crate::ask::{Asked, Hit, TableHits};
use crate::kind::{Kind, counted, visible};
use crate::plan::TablePlan;
use crate::statement::{self, Bound};
use crate::value::{json, text};

/// The most columns whose values are counted.
const FACETS_MAX: usize = 5;
/// The most values of a column that are answered.
const VALUES_MAX: usize = 20;
/// The most values of a column that one table is asked for: enough that the best 20 of several tables are nearly always
/// among them.
pub const TABLE_VALUES_MAX: usize = 1_000;

/// Columns whose values are counted.
#[derive(Debug, Clone, Default)]
pub struct Facets(Vec<String>);

/// What one table says of one facet.
pub struct Counts {
    values: Vec<(Value, u64)>,
    are_all: bool,
}

/// A value and how many rows have it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Facet {
    /// As it stands in `data`.
    value: Value,
    count: u64,
}

/// Every facet that was asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FacetAnswer {
    /// The most frequent values of each column.
    facets: BTreeMap<String, Vec<Facet>>,
    /// `exact`, or `estimate` where rows that are looked at again, or values that are rare in one of many tables, make it
    /// uncertain.
    facet_relation: BTreeMap<String, &'static str>,
}

impl Facets {
    /// The columns, as they were written.
    pub fn columns(&self) -> &[String] {
        &self.0
    }

    /// By what this table counts each facet; nothing where it has no such column.
    pub fn on(&self, table: &Table, options: &SearchOptions) -> Vec<Option<String>> {
        self.0.iter().map(|name| Self::of(name, table, options).map(|column| counted(table, column))).collect()
    }

    /// The column of this table that a facet stands for, if its values can be counted.
    pub fn of<'a>(name: &str, table: &'a Table, options: &SearchOptions) -> Option<&'a Column> {
        visible(table, options, name).filter(|column| Kind::of(column).is_counted())
    }

    /// The counts of all tables, put together; nothing where none was asked for.
    pub fn answer(&self, asked: &[&Asked]) -> Option<FacetAnswer> {
        let mut answer = FacetAnswer { facets: BTreeMap::new(), facet_relation: BTreeMap::new() };
        for (number, name) in self.0.iter().enumerate() {
            let tables: Vec<&TableHits> = asked.iter().flat_map(|asked| &asked.tables).collect();
            let counts = || tables.iter().filter_map(|table| table.facets.get(number)?.as_ref());
            let are_all = tables.len() == 1 || counts().all(|counts| counts.are_all);
            let is_exact = are_all && tables.iter().all(|table| table.counts_are_exact);
            answer.facets.insert(name.clone(), merged(counts()));
            answer.facet_relation.insert(name.clone(), if is_exact { "exact" } else { "estimate" });
        }
        (!self.0.is_empty()).then_some(answer)
    }
}

impl<'de> Deserialize<'de> for Facets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut columns: Vec<String> = Vec::new();
        for name in Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default() {
            if columns.iter().all(|known| !known.eq_ignore_ascii_case(&name)) {
                columns.push(name);
            }
        }
        if columns.len() > FACETS_MAX {
            return Err(D::Error::custom(Refusal(InvalidKind::TooBig, "must be at most 5 columns")));
        }
        Ok(Self(columns))
    }
}

/// Asks a table that has matches: a statement for each facet.
pub async fn count(connection: &mut Connection, plan: &TablePlan) -> Result<Vec<Option<Counts>>, Fault> {
    count_by(connection, plan, |expression| statement::facet(plan, expression)).await
}

/// The same in rows that were looked at one by one.
pub async fn count_of(
    connection: &mut Connection,
    plan: &TablePlan,
    hits: &[Hit],
) -> Result<Vec<Option<Counts>>, Fault> {
    if hits.is_empty() {
        return Ok(Vec::new());
    }
    count_by(connection, plan, |expression| statement::facet_of(plan, expression, hits)).await
}

async fn count_by(
    connection: &mut Connection,
    plan: &TablePlan,
    ask: impl Fn(&str) -> Bound,
) -> Result<Vec<Option<Counts>>, Fault> {
    let mut counts = Vec::new();
    for expression in &plan.facets {
        let Some(expression) = expression else {
            counts.push(None);
            continue;
        };
        let Bound { sql, values } = ask(expression);
        // The driver takes no empty list.
        let params = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
        let rows = connection.rows(&sql, params).await?;
        let are_all = rows.len() <= TABLE_VALUES_MAX;
        let zone = connection.zone();
        counts.push(Some(Counts { values: rows.into_iter().filter_map(|row| read(row, zone)).collect(), are_all }));
    }
    Ok(counts)
}

fn read(mut row: Row, zone: &Zone) -> Option<(Value, u64)> {
    let value = json(&row.take(0)?, row.columns_ref().first()?, zone);
    Some((value, row.take_opt(1)?.ok()?))
}

/// The most frequent first, and equally frequent ones by their text.
fn merged<'a>(counts: impl Iterator<Item = &'a Counts>) -> Vec<Facet> {
    let mut sums: HashMap<String, Facet> = HashMap::new();
    for (value, count) in counts.flat_map(|counts| &counts.values) {
        let sum = sums.entry(text(value)).or_insert_with(|| Facet { value: value.clone(), count: 0 });
        sum.count += count;
    }
    let mut facets: Vec<(String, Facet)> = sums.into_iter().collect();
    facets.sort_by(|(a_text, a), (b_text, b)| b.count.cmp(&a.count).then_with(|| a_text.cmp(b_text)));
    facets.into_iter().map(|(_, facet)| facet).take(VALUES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_counts_of_tables_are_summed_and_the_most_frequent_come_first() {
        let counts = |values: &[(&str, u64)]| Counts {
            values: values.iter().map(|(value, count)| (json!(value), *count)).collect(),
            are_all: true,
        };
        let many: Vec<(String, u64)> = (0..30).map(|n| (format!("v{n:02}"), 1)).collect();
        let many: Vec<(&str, u64)> = many.iter().map(|(value, count)| (value.as_str(), *count)).collect();
        let merged = merged([counts(&[("b", 2), ("a", 3)]), counts(&[("b", 2)]), counts(&many)].iter());
        let first: Vec<(&Value, u64)> = merged.iter().take(3).map(|facet| (&facet.value, facet.count)).collect();
        assert_eq!(first, [(&json!("b"), 4), (&json!("a"), 3), (&json!("v00"), 1)]);
        assert_eq!(merged.len(), VALUES_MAX);
    }
}
