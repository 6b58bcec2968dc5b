//! One session with a database: its tables, one after the other, each in its way.

use std::time::Instant;

use mysql_async::{Params, Row};
use shared::databases::{Connection, Fault, Flavour, Reason, Zone};

use crate::ask::{Hit, TableHits};
use crate::facets;
use crate::merge::{BLOCK, DEPTH_MAX, depth};
use crate::plan::TablePlan;
use crate::query::{Scan, Statement};
use crate::statement::{self, Bound, Window};
use crate::way::{Asking, Way};

/// The most rows that are taken of a table that is read row by row.
const READ_HITS_MAX: usize = 2_000;

/// An open connection under our limits, and the texts that stand in its variables.
pub struct Session {
    /// The connection.
    pub connection: Connection,
    words: String,
    grams: String,
}

impl Session {
    /// Sets the limits, and the text of most tables with them.
    pub async fn begin(mut connection: Connection, flavour: Flavour, ways: &[Way]) -> Result<Self, Fault> {
        let words = ways.iter().find_map(Way::words).unwrap_or_default().to_owned();
        connection.begin(flavour, &words).await?;
        Ok(Self { connection, words, grams: String::new() })
    }

    /// The rows of every table's window, or all that there are.
    pub async fn ask(&mut self, ways: Vec<Way>) -> Result<Vec<TableHits>, Fault> {
        let mut tables = Vec::new();
        for Way { plan, asked } in ways {
            tables.push(match asked {
                Asking::Rows(scan) => read_table(&mut self.connection, plan, &scan).await?,
                Asking::Indexes { words, grams, statement } => {
                    self.set(words, grams).await?;
                    ask_table(&mut self.connection, plan, &statement).await?
                }
            });
        }
        Ok(tables)
    }

    /// Most databases have one kind of index, so that there is nothing left to set.
    async fn set(&mut self, words: Option<String>, grams: Option<String>) -> Result<(), Fault> {
        for (known, new, variable) in
            [(&mut self.words, words, "altus4_query"), (&mut self.grams, grams, "altus4_grams")]
        {
            if let Some(new) = new.filter(|new| new != known) {
                self.connection.set(variable, &new).await?;
                *known = new;
            }
        }
        Ok(())
    }
}

/// Row by row, whatever the window: the order is that of the keys or the one that was asked for, and each row is looked at,
/// so that the number is exact up to our bound.
async fn read_table(connection: &mut Connection, plan: TablePlan, scan: &Scan) -> Result<TableHits, Fault> {
    let began = Instant::now();
    let Bound { sql, values } = statement::scan(&plan, &scan.patterns, READ_HITS_MAX);
    let rows = connection.rows(&sql, Params::Positional(values.clone())).await?;
    let (end, are_all, zone) = (rows.len(), rows.len() < READ_HITS_MAX, connection.zone());
    let hits = rows.into_iter().enumerate().map(|(place, row)| Hit::new(place, row, &plan, zone));
    let hits: Vec<Hit> = hits.filter(|hit| scan.matches(&hit.words())).collect();
    let facets = facets::count_of(connection, &plan, &hits).await?;
    Ok(TableHits {
        plan,
        total: hits.len() as u64,
        hits,
        total_is_exact: are_all,
        end,
        more: false,
        facets,
        counts_are_exact: are_all,
        said: (sql, values),
        took: began.elapsed(),
    })
}

/// By its indexes, from the window on, and its first block where that lies before the window.
async fn ask_table(connection: &mut Connection, plan: TablePlan, statement: &Statement) -> Result<TableHits, Fault> {
    let began = Instant::now();
    let Window { from, rows: wanted } = plan.window;
    let mut depth = depth(wanted);
    loop {
        // One more than is needed says whether there are more.
        let asked = statement::candidates(&plan, Window { from, rows: depth + 1 });
        let said = (asked.sql.clone(), asked.values.clone());
        let mut rows = bound(connection, asked).await?;
        let more = rows.len() > depth;
        rows.truncate(depth);
        let end = from + rows.len();
        let mut hits = checked(rows, from, &plan, statement, connection.zone());
        // The server's rows may hold many that were not asked for. Then the ones that were lie deeper.
        if hits.len() < wanted && more && depth < DEPTH_MAX {
            depth = (2 * depth).min(DEPTH_MAX);
            continue;
        }
        let are_all = !more && from == 0;
        let total = if are_all { hits.len() as u64 } else { count(connection, &plan).await? };
        let facets = if total == 0 { Vec::new() } else { facets::count(connection, &plan).await? };
        hits.splice(0..0, head(connection, &plan, statement).await?);
        let (total_is_exact, counts_are_exact) = (are_all || statement.exact, statement.exact);
        let took = began.elapsed();
        return Ok(TableHits { plan, hits, total, total_is_exact, end, more, facets, counts_are_exact, said, took });
    }
}

/// What lies before the window of the first block, which all pages learn from what words count.
async fn head(connection: &mut Connection, plan: &TablePlan, statement: &Statement) -> Result<Vec<Hit>, Fault> {
    let rows = plan.window.from.min(BLOCK);
    if rows == 0 {
        return Ok(Vec::new());
    }
    let rows = bound(connection, statement::candidates(plan, Window { from: 0, rows })).await?;
    Ok(checked(rows, 0, plan, statement, connection.zone()))
}

/// The rows that are what was asked for, each with its place.
fn checked(rows: Vec<Row>, from: usize, plan: &TablePlan, statement: &Statement, zone: &Zone) -> Vec<Hit> {
    let hits = rows.into_iter().enumerate().map(|(number, row)| Hit::new(from + number, row, plan, zone));
    hits.filter(|hit| statement.exact || statement.matches(&hit.words())).collect()
}

async fn count(connection: &mut Connection, plan: &TablePlan) -> Result<u64, Fault> {
    let rows = bound(connection, statement::count(plan)).await?;
    let counted = rows.into_iter().next().and_then(|row| mysql_async::from_row_opt::<(u64,)>(row).ok());
    counted.map(|(count,)| count).ok_or(Reason::Protocol.alone())
}

/// The driver takes no empty list.
async fn bound(connection: &mut Connection, Bound { sql, values }: Bound) -> Result<Vec<Row>, Fault> {
    let params = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
    connection.rows(&sql, params).await
}
