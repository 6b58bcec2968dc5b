//! Puts what all tables have found on one scale and cuts the page out of it. Pure: no connection is touched.

use crate::ask::{Asked, Hit, TableHits};
use crate::query::Terms;
use crate::rank::{Candidate, Column, Corpus, Ranked, Weights, rank};

/// Rows of each table that are ranked together. A block is the same rows whatever page is asked for, so that no row
/// appears on two pages or on none.
const BLOCK: usize = 200;

/// A row of the page, by its place among what was found.
#[derive(Debug)]
pub struct Placed {
    /// Which database, in the order in which they were asked.
    pub database: usize,
    /// Which of its tables.
    pub table: usize,
    /// Which of the table's hits.
    pub hit: usize,
    /// 0 to 1.
    pub score: f64,
    /// Columns in which a term really occurs, by their place in the table's plan.
    pub matched_columns: Vec<usize>,
}

/// The deepest that a table is read: beyond the last page that can be asked for, and twice that for rows which turn out
/// not to be what was asked for.
pub const DEPTH_MAX: usize = 102 * BLOCK;

/// How many rows of a table have to be read for so many: whole blocks.
pub fn depth(wanted: usize) -> usize {
    wanted.div_ceil(BLOCK) * BLOCK
}

/// The rows from `offset` on, at most `limit`, best first.
pub fn page(asked: &[&Asked], terms: &Terms, weights: &Weights, offset: usize, limit: usize) -> Vec<Placed> {
    let corpus = Corpus { documents: documents(asked), ..Corpus::default() };
    let last = asked.iter().flat_map(|asked| &asked.tables).filter_map(|table| table.hits.last());
    let deepest = last.map(|hit| hit.place + 1).max().unwrap_or(0);
    let (mut page, mut passed) = (Vec::new(), 0);
    for start in (0..deepest).step_by(BLOCK) {
        let mut block = placed(asked, start);
        let first = passed;
        passed += block.len();
        if passed <= offset {
            continue;
        }
        score(&mut block, asked, terms, &corpus, weights);
        page.extend(block.into_iter().skip(offset.saturating_sub(first)).take(limit - page.len()));
        if page.len() == limit {
            break;
        }
    }
    page
}

/// One block of every table, in the order in which they were found. A block is cut by the server's places, so that rows
/// which were dropped since leave a gap and do not move others from block to block.
fn placed(asked: &[&Asked], start: usize) -> Vec<Placed> {
    let tables = asked.iter().enumerate().flat_map(|(database, asked)| {
        asked.tables.iter().enumerate().map(move |(table, found)| (database, table, &found.hits))
    });
    tables
        .flat_map(|(database, table, hits)| {
            let from = hits.partition_point(|hit| hit.place < start);
            let to = hits.partition_point(|hit| hit.place < start + BLOCK);
            let placed = move |hit| Placed { database, table, hit, score: 0.0, matched_columns: Vec::new() };
            (from..to).map(placed)
        })
        .collect()
}

/// Scores a block and orders it. Equal rows keep the order of databases, tables and hits, which is always the same.
fn score(block: &mut [Placed], asked: &[&Asked], terms: &Terms, corpus: &Corpus, weights: &Weights) {
    let candidates: Vec<Candidate<'_>> = block.iter().map(|placed| candidate(asked, placed)).collect();
    let ranked = rank(terms, &candidates, corpus, weights);
    for (placed, Ranked { score, matched_columns, .. }) in block.iter_mut().zip(ranked) {
        placed.score = score;
        placed.matched_columns = matched_columns;
    }
    block.sort_by(|a, b| b.score.total_cmp(&a.score));
}

fn candidate<'a>(asked: &[&'a Asked], placed: &Placed) -> Candidate<'a> {
    let (table, hit) = found(asked, placed);
    let columns = table.plan.columns.iter().zip(&hit.texts);
    Candidate { columns: columns.map(|(name, text)| Column { name: name.as_str(), text }).collect() }
}

/// The table and the hit that a place stands for.
pub fn found<'a>(asked: &[&'a Asked], placed: &Placed) -> (&'a TableHits, &'a Hit) {
    let table = &asked[placed.database].tables[placed.table];
    (table, &table.hits[placed.hit])
}

fn documents(asked: &[&Asked]) -> u64 {
    asked.iter().flat_map(|asked| &asked.tables).map(|found| found.plan.table.estimated_rows).sum()
}
