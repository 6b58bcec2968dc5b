//! What holds of figures, whatever was searched.

use proptest::prelude::*;

use super::*;
use crate::clock::Timestamp;
use crate::id::{DatabaseId, KeyId, SearchId, UserId};

/// Events that share few owners, keys, databases and queries, so that their figures meet.
fn events() -> impl Strategy<Value = Vec<SearchEvent>> {
    let ids: Vec<DatabaseId> = (0..3).map(|_| DatabaseId::fresh()).collect();
    let keys: Vec<KeyId> = (0..2).map(|_| KeyId::fresh()).collect();
    let owners: Vec<UserId> = (0..3).map(|_| UserId::fresh()).collect();
    let numbers = (0..4_000_u64, 0..3_u64, 0..86_400_000_i64, 0..3_usize);
    let choices = (0..3_u8, 0..3_u8, any::<bool>(), prop::option::of(1..=5_u8), 0..3_usize);
    let query = prop::option::of(prop::sample::select(vec!["Zebra", "zebra ", "horse", " big  horse"]));
    let parts = (numbers, choices, query, prop::sample::subsequence(ids, 0..=3));
    let event = parts.prop_map(move |(numbers, choices, query, databases)| {
        let (duration_ms, matches, at_ms, owner) = numbers;
        let (outcome, mode, cached, rating, clicks) = choices;
        let (at, failing) = (Timestamp::from_epoch_ms(at_ms), databases.len().min(usize::from(outcome)));
        let (failed, answered) = databases.split_at(failing);
        SearchEvent {
            id: SearchId::at(at),
            owner: owners[owner],
            key: keys.get(owner).copied(),
            query: query.map(str::to_owned),
            mode: [SearchMode::Natural, SearchMode::Boolean, SearchMode::Semantic][usize::from(mode)],
            databases: answered.to_vec(),
            failed: failed.to_vec(),
            matches,
            returned: matches.min(2),
            duration_ms,
            times: Times { databases: answered.iter().map(|id| (*id, duration_ms / 2)).collect(), ..Times::default() },
            outcome: [Outcome::Complete, Outcome::Partial, Outcome::Failed][usize::from(outcome)],
            cached,
            at,
            results: Vec::new(),
            passed: 0,
            clicks: (0..clicks as u64)
                .map(|position| Click { result: Fingerprint::of(&position.to_string()), position: position + 1 })
                .collect(),
            rating,
            kept_until: at,
        }
    });
    prop::collection::vec(event, 0..12)
}

fn rollup(events: &[SearchEvent]) -> Rollup {
    let mut figures = Rollup::default();
    for event in events {
        figures.add(event);
    }
    figures
}

fn queries(events: &[SearchEvent]) -> Queries {
    let mut figures = Queries::default();
    for event in events {
        figures.add(event);
    }
    figures
}

fn system(events: &[SearchEvent]) -> SystemRollup {
    let mut figures = SystemRollup::default();
    for event in events {
        figures.add(event.owner, &rollup(std::slice::from_ref(event)));
    }
    figures
}

fn merged<T: Clone>(parts: &[T], merge: impl Fn(&mut T, &T)) -> Option<T> {
    let (first, rest) = parts.split_first()?;
    let mut all = first.clone();
    for part in rest {
        merge(&mut all, part);
    }
    Some(all)
}

proptest! {
    #[test]
    fn parts_merge_into_the_whole_in_whatever_order(events in events(), cut in 0..12_usize, other_cut in 0..12_usize) {
        let cuts = [cut.min(other_cut).min(events.len()), cut.max(other_cut).min(events.len())];
        let [a, b, c] = [&events[..cuts[0]], &events[cuts[0]..cuts[1]], &events[cuts[1]..]];
        for [a, b, c] in [[a, b, c], [c, a, b], [b, c, a], [c, b, a]] {
            let parts = [rollup(a), rollup(b), rollup(c)];
            prop_assert_eq!(merged(&parts, Rollup::merge), Some(rollup(&events)));
            let later = merged(&parts[1..], Rollup::merge).unwrap();
            prop_assert_eq!(merged(&[parts[0].clone(), later], Rollup::merge), Some(rollup(&events)));
            prop_assert_eq!(merged(&[queries(a), queries(b), queries(c)], Queries::merge), Some(queries(&events)));
            prop_assert_eq!(
                merged(&[system(a), system(b), system(c)], SystemRollup::merge), Some(system(&events))
            );
        }
    }

    #[test]
    fn what_is_said_afterwards_counts_as_if_it_had_been_said_before(events in events()) {
        let before: Vec<SearchEvent> =
            events.iter().map(|event| SearchEvent { clicks: Vec::new(), rating: None, ..event.clone() }).collect();
        let (mut figures, mut asked) = (rollup(&before), queries(&before));
        for (before, after) in before.iter().zip(&events) {
            figures.change(before, after);
            asked.change(before, after);
        }
        prop_assert_eq!((figures, asked), (rollup(&events), queries(&events)));
    }

    #[test]
    fn figures_are_read_as_they_were_packed(events in events()) {
        let packed = crate::packed::Packed::of(&(rollup(&events), queries(&events), system(&events))).unwrap();
        prop_assert_eq!(packed.open::<(Rollup, Queries, SystemRollup)>().unwrap(),
            (rollup(&events), queries(&events), system(&events)));
    }
}

#[test]
fn of_too_many_queries_the_rarest_are_left_out_and_that_is_said() {
    let mut asked = Queries::default();
    let event = |query: String, at_ms| SearchEvent {
        query: Some(query),
        at: Timestamp::from_epoch_ms(at_ms),
        ..SearchEvent::example()
    };
    for number in 0..1_005_i64 {
        asked.add(&event(format!("query {number}"), number));
    }
    asked.add(&event("query 0".to_owned(), 0));
    asked.cut();
    assert_eq!((asked.by_text.len(), asked.is_complete()), (1_000, false));
    assert!(asked.by_text.contains_key("query 0") && !asked.by_text.contains_key("query 1"));
}

impl SearchEvent {
    fn example() -> Self {
        let at = Timestamp::from_epoch_ms(0);
        Self {
            id: SearchId::at(at),
            owner: UserId::fresh(),
            key: None,
            query: None,
            mode: SearchMode::Natural,
            databases: Vec::new(),
            failed: Vec::new(),
            matches: 1,
            returned: 1,
            duration_ms: 1,
            times: Times::default(),
            outcome: Outcome::Complete,
            cached: false,
            at,
            results: Vec::new(),
            passed: 0,
            clicks: Vec::new(),
            rating: None,
            kept_until: at,
        }
    }
}
