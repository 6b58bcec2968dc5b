//! Puts what all tables have found on one scale and cuts the page out of it. Pure: no connection is touched.

use crate::ask::{Asked, Hit, TableHits};
use crate::cursor::Position;
use crate::feedback;
use crate::query::Terms;
use crate::rank::{Candidate, Column, Explanation, Model, Row, Sources, Weights};

/// Rows of each table that are ranked together: three times the largest page. A block is the same rows whatever page is asked
/// for, so that no row appears on two pages or on none.
pub const BLOCK: usize = 300;

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
    /// Why it has that score, where that is asked for.
    pub explanation: Option<Explanation>,
}

/// How rows are ranked.
pub struct Ranking {
    /// What columns count.
    pub weights: Weights,
    /// What databases and tables count.
    pub sources: Sources,
    /// Whether the best rows have a say in what the query means.
    pub feedback: bool,
    /// Rows of a lower score are left out. Then only the first block of each table is looked at: a row that the server
    /// places below it will hardly be good enough, and which rows are counted must not depend on the page.
    pub min_score: f64,
    /// Whether each row says why it has its score.
    pub explain: bool,
}

/// What is shown, and how many rows were looked at and left out for their score.
pub struct Page {
    /// The rows, in their order.
    pub rows: Vec<Placed>,
    /// By database and table.
    pub left_out: Vec<Vec<u64>>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Position>,
}

/// The deepest that a table is read: beyond the last page that can be asked for, and twice that for rows which turn out
/// not to be what was asked for.
pub const DEPTH_MAX: usize = 68 * BLOCK;

/// How many rows of a table have to be read for so many: whole blocks.
pub fn depth(wanted: usize) -> usize {
    wanted.div_ceil(BLOCK) * BLOCK
}

/// How many rows of a table are looked at where low scores are left out.
pub fn looked_at(table: &TableHits) -> u64 {
    table.hits.partition_point(|hit| hit.place < BLOCK) as u64
}

/// The rows from `position` on, at most `limit`, best first. What words and columns count is learnt from the first blocks,
/// and the same for all pages.
pub fn page(asked: &[&Asked], terms: &Terms, ranking: &Ranking, position: &Position, limit: usize) -> Page {
    let (model, mut first) = learn(asked, terms, ranking);
    let is_bounded = ranking.min_score > 0.0;
    let end = if is_bounded { known(asked).min(BLOCK) } else { known(asked) };
    let mut page = Page::empty(asked);
    // Of its skip, what is still to be passed over.
    let mut next = position.onward(0, position.skip).with_place(end.max(position.place));
    for start in (position.place..end).step_by(BLOCK) {
        let mut block = placed(asked, start);
        if is_bounded || block.len() > next.skip {
            let rows = first.take().filter(|_| start == 0).unwrap_or_else(|| read(&block, asked, model.terms()));
            score(&mut block, &rows, asked, &model, ranking);
            page.leave_out(&mut block, ranking.min_score);
        }
        let (length, passed) = (block.len(), next.skip + limit - page.rows.len());
        page.rows.extend(block.into_iter().skip(next.skip).take(limit - page.rows.len()));
        if page.rows.len() == limit {
            let (place, skip) = if passed < length { (start, passed) } else { (start + BLOCK, 0) };
            next = next.onward(0, skip).with_place(place);
            break;
        }
        next.skip = next.skip.saturating_sub(length);
    }
    let is_behind = |table: &TableHits| table.more || table.hits.last().is_some_and(|hit| hit.place >= next.place);
    let is_within = next.place < end;
    if is_within && next.skip > 0 || !is_bounded && tables(asked).any(is_behind) {
        page.next = Some(next.onward(page.rows.len(), next.skip));
    }
    page
}

/// The place up to which every table was read, or has no more.
fn known(asked: &[&Asked]) -> usize {
    let unread = tables(asked).filter(|table| table.more).map(|table| table.end).min();
    unread.unwrap_or_else(|| tables(asked).map(|table| table.end).max().unwrap_or(0))
}

