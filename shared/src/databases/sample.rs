//! A few values of each column that holds text: for people who look at a schema, and for the adviser, who has to know
//! in which script a table is written.

use std::collections::HashMap;

use mysql_async::Params;

use super::catalogue::{Catalogue, Column, Generated, Ident, Table, TableKind};
use super::connection::Connection;
use super::language::Language;
use super::secret::is_secret;

/// Rows that are read of a table: the first that the server has at hand.
const ROWS: usize = 5;

/// Values of a column that are shown.
const SHOWN: usize = 3;

/// The most characters of a value.
const VALUE_CHARS: usize = 100;

/// How much is read to tell the language of the texts: of each table so many rows,
const LANGUAGE_ROWS: usize = 20;
/// of so many tables, in one statement,
const LANGUAGE_TABLES_MAX: usize = 12;
/// and so many characters of a value.
const LANGUAGE_CHARS: usize = 200;

/// The most columns of a table.
const COLUMNS_MAX: usize = 16;

/// The most tables, those with the most rows first.
const TABLES_MAX: usize = 100;

/// Tables in one statement: 100 tables are four statements.
const TABLES_IN_ONE: usize = 25;

/// Engines whose rows are at hand. Others fetch them from somewhere, or have none.
const ENGINES: [&str; 8] = ["InnoDB", "MyISAM", "Aria", "Mroonga", "MEMORY", "CSV", "ROCKSDB", "ARCHIVE"];

/// Values by table and column. What was not read has none.
#[derive(Debug, Default)]
pub struct Sample {
    values: HashMap<(Ident, Ident), Vec<String>>,
}

impl Sample {
    /// Reads one. Views are left out, because a view can be any query, and columns that look like secrets. A statement
    /// that the server refuses leaves its tables without values: the schema is worth telling without a sample.
    pub async fn read(connection: &mut Connection, catalogue: &Catalogue) -> Self {
        let mut sample = Self::default();
        for some in largest(&catalogue.tables, sampled, TABLES_MAX).chunks(TABLES_IN_ONE) {
            match connection.rows(&statement(some, ROWS, VALUE_CHARS), Params::Empty).await {
                Ok(rows) => rows.into_iter().for_each(|row| sample.add(some, row)),
                Err(fault) if fault.errno.is_some() => {}
                Err(_) => break,
            }
        }
        sample
    }

    /// The language of what can be searched, or of all texts where no table has an index, by one statement. Nothing where that
    /// can not be had: a schema is worth knowing without it.
    pub(super) async fn language(connection: &mut Connection, catalogue: &Catalogue) -> Option<Language> {
        let indexed = |table| sampled(table).into_iter().filter(|column| table.is_indexed(&column.name)).collect();
        let tables = match largest(&catalogue.tables, indexed, LANGUAGE_TABLES_MAX) {
            none if none.is_empty() => largest(&catalogue.tables, sampled, LANGUAGE_TABLES_MAX),
            tables => tables,
        };
        if tables.is_empty() {
            return None;
        }
        let mut sample = Self::default();
        let rows = connection.rows(&statement(&tables, LANGUAGE_ROWS, LANGUAGE_CHARS), Params::Empty).await.ok()?;
        for row in rows {
            sample.add(&tables, row);
        }
        Language::of_texts(sample.values.values().flatten().map(String::as_str))
    }

    /// Values to be shown of a column: few, none of them empty.
    pub fn shown(&self, table: &Ident, column: &Ident) -> &[String] {
        let values = self.values(table, column);
        &values[..values.len().min(SHOWN)]
    }

    /// Whether a column holds Chinese, Japanese or Korean.
    pub fn is_cjk(&self, table: &Ident, column: &Ident) -> bool {
        self.values(table, column).iter().any(|value| value.chars().filter(|c| is_cjk(*c)).count() > 1)
    }

