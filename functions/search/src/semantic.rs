//! Order by meaning: the best rows by words are compared with the query by what a provider says of both, and the two
//! orders are fused.
//!
//! The fusion is by reciprocal ranks (Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
//! individual Rank Learning Methods", 2009), because the cosines of one model say nothing about those of another:
//! `score = (1/(60 + rank by words) + 1/(60 + rank by meaning)) / (2/61)`, so that 1 is the row which is first by both.
//! Rows that were not compared have the first of the two terms alone, which is less than any that was compared can have.

use std::cmp::Reverse;
use std::time::Duration;

use shared::analytics::SearchMode;
use shared::app::App;
use shared::models::Unavailable;

use crate::answer::Advice;
use crate::ask::Asked;
use crate::cursor::Position;
use crate::merge::{Page, Placed, Ranking, found, page};
use crate::query::Terms;
use crate::request::SearchRequest;
use crate::sort;

/// The most rows that are compared. The same for every page, so that pages fit together.
const COMPARED_MAX: usize = 100;

/// The most rows that are passed over in an order by meaning: as with `offset`.
const SKIP_MAX: usize = 10_000;

/// How much of a row is sent, in characters.
const TEXT_CHARS_MAX: usize = 1_000;

/// The longest that a search waits for a provider.
const BUDGET: Duration = Duration::from_secs(2);

/// What the paper found good, and everybody uses since.
const RANK_OFFSET: f64 = 60.0;

/// The rows of the page, and what there is to say about their order.
pub struct Ordered {
    /// Best first.
    pub placed: Vec<Placed>,
    /// How many rows had too low a score, by database and table.
    pub left_out: Vec<Vec<u64>>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Position>,
    /// What the client should know.
    pub note: Option<Advice>,
    /// Whether the same search can have a better order in a moment.
    pub is_provisional: bool,
}

/// What is compared, by value: nothing of a connection may be held while somebody else is waited for.
struct Question {
    texts: Vec<String>,
    budget: Duration,
}

/// The page in the order that the request asks for.
pub async fn order(
    app: &App,
    asked: &mut [Asked],
    request: &SearchRequest,
    (terms, position): (&Terms, &Position),
) -> Ordered {
    let (ranking, keys, limit) = (request.ranking(), request.sort().keys(), request.limit());
    let all = asked.iter().collect::<Vec<_>>();
    if !keys.is_empty() {
        return Ordered::as_is(sort::page(&all, (terms, &ranking), keys, position, limit));
    }
    // A place of its own has only a cursor that was given when there was no provider.
    if request.mode() != SearchMode::Semantic || !app.models.can_compare() || position.place > 0 {
        // Without a provider the best rows say what else is meant: see `feedback`.
        return Ordered::as_is(page(&all, terms, &ranking, position, limit));
    }
    let (by_words, end) = (Ranking { feedback: false, ..ranking }, position.skip + limit);
    let page = page(&all, terms, &by_words, &position.onward(0, 0), COMPARED_MAX.max(end));
    let question = Question::new(&all, &page.rows);
    drop(all);
    let cosines = match question {
        Question { texts, .. } if texts.is_empty() => Ok(Vec::new()),
        Question { texts, budget } => app.models.cosines(request.text(), &texts, budget).await,
    };
    // Any page needs the rows that are compared, so that all of them are read from the first place on.
    let has_more = (page.rows.len() > end || page.next.is_some()) && end <= SKIP_MAX;
    let next = has_more.then(|| position.onward(limit, end));
    let (placed, note) = match cosines {
        Ok(cosines) => (fuse(page.rows, &cosines), None),
        Err(why) => (page.rows, Some(Advice::no_provider(reason(why)))),
    };
    let placed = placed.into_iter().skip(position.skip).take(limit).collect();
    Ordered { placed, left_out: page.left_out, next, is_provisional: note.is_some(), note }
}

impl Ordered {
    fn as_is(Page { rows: placed, left_out, next }: Page) -> Self {
        Self { placed, left_out, next, note: None, is_provisional: false }
    }
}

