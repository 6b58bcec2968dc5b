//! How near to each other the terms of a query stand in a row.

use super::as_f64;
use crate::query::{Found, Hit};

/// 1 when terms that are neighbours in the query are neighbours in the row too, and every phrase of the query is there; towards
/// 0 when they are scattered or missing. Each pair counts `1 / distance`, the shortest of all columns, by the weight of its
/// lighter term: so one more occurrence never lowers it. After Tao and Zhai, "An exploration of proximity measures in
/// information retrieval", 2007. A query of one term has nothing to be near to.
pub fn proximity(found: &[Found], weights: &[f64]) -> f64 {
    if weights.len() < 2 {
        return 1.0;
    }
    let pairs: Vec<f64> = weights.windows(2).map(|pair| pair[0].min(pair[1])).collect();
    let total: f64 = pairs.iter().sum();
    let near = pairs.iter().enumerate().map(|(first, weight)| weight * closeness(found, first)).sum::<f64>();
    let near = if total > 0.0 { near / total } else { 0.0 };
    let sequences = found.first().map_or(0, |column| column.sequences.len());
    if sequences == 0 {
        return near;
    }
    let held = (0..sequences).filter(|nth| found.iter().any(|column| column.sequences[*nth])).count();
    f64::midpoint(near, as_f64(held) / as_f64(sequences))
}

/// Of a term and the next one, in the column where they are nearest.
fn closeness(found: &[Found], first: usize) -> f64 {
    found.iter().map(|column| closest(&column.hits, first)).fold(0.0, f64::max)
}

/// The hits stand in the order of the text, so that the last of each term is the nearest so far.
fn closest(hits: &[Hit], first: usize) -> f64 {
    let (mut last, mut closest) = ([None, None], 0.0_f64);
    for hit in hits.iter().filter(|hit| hit.term == first || hit.term == first + 1) {
        last[hit.term - first] = Some(hit.nth);
        if let [Some(a), Some(b)] = last {
            // One word may be both, `zebra` and `ze*`.
            closest = closest.max(1.0 / as_f64(usize::abs_diff(a, b).max(1)));
        }
    }
    closest
}
