//! A sample of the texts that can be searched, spread over each table: bounded in rows, bytes and statements here, and in
//! time by the connection.

use mysql_async::{Params, Row, Value};

use crate::databases::catalogue::{Catalogue, Column, Ident, Table};
use crate::databases::connection::Connection;
use crate::databases::fault::Fault;
use crate::databases::secret::is_secret;

/// Rows that are read of all tables together.
const ROWS_MAX: usize = 12_000;

/// Rows of one table, where there are many tables and where there are few.
const ROWS_OF_TABLE: (usize, usize) = (600, 6_000);

/// Places in a table at which rows are read.
const PLACES: usize = 20;

/// The most tables, those with the most rows first. Each takes at most three statements.
const TABLES_MAX: usize = 20;

/// Characters of a value: what is said later in a text is mostly said in other words before.
const VALUE_CHARS: usize = 1_000;

/// The most bytes of all values together.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Reads one, and hands out each row of a table: the values of its columns. It ends where the connection's time does, with
/// what was read until then.
pub async fn texts(connection: &mut Connection, catalogue: &Catalogue, mut take: impl FnMut(&Ident, Vec<String>)) {
    let mut tables: Vec<Subject<'_>> = catalogue.searchable().filter_map(Subject::new).collect();
    tables.sort_by_key(|subject| std::cmp::Reverse(subject.table.estimated_rows));
    tables.truncate(TABLES_MAX);
    let of_each = (ROWS_MAX / tables.len().max(1)).clamp(ROWS_OF_TABLE.0, ROWS_OF_TABLE.1);
    let mut bytes = 0;
    for subject in tables {
        match subject.rows(connection, of_each).await {
            Ok(rows) => {
                for row in rows {
                    let values = texts_of(row);
                    bytes += values.iter().map(String::len).sum::<usize>();
                    take(&subject.table.name, values);
                }
            }
            // The server refuses this table, and may have no objection to the next.
            Err(fault) if fault.errno.is_some() => {}
            Err(_) => return,
        }
        if bytes > BYTES_MAX {
            return;
        }
    }
}

/// A table, and the columns of it that are read.
struct Subject<'a> {
    table: &'a Table,
    columns: Vec<&'a Column>,
}

impl<'a> Subject<'a> {
    /// Nothing for a table of which nothing can be searched, or only what looks like a secret.
    fn new(table: &'a Table) -> Option<Self> {
        let is_read = |column: &&Column| table.is_indexed(&column.name) && !is_secret(column.name.as_str());
        let columns: Vec<&Column> = table.columns.iter().filter(is_read).collect();
        (table.is_searchable() && !columns.is_empty()).then_some(Self { table, columns })
    }

    /// So many rows from many places of the table; and from its beginning where places can not be named, or have few rows.
    async fn rows(&self, connection: &mut Connection, most: usize) -> Result<Vec<Row>, Fault> {
        let places = self.places(connection, most).await?;
        let spread = if places.is_empty() {
            Vec::new()
        } else {
            let legs: Vec<String> = places.iter().map(|place| self.leg(place, most / places.len())).collect();
            connection.rows(&legs.join(" UNION ALL "), Params::Empty).await?
        };
        if spread.len() >= most / 2 {
            return Ok(spread);
        }
        // The few rows that are read twice count twice.
        let first = connection.rows(&self.leg("TRUE", most - spread.len()), Params::Empty).await?;
        Ok(spread.into_iter().chain(first).collect())
    }

    /// Conditions on the first column of the primary key, each for a part of the table.
    async fn places(&self, connection: &mut Connection, most: usize) -> Result<Vec<String>, Fault> {
        let Some(column) = self.table.primary_key.first().and_then(|key| self.table.column(key.as_str())) else {
            return Ok(Vec::new());
        };
        let name = column.name.quoted();
        if column.is_text() {
            return Ok(beginnings().map(|(from, to)| format!("{name} >= '{from}' AND {name} < '{to}'")).collect());
        }
        if !column.base_type().ends_with("int") {
            return Ok(Vec::new());
        }
        let sql =
            format!("SELECT CAST(MIN({name}) AS CHAR), CAST(MAX({name}) AS CHAR) FROM {}", self.table.name.quoted());
        let ends = connection.rows(&sql, Params::Empty).await?.into_iter().next().map(texts_of).unwrap_or_default();
        let ends: Vec<i128> = ends.iter().filter_map(|end| end.parse().ok()).collect();
        let &[first, last] = ends.as_slice() else { return Ok(Vec::new()) };
        Ok(spans(first, last, most).map(|(from, to)| format!("{name} >= {from} AND {name} < {to}")).collect())
    }

    fn leg(&self, place: &str, rows: usize) -> String {
        let list = |names: Vec<String>| names.join(", ");
        let cut = |column: &&Column| format!("LEFT(CONVERT({} USING utf8mb4), {VALUE_CHARS})", column.name.quoted());
        format!(
            "(SELECT {} FROM {} WHERE {place} ORDER BY {} LIMIT {rows})",
            list(self.columns.iter().map(cut).collect()),
            self.table.name.quoted(),
            list(self.table.primary_key.iter().map(Ident::quoted).collect()),
        )
    }
}

/// Equal parts of the numbers from the first to the last; none where they are so few that all rows are read anyway.
fn spans(first: i128, last: i128, rows: usize) -> impl Iterator<Item = (i128, i128)> {
    let (numbers, places) = (last - first + 1, PLACES as i128);
    let step = (numbers + places - 1) / places;
    let places = if numbers > rows as i128 { places } else { 0 };
    (0..places).map(move |place| (first + place * step, first + (place + 1) * step))
}

/// Parts of texts that begin with a digit or a letter, as ids of every kind do.
fn beginnings() -> impl Iterator<Item = (char, char)> {
    let starts: Vec<char> = "02468acegikmoqsuwy".chars().collect();
    let ends: Vec<char> = starts.iter().skip(1).copied().chain(['{']).collect();
    starts.into_iter().zip(ends)
}

/// Null is an empty text.
fn texts_of(row: Row) -> Vec<String> {
    let text = |value| match value {
        Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    };
    row.unwrap().into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cover_every_number_once() {
        for (first, last) in [(1, 100_000), (-7, 20_003), (0, i128::from(u64::MAX))] {
            let spans: Vec<(i128, i128)> = spans(first, last, 10_000).collect();
            assert_eq!((spans.len(), spans[0].0), (PLACES, first));
            assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0) && spans[PLACES - 1].1 > last);
        }
        assert_eq!(spans(1, 10_000, 10_000).count(), 0);
    }

    #[test]
    fn beginnings_follow_each_other() {
        let all: Vec<(char, char)> = beginnings().collect();
        assert!(all.windows(2).all(|pair| pair[0].1 == pair[1].0) && all.len() < PLACES);
    }
}
