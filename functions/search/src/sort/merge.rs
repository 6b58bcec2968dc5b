//! Puts the rows of all tables, each of which comes in the order that was asked for, into that order.

use std::cmp::Ordering;

use super::SortKey;
use crate::ask::{Asked, TableHits};
use crate::cursor::Position;
use crate::merge::{BLOCK, Page, Placed, Ranking, depth, learn, read, score};
use crate::query::Terms;
use crate::rank::Model;

/// A table by the numbers of its database and of itself, and one of its hits.
type Place = (usize, usize, usize);

/// The page from `position` on, at most `limit` rows.
///
/// Rows are cut into blocks of 300 in the order of their values, and equal ones of a block are put into the order of
/// relevance: the same blocks whatever page is asked for, as in [`crate::merge::page`].
pub fn page(
    asked: &[&Asked],
    (terms, ranking): (&Terms, &Ranking),
    keys: &[SortKey],
    position: &Position,
    limit: usize,
) -> Page {
    let (model, _) = learn(asked, terms, ranking);
    let places = merged(asked, keys, depth(position.skip + limit));
    let mut rows = Vec::new();
    for (number, block) in places.chunks(BLOCK).enumerate() {
        let (first, next) = (number * BLOCK, position.skip + rows.len());
        if rows.len() < limit && next < first + block.len() {
            let ordered = order(block, asked, (&model, ranking), keys);
            rows.extend(ordered.into_iter().skip(next - first).take(limit - rows.len()));
        }
    }
    let next = position.skip + rows.len();
    let passed = (next / BLOCK * BLOCK).min(places.len());
    let has_more =
        next < places.len() || starts(asked, &places).any(|(table, hit)| table.more || hit < table.hits.len());
    let next = has_more.then(|| onward(asked, &places[..passed], position, (rows.len(), next - passed)));
    Page { rows, next, ..Page::empty(asked) }
}

/// The first rows of all tables: `wanted` of them, all, or up to where a table may have a row that was not read.
fn merged(asked: &[&Asked], keys: &[SortKey], wanted: usize) -> Vec<Place> {
    let mut heads: Vec<Place> =
        numbers(asked).map(|(database, table)| (database, table, first(asked, database, table))).collect();
    let mut places = Vec::new();
    while places.len() < wanted {
        let is_unread = |(database, table, hit): &Place| {
            let table = &asked[*database].tables[*table];
            *hit == table.hits.len() && table.more
        };
        if heads.iter().any(is_unread) {
            break;
        }
        let left = heads.iter_mut().filter(|(database, table, hit)| *hit < asked[*database].tables[*table].hits.len());
        let Some(first) = left.min_by(|a, b| compare(asked, keys, a, b)) else { break };
        places.push(*first);
        first.2 += 1;
    }
    places
}

/// A block with its scores; among equal rows the better ones first.
fn order(block: &[Place], asked: &[&Asked], (model, ranking): (&Model, &Ranking), keys: &[SortKey]) -> Vec<Placed> {
    let placed = |(database, table, hit): &Place| Placed::unscored(*database, *table, *hit);
    let mut placed: Vec<Placed> = block.iter().map(placed).collect();
    // Best first, and the rest as it was.
    let rows = read(&placed, asked, model.terms());
    score(&mut placed, &rows, asked, model, ranking);
    placed.sort_by(|a, b| compare(asked, keys, &(a.database, a.table, a.hit), &(b.database, b.table, b.hit)));
    placed
}

fn compare(asked: &[&Asked], keys: &[SortKey], a: &Place, b: &Place) -> Ordering {
    let values = |(database, table, hit): &Place| &asked[*database].tables[*table].hits[*hit].sort;
    let pairs = values(a).iter().zip(values(b)).zip(keys);
    pairs.map(|((a, b), key)| a.compare(b, key.order)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Where the next page begins: each table at its first row that is in none of the blocks that are passed.
fn onward(asked: &[&Asked], passed: &[Place], position: &Position, (rows, skip): (usize, usize)) -> Position {
    let begins = starts(asked, passed).map(|(table, hit)| table.hits.get(hit).map_or(table.end, |hit| hit.place));
    let of = numbers(asked).zip(begins).map(|((database, table), place)| {
        let of = asked[database];
        (of.id, of.tables[table].plan.table.name.clone(), place)
    });
    position.onward(rows, skip).with_places(of)
}

/// Each table with the first of its hits that is not among these.
fn starts<'a>(asked: &[&'a Asked], places: &[Place]) -> impl Iterator<Item = (&'a TableHits, usize)> {
    numbers(asked).map(move |(database, table)| {
        let hits = places.iter().filter(|place| (place.0, place.1) == (database, table)).count();
        (&asked[database].tables[table], first(asked, database, table) + hits)
    })
}

fn numbers(asked: &[&Asked]) -> impl Iterator<Item = (usize, usize)> {
    asked.iter().enumerate().flat_map(|(database, of)| (0..of.tables.len()).map(move |table| (database, table)))
}

/// The first of its hits that lies in the window, behind those that words are weighed by.
fn first(asked: &[&Asked], database: usize, table: usize) -> usize {
    let table = &asked[database].tables[table];
    table.hits.partition_point(|hit| hit.place < table.plan.window.from)
}