fn tables<'a>(asked: &[&'a Asked]) -> impl Iterator<Item = &'a TableHits> {
    asked.iter().flat_map(|asked| &asked.tables)
}

impl Page {
    /// No rows, and none left out.
    pub fn empty(asked: &[&Asked]) -> Self {
        let left_out = asked.iter().map(|asked| vec![0; asked.tables.len()]).collect();
        Self { rows: Vec::new(), left_out, next: None }
    }

    fn leave_out(&mut self, block: &mut Vec<Placed>, min_score: f64) {
        block.retain(|placed| {
            let is_kept = placed.score >= min_score;
            self.left_out[placed.database][placed.table] += u64::from(!is_kept);
            is_kept
        });
    }
}

/// What words and columns count, by the first blocks of all tables; and the rows of these, unless they have to be read again
/// because feedback looks for more than was looked for.
pub fn learn<'a>(asked: &[&'a Asked], terms: &Terms, ranking: &Ranking) -> (Model, Option<Vec<Row<'a>>>) {
    let rows = read(&placed(asked, 0), asked, terms);
    let model = Model::learn(terms, &rows, &ranking.weights);
    if !ranking.feedback {
        return (model, Some(rows));
    }
    let scores: Vec<f64> = rows.iter().map(|row| model.score(row, 1.0)).collect();
    (feedback::feedback(&model, &rows, &scores), None)
}

impl Placed {
    /// A row before it is ranked.
    pub fn unscored(database: usize, table: usize, hit: usize) -> Self {
        Self { database, table, hit, score: 0.0, explanation: None }
    }
}

/// The rows with what they hold of a query.
pub fn read<'a>(block: &[Placed], asked: &[&'a Asked], terms: &Terms) -> Vec<Row<'a>> {
    let mut finder = terms.finder();
    block.iter().map(|placed| Row::read(&mut finder, candidate(asked, placed))).collect()
}

/// One block of every table, in an order that does not depend on the order of the databases. A block is cut by the server's
/// places, so that rows which were dropped since leave a gap and do not move others from block to block.
fn placed(asked: &[&Asked], start: usize) -> Vec<Placed> {
    let mut tables: Vec<(usize, usize, &TableHits)> = asked
        .iter()
        .enumerate()
        .flat_map(|(database, asked)| {
            asked.tables.iter().enumerate().map(move |(table, found)| (database, table, found))
        })
        .collect();
    tables.sort_by_key(|(database, _, found)| (asked[*database].id.to_string(), found.plan.table.name.clone()));
    tables
        .into_iter()
        .flat_map(|(database, table, found)| {
            let from = found.hits.partition_point(|hit| hit.place < start);
            let to = found.hits.partition_point(|hit| hit.place < start + BLOCK);
            (from..to).map(move |hit| Placed::unscored(database, table, hit))
        })
        .collect()
}

/// Scores a block and orders it. Equal rows keep the order in which they came, which is always the same.
pub fn score(block: &mut [Placed], rows: &[Row<'_>], asked: &[&Asked], model: &Model, ranking: &Ranking) {
    for (placed, row) in block.iter_mut().zip(rows) {
        let source = ranking.sources.share(asked[placed.database].id, &found(asked, placed).0.plan.table.name);
        placed.score = model.score(row, source);
        placed.explanation = ranking.explain.then(|| model.explain(row, source));
    }
    block.sort_by(|a, b| b.score.total_cmp(&a.score));
}

fn candidate<'a>(asked: &[&'a Asked], placed: &Placed) -> Candidate<'a> {
    let (table, hit) = found(asked, placed);
    let columns = table.plan.columns.iter().zip(&hit.texts);
    Candidate {
        table: table.plan.table.name.as_str(),
        language: asked[placed.database].language,
        columns: columns.map(|(name, text)| Column { name: name.as_str(), text }).collect(),
    }
}

/// The table and the hit that a place stands for.
pub fn found<'a>(asked: &[&'a Asked], placed: &Placed) -> (&'a TableHits, &'a Hit) {
    let table = &asked[placed.database].tables[placed.table];
    (table, &table.hits[placed.hit])
}
