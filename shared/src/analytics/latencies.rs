//! How long searches took, so that percentiles of many days come out of the figures of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Powers of two are divided into so many buckets, as in an HDR histogram: a bucket is at most 1/32 as wide as the least
/// value in it, so that a percentile is at most 3.2 % above the true one and never below it.
const BUCKETS_BITS: u32 = 5;

/// Durations in milliseconds. Those of two sets of searches merge into those of both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latencies {
    /// Their sum.
    pub sum_ms: u64,
    /// The shortest; nothing where there is none.
    pub min_ms: Option<u64>,
    /// The longest; 0 where there is none.
    pub max_ms: u64,
    /// How many there are in each bucket that has any.
    buckets: BTreeMap<u32, u64>,
}

impl Latencies {
    /// Adds one.
    pub fn add(&mut self, ms: u64) {
        self.sum_ms += ms;
        self.min_ms = Some(self.min_ms.map_or(ms, |least| least.min(ms)));
        self.max_ms = self.max_ms.max(ms);
        *self.buckets.entry(bucket(ms)).or_default() += 1;
    }

    /// Adds those of others.
    pub fn merge(&mut self, other: &Self) {
        self.sum_ms += other.sum_ms;
        self.min_ms = [self.min_ms, other.min_ms].into_iter().flatten().min();
        self.max_ms = self.max_ms.max(other.max_ms);
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.buckets.values().sum()
    }

    /// The duration that so many of 1,000 do not exceed, such as 950 for p95: the least upper bound of a bucket for which
    /// that is true (nearest rank). Nothing where there is none.
    pub fn per_mille(&self, share: u64) -> Option<u64> {
        let rank = (self.count() * share.min(1_000)).div_ceil(1_000).max(1);
        let mut passed = 0;
        let reached = |(_, count): &(&u32, &u64)| {
            passed += **count;
            passed >= rank
        };
        let (bucket, _) = self.buckets.iter().find(reached)?;
        Some(last_of(*bucket).min(self.max_ms))
    }
}

/// Below 32 each value has its own; then 32 for each power of two.
fn bucket(ms: u64) -> u32 {
    let octave = ms.checked_ilog2().unwrap_or(0).saturating_sub(BUCKETS_BITS);
    // The shifted value is under 64.
    (octave << BUCKETS_BITS) + u32::try_from(ms >> octave).unwrap_or(u32::MAX)
}

/// The greatest value of a bucket.
fn last_of(bucket: u32) -> u64 {
    let octave = (bucket >> BUCKETS_BITS).saturating_sub(1);
    let within = u64::from(bucket - (octave << BUCKETS_BITS));
    ((within + 1) << octave).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[u64]) -> Latencies {
        let mut latencies = Latencies::default();
        for ms in values {
            latencies.add(*ms);
        }
        latencies
    }

    proptest! {
        #[test]
        fn a_percentile_is_at_most_a_thirtysecond_above_the_true_one(
            mut values in prop::collection::vec(prop_oneof![0..100_u64, 0..1_000_000_u64, 0..1_u64 << 50], 1..200),
            share in 1..=1_000_u64,
        ) {
            let told = of(&values).per_mille(share).unwrap();
            values.sort_unstable();
            let rank = usize::try_from((values.len() as u64 * share).div_ceil(1_000)).unwrap().max(1);
            let truth = values[rank - 1];
            prop_assert!(told >= truth && told - truth <= truth / 32, "{told} for {truth}");
        }
    }

    #[test]
    fn buckets_meet_without_a_gap() {
        for bucket_of in 0..1_000 {
            let last = last_of(bucket_of);
            assert_eq!((bucket(last), bucket(last + 1)), (bucket_of, bucket_of + 1), "{last}");
        }
    }

    #[test]
    fn of_nothing_there_is_no_percentile() {
        assert_eq!((Latencies::default().per_mille(500), of(&[7]).per_mille(500)), (None, Some(7)));
    }
}