    /// Whether a tenth of all values, and three at least, hold letters that English has not.
    pub fn is_foreign(&self) -> bool {
        let is_foreign = |value: &&String| value.chars().any(|c| !c.is_ascii() && c.is_alphabetic());
        let all = self.values.values().flatten();
        let foreign = all.clone().filter(is_foreign).count();
        foreign >= 3 && foreign * 10 >= all.count()
    }

    fn values(&self, table: &Ident, column: &Ident) -> &[String] {
        self.values.get(&(table.clone(), column.clone())).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, tables: &[(&Table, Vec<&Column>)], row: mysql_async::Row) {
        let Ok((place, values)) = mysql_async::from_row_opt::<(usize, String)>(row) else { return };
        let Ok(values) = serde_json::from_str::<Vec<Option<String>>>(&values) else { return };
        let Some((table, columns)) = tables.get(place) else { return };
        for (column, value) in columns.iter().zip(values) {
            let value = value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
            self.values.entry((table.name.clone(), column.name.clone())).or_default().extend(value);
        }
    }
}

/// A virtual column is computed for each row, and may fail at it.
fn sampled(table: &Table) -> Vec<&Column> {
    let is_sampled = |column: &&Column| {
        column.is_text() && !is_secret(column.name.as_str()) && column.generated != Some(Generated::Virtual)
    };
    table.columns.iter().filter(is_sampled).take(COLUMNS_MAX).collect()
}

/// The largest tables with rows at hand, each with the columns that are read of it.
fn largest<'a>(
    tables: &'a [Table],
    columns: impl Fn(&'a Table) -> Vec<&'a Column>,
    most: usize,
) -> Vec<(&'a Table, Vec<&'a Column>)> {
    let mut tables: Vec<_> = tables.iter().map(|table| (table, columns(table))).collect();
    tables.retain(|(table, columns)| is_at_hand(table) && !columns.is_empty());
    tables.sort_by_key(|(table, _)| std::cmp::Reverse(table.estimated_rows));
    tables.truncate(most);
    tables
}

fn is_at_hand(table: &Table) -> bool {
    let engine = table.engine.as_deref().unwrap_or_default();
    table.kind == TableKind::Table && ENGINES.iter().any(|known| known.eq_ignore_ascii_case(engine))
}

/// One leg a table. All values of a row are one array, so that tables with different columns fit into one statement.
fn statement(tables: &[(&Table, Vec<&Column>)], rows: usize, chars: usize) -> String {
    let leg = |(place, (table, columns)): (usize, &(&Table, Vec<&Column>))| {
        let cut = |column: &&Column| format!("LEFT(CONVERT({} USING utf8mb4), {chars})", column.name.quoted());
        let values = columns.iter().map(cut).collect::<Vec<_>>().join(", ");
        let table = table.name.quoted();
        format!("(SELECT {place} AS altus4_table, JSON_ARRAY({values}) AS altus4_values FROM {table} LIMIT {rows})")
    };
    tables.iter().enumerate().map(leg).collect::<Vec<_>>().join(" UNION ALL ")
}

/// Scripts that are written without spaces between words, and Korean, whose words carry their grammar.
fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
impl Sample {
    /// A sample in which a column holds these values.
    pub(crate) fn of(table: &str, column: &str, values: &[&str]) -> Self {
        let ident = |name: &str| Ident::from_server(name.to_owned());
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Self { values: HashMap::from([((ident(table), ident(column)), values)]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_told_by_its_characters() {
        for (value, is_cjk) in [
            ("日本語の全文検索", true),
            ("서울특별시", true),
            ("plain 日 word", false),
            ("naïve café", false),
            ("Привет", false),
        ] {
            let name = Ident::from_server("t".to_owned());
            assert_eq!(Sample::of("t", "t", &[value]).is_cjk(&name, &name), is_cjk, "{value}");
        }
    }

    #[test]
    fn a_few_letters_make_no_foreign_text() {
        assert!(!Sample::of("t", "c", &["naïve", "plain", "plain", "plain"]).is_foreign());
        assert!(Sample::of("t", "c", &["für", "größer", "schön", "gut"]).is_foreign());
    }
}
