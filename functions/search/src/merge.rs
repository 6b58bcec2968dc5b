//! Puts what all tables have found on one scale and cuts the page out of it. Pure: no connection is touched.

use crate::ask::{Asked, Hit, TableHits};
use crate::cursor::Position;
use crate::query::Terms;
use crate::rank::{Candidate, Column, Corpus, Ranked, Weights, rank};

/// Rows of each table that are ranked together. A block is the same rows whatever page is asked for, so that no row
/// appears on two pages or on none.
pub const BLOCK: usize = 200;

/// The rows of a page.
pub struct Page {
    /// In their order.
    pub rows: Vec<Placed>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Position>,
}

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

/// The page from `position` on, at most `limit` rows, best first.
pub fn page(asked: &[&Asked], terms: &Terms, weights: &Weights, position: &Position, limit: usize) -> Page {
    let corpus = corpus(asked);
    let known = known(asked);
    let (mut rows, mut passed) = (Vec::new(), 0);
    let mut next = position.onward(0, position.skip).with_place(known.max(position.place));
    for start in (position.place..known).step_by(BLOCK) {
        let mut block = placed(asked, start);
        let (first, length) = (passed, block.len());
        passed += length;
        if passed <= position.skip {
            next.skip -= length;
            continue;
        }
        score(&mut block, asked, terms, &corpus, weights);
        let skip = position.skip.saturating_sub(first);
        let before = rows.len();
        rows.extend(block.into_iter().skip(skip).take(limit - before));
        next.skip = 0;
        if rows.len() == limit {
            let taken = skip + limit - before;
            let (place, skip) = if taken < length { (start, taken) } else { (start + BLOCK, 0) };
            next = next.with_place(place);
            next.skip = skip;
            break;
        }
    }
    let has_more =
        tables(asked).any(|table| table.more || table.hits.last().is_some_and(|hit| hit.place >= next.place));
    let is_within = next.skip > 0 && next.place < known;
    let next = (has_more || is_within).then(|| next.onward(rows.len(), next.skip));
    Page { rows, next }
}

/// The place up to which every table was read, or has no more.
fn known(asked: &[&Asked]) -> usize {
    let unread = tables(asked).filter(|table| table.more).map(|table| table.end).min();
    unread.unwrap_or_else(|| tables(asked).map(|table| table.end).max().unwrap_or(0))
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
            let placed = move |hit| Placed::unscored(database, table, hit);
            (from..to).map(placed)
        })
        .collect()
}

impl Placed {
    /// A row before it is ranked.
    pub fn unscored(database: usize, table: usize, hit: usize) -> Self {
        Self { database, table, hit, score: 0.0, matched_columns: Vec::new() }
    }
}

/// Scores a block and orders it. Equal rows keep the order of databases, tables and hits, which is always the same.
pub fn score(block: &mut [Placed], asked: &[&Asked], terms: &Terms, corpus: &Corpus, weights: &Weights) {
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

/// What is known of all rows that are searched.
pub fn corpus(asked: &[&Asked]) -> Corpus {
    let documents = tables(asked).map(|found| found.plan.table.estimated_rows).sum();
    Corpus { documents, ..Corpus::default() }
}

fn tables<'a>(asked: &[&'a Asked]) -> impl Iterator<Item = &'a TableHits> {
    asked.iter().flat_map(|asked| &asked.tables)
}
