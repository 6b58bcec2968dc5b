//! What a list of rows is worth by the judgements.

use std::collections::HashMap;

/// Places of the list that nDCG looks at.
const NDCG_DEPTH: usize = 10;
/// Places that recall looks at.
const RECALL_DEPTH: usize = super::LIMIT;

/// Both are 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    /// How good the first ten are, against the best order that there is.
    pub ndcg: f64,
    /// How much of what is relevant is among the first hundred.
    pub recall: f64,
}

/// Adds figures up.
#[derive(Debug, Default)]
pub struct Mean {
    sum: Figures,
    count: u32,
}

impl Figures {
    /// Of the ids found, best first.
    pub fn of(found: &[u32], gains: &HashMap<u32, u32>) -> Self {
        Self { ndcg: ndcg(found, gains), recall: recall(found, gains) }
    }
}

impl Mean {
    pub fn add(&mut self, figures: Figures) {
        self.sum.ndcg += figures.ndcg;
        self.sum.recall += figures.recall;
        self.count += 1;
    }

    /// Zero when nothing was added.
    pub fn value(&self) -> Figures {
        let count = f64::from(self.count.max(1));
        Figures { ndcg: self.sum.ndcg / count, recall: self.sum.recall / count }
    }
}

/// Normalised discounted cumulative gain (Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques",
/// 2002) in its exponential form (Burges et al., "Learning to rank using gradient descent", 2005).
fn ndcg(found: &[u32], gains: &HashMap<u32, u32>) -> f64 {
    let mut ideal: Vec<u32> = gains.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let reached = dcg(found.iter().map(|id| gains.get(id).copied().unwrap_or(0)));
    let best = dcg(ideal.into_iter());
    if best > 0.0 { reached / best } else { 0.0 }
}

fn dcg(gains: impl Iterator<Item = u32>) -> f64 {
    let discounted = |(place, gain): (u32, u32)| (f64::from(gain).exp2() - 1.0) / (f64::from(place) + 2.0).log2();
    (0..).zip(gains.take(NDCG_DEPTH)).map(discounted).sum()
}

fn recall(found: &[u32], gains: &HashMap<u32, u32>) -> f64 {
    let relevant = found.iter().take(RECALL_DEPTH).filter(|id| gains.contains_key(id)).count();
    #[expect(clippy::cast_precision_loss, reason = "counts of documents are far below 2⁵³")]
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    share(relevant, gains.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn ndcg_is_what_the_formula_gives_by_hand() {
        let gains = HashMap::from([(1, 3), (2, 2), (3, 1)]);
        assert!(close(ndcg(&[1, 2, 3], &gains), 1.0));
        // (2²−1)/log₂2 + 0 + (2³−1)/log₂4 = 3 + 3.5; the best is 7 + 3/log₂3 + 1/2.
        let by_hand = 6.5 / (7.0 + 3.0 / 3.0_f64.log2() + 0.5);
        assert!(close(ndcg(&[2, 9, 1], &gains), by_hand));
        assert!(close(ndcg(&[], &gains), 0.0) && close(ndcg(&[1], &HashMap::new()), 0.0));
    }

    #[test]
    fn only_the_first_ten_count_for_ndcg_and_the_first_hundred_for_recall() {
        let gains = HashMap::from([(1_000, 1), (2_000, 1)]);
        let found: Vec<u32> = (0..10).chain([1_000]).chain(11..100).chain([2_000]).collect();
        assert!(close(ndcg(&found, &gains), 0.0));
        assert!(close(recall(&found, &gains), 0.5));
    }

    #[test]
    fn a_mean_is_the_sum_by_the_number() {
        let mut mean = Mean::default();
        assert_eq!(mean.value(), Figures::default());
        mean.add(Figures { ndcg: 1.0, recall: 0.5 });
        mean.add(Figures { ndcg: 0.5, recall: 0.0 });
        assert_eq!(mean.value(), Figures { ndcg: 0.75, recall: 0.25 });
    }
}
