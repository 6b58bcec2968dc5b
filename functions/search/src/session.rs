//! One session with a database: its tables, one after the other, each in its way.

use std::time::Instant;

use mysql_async::{Params, Value as Sql};
use shared::databases::{Connection, Fault, Flavour, Reason};

use crate::ask::{Hit, TableHits};
use crate::merge::{DEPTH_MAX, depth};
use crate::plan::TablePlan;
use crate::query::{Scan, Statement};
use crate::statement;
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

    /// The best `wanted` rows of every table, or all that there are.
    pub async fn ask(&mut self, ways: Vec<Way>, wanted: usize) -> Result<Vec<TableHits>, Fault> {
        let mut tables = Vec::new();
        for Way { plan, asked } in ways {
            tables.push(match asked {
                Asking::Rows(scan) => read_table(&mut self.connection, plan, &scan).await?,
                Asking::Indexes { words, grams, statement } => {
                    self.set(words, grams).await?;
                    ask_table(&mut self.connection, plan, &statement, wanted).await?
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

/// Row by row. Rows come in the order of their keys, and each is looked at, so that the number is exact up to our bound.
async fn read_table(connection: &mut Connection, plan: TablePlan, scan: &Scan) -> Result<TableHits, Fault> {
    let began = Instant::now();
    let values = plan.columns.iter().flat_map(|_| scan.patterns.iter().map(|pattern| Sql::from(pattern.as_str())));
    let sql = statement::scan(&plan, scan.patterns.len(), READ_HITS_MAX);
    let values: Vec<Sql> = values.collect();
    let rows = connection.rows(&sql, Params::Positional(values.clone())).await?;
    let are_all = rows.len() < READ_HITS_MAX;
    let mut hits: Vec<Hit> = rows.into_iter().enumerate().map(|(place, row)| Hit::new(place, row, &plan)).collect();
    hits.retain(|hit| scan.matches(&hit.words()));
    let (total, said) = (hits.len() as u64, (sql, values));
    Ok(TableHits { total, total_is_exact: are_all, plan, hits, said, took: began.elapsed() })
}

async fn ask_table(
    connection: &mut Connection,
    plan: TablePlan,
    statement: &Statement,
    wanted: usize,
) -> Result<TableHits, Fault> {
    let began = Instant::now();
    let mut depth = depth(wanted);
    loop {
        let sql = statement::candidates(&plan, depth);
        let rows = connection.rows(&sql, Params::Empty).await?;
        let are_all = rows.len() < depth;
        let mut hits: Vec<Hit> = rows.into_iter().enumerate().map(|(place, row)| Hit::new(place, row, &plan)).collect();
        if !statement.exact {
            hits.retain(|hit| statement.matches(&hit.words()));
        }
        // The server's rows may hold many that were not asked for. Then the ones that were lie deeper.
        if hits.len() < wanted && !are_all && depth < DEPTH_MAX {
            depth = (2 * depth).min(DEPTH_MAX);
            continue;
        }
        let total = if are_all { hits.len() as u64 } else { count(connection, &plan).await? };
        let (total_is_exact, said) = (are_all || statement.exact, (sql, Vec::new()));
        return Ok(TableHits { plan, hits, total, total_is_exact, said, took: began.elapsed() });
    }
}

async fn count(connection: &mut Connection, plan: &TablePlan) -> Result<u64, Fault> {
    let rows = connection.rows(&statement::count(plan), Params::Empty).await?;
    let counted = rows.into_iter().next().and_then(|row| mysql_async::from_row_opt::<(u64,)>(row).ok());
    counted.map(|(count,)| count).ok_or(Reason::Protocol.alone())
}
