//! How near to each other the terms of a query stand in a row.

use super::as_f64;
use crate::query::{Found, Hit};

/// 1 when all terms stand side by side, and every phrase of the query is there; towards 0 when they are scattered or missing.
/// A query of one term has nothing to be near to.
pub fn proximity(found: &[Found], terms: usize) -> f64 {
    if terms < 2 {
        return 1.0;
    }
    let closest = found.iter().map(|column| closeness(&column.hits, terms)).fold(0.0, f64::max);
    let sequences = found.first().map_or(0, |column| column.sequences.len());
    if sequences == 0 {
        return closest;
    }
    let held = (0..sequences).filter(|nth| found.iter().any(|column| column.sequences[*nth])).count();
    f64::midpoint(closest, ratio(held, sequences))
}

/// For the narrowest window of a column that holds as many different terms as the column does: how many of the query's it
/// holds, and how much of the window they are.
fn closeness(hits: &[Hit], terms: usize) -> f64 {
    let mut counts = vec![0_usize; terms];
    let present = distinct(hits, terms);
    if present < 2 {
        return 0.0;
    }
    let (mut first, mut inside, mut narrowest) = (0, 0, usize::MAX);
    for last in hits {
        inside += usize::from(counts[last.term] == 0);
        counts[last.term] += 1;
        while inside == present {
            let hit = hits[first];
            narrowest = narrowest.min(last.nth + 1 - hit.nth);
            counts[hit.term] -= 1;
            inside -= usize::from(counts[hit.term] == 0);
            first += 1;
        }
    }
    // One word may be two terms, `zebra` and `ze*`: the window can be smaller than what it holds.
    ratio(present, narrowest.max(present)) * ratio(present - 1, terms - 1)
}

fn distinct(hits: &[Hit], terms: usize) -> usize {
    (0..terms).filter(|term| hits.iter().any(|hit| hit.term == *term)).count()
}

fn ratio(part: usize, whole: usize) -> f64 {
    as_f64(part as u64) / as_f64(whole as u64)
}