impl Question {
    fn new(asked: &[&Asked], placed: &[Placed]) -> Self {
        let texts = placed.iter().take(COMPARED_MAX).map(|placed| text(asked, placed)).collect();
        // Half of what the databases have left, since the rows of the page are still to be read.
        let left = asked.iter().filter_map(|asked| asked.connection.as_ref()).map(|open| open.time_left() / 2).min();
        Self { texts, budget: left.unwrap_or(BUDGET).min(BUDGET) }
    }
}

/// What is sent of a row: the columns that were searched, of which none looks like a secret.
fn text(asked: &[&Asked], placed: &Placed) -> String {
    let (_, hit) = found(asked, placed);
    let columns = hit.texts.iter().map(String::as_str).filter(|text| !text.trim().is_empty());
    columns.collect::<Vec<_>>().join("\n").chars().take(TEXT_CHARS_MAX).collect()
}

/// As many of the first rows as there are cosines, in the fused order, and then the others as they were. Rows that come
/// out equal are in the order of meaning.
fn fuse(mut placed: Vec<Placed>, cosines: &[f64]) -> Vec<Placed> {
    let mut by_meaning: Vec<usize> = (0..cosines.len().min(placed.len())).collect();
    by_meaning.sort_by(|a, b| cosines[*b].total_cmp(&cosines[*a]));
    let mut ranks = vec![None; placed.len()];
    for (rank, row) in by_meaning.into_iter().enumerate() {
        ranks[row] = Some(rank);
    }
    for (rank, placed) in placed.iter_mut().enumerate() {
        let both = share(rank) + ranks[rank].map_or(0.0, share);
        placed.score = both / (2.0 * share(0));
    }
    let mut rows: Vec<(Placed, Option<usize>)> = placed.into_iter().zip(ranks).collect();
    rows.sort_by(|(a, by_a), (b, by_b)| {
        b.score.total_cmp(&a.score).then_with(|| by_b.map(Reverse).cmp(&by_a.map(Reverse)))
    });
    rows.into_iter().map(|(placed, _)| placed).collect()
}

#[expect(clippy::cast_precision_loss, reason = "ranks are below 20,000")]
fn share(rank: usize) -> f64 {
    1.0 / (RANK_OFFSET + 1.0 + rank as f64)
}

fn reason(why: Unavailable) -> &'static str {
    match why {
        Unavailable::Late => "did not answer in time",
        Unavailable::Refused => "could not be reached, or refused",
        Unavailable::Unset => "has no model that compares",
        Unavailable::Wrong => "answered what can not be used",
        Unavailable::Resting => "has failed several times and is left alone for half a minute",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fused(cosines: &[f64], rows: usize) -> (Vec<usize>, Vec<f64>) {
        let placed = |hit| Placed { database: 0, table: 0, hit, score: 0.5, explanation: None };
        let rows = fuse((0..rows).map(placed).collect(), cosines);
        rows.into_iter().map(|placed| (placed.hit, placed.score)).unzip()
    }

    #[test]
    fn the_first_by_both_has_one_and_nothing_more() {
        let (order, scores) = fused(&[0.9, 0.5, 0.7], 3);
        assert_eq!(order[0], 0);
        assert!((scores[0] - 1.0).abs() < 1e-9 && scores.iter().all(|score| *score > 0.0 && *score <= 1.0));
    }

    #[test]
    fn of_two_rows_that_change_places_the_nearer_one_is_first() {
        assert_eq!(fused(&[0.1, 0.2], 2).0, [1, 0]);
    }

    #[test]
    fn rows_that_were_not_compared_come_after_those_that_were_in_their_own_order() {
        let (order, scores) = fused(&[0.0; 100], 150);
        assert_eq!(order, (0..150).collect::<Vec<_>>());
        assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{scores:?}");
        let (order, scores) = fused(&(0..100).map(f64::from).collect::<Vec<_>>(), 150);
        assert_eq!(order[100..], (100..150).collect::<Vec<_>>());
        assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{scores:?}");
    }
}
