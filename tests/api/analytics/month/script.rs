//! What happens in the month: a fixed sequence, whatever the day on which it is played.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::analytics::{Click, Fingerprint, Outcome, SearchEvent, SearchMode, Times};
use shared::clock::Timestamp;
use shared::id::{DatabaseId, KeyId, UserId};

use crate::analytics::events::event;

/// Days of the month, and searches in all.
pub const DAYS: u64 = 30;
const SEARCHES: u64 = 20_000;

/// Numbers without a pattern, the same in every run (Marsaglia, "Xorshift RNGs").
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 0 to `sides` - 1.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// An account that searches, with what.
pub struct Actor {
    pub owner: UserId,
    pub key: KeyId,
    pub databases: [DatabaseId; 3],
    /// Of 10 searches of all, how many are its own.
    pub weight: u64,
}

/// The searches of one day, which begins at this midnight.
pub fn day(dice: &mut Dice, actors: &[Actor], midnight: Timestamp, day: u64) -> Vec<SearchEvent> {
    // Every seventh day is a quiet one.
    let usual = SEARCHES / DAYS;
    let count = match day {
        _ if day == DAYS - 1 => SEARCHES - (0..DAYS - 1).map(|day| volume(day, usual)).sum::<u64>(),
        _ => volume(day, usual),
    };
    let mut events: Vec<SearchEvent> = (0..count).map(|_| search(dice, actors, midnight, day)).collect();
    events.sort_by_key(|event| event.at);
    events
}

fn volume(day: u64, usual: u64) -> u64 {
    if day % 7 == 3 { usual / 3 } else { usual + day * 2 }
}

fn search(dice: &mut Dice, actors: &[Actor], midnight: Timestamp, day: u64) -> SearchEvent {
    let all: Vec<&Actor> = actors.iter().flat_map(|actor| (0..actor.weight).map(move |_| actor)).collect();
    let actor = all[usize::try_from(dice.roll(all.len() as u64)).unwrap()];
    // The last hour of the day is left to what comes over HTTP.
    let at = midnight.plus(Duration::from_millis(dice.roll(22 * 3_600_000)));
    let text = query(dice, day);
    let is_empty = text.starts_with("nothing") || dice.roll(40) == 0;
    let databases: Vec<DatabaseId> = actor.databases[..=usize::try_from(dice.roll(3)).unwrap()].to_vec();
    let duration_ms = 2 + dice.roll(60) + if dice.roll(20) == 0 { dice.roll(9_000) } else { 0 };
    let plain = SearchEvent {
        key: (dice.roll(3) > 0).then_some(actor.key),
        mode: [SearchMode::Natural, SearchMode::Natural, SearchMode::Boolean, SearchMode::Semantic]
            [usize::try_from(dice.roll(4)).unwrap()],
        matches: if is_empty { 0 } else { 1 + dice.roll(500) },
        returned: if is_empty { 0 } else { 1 + dice.roll(20) },
        duration_ms,
        times: Times {
            databases: databases.iter().map(|id| (*id, 1 + dice.roll(duration_ms))).collect(),
            ..Times::default()
        },
        databases,
        ..event(actor.owner, at, &text)
    };
    ended(dice, plain)
}

/// Words, some frequent and many rare; one that comes up in the last week and one that goes out of use.
fn query(dice: &mut Dice, day: u64) -> String {
    let rising = day >= DAYS - 7;
    match dice.roll(100) {
        0..3 if rising => "Winter  Coat".to_owned(),
        0..3 if day >= DAYS - 14 => "summer hat".to_owned(),
        3..6 => format!("nothing {}", dice.roll(12)),
        6..50 => ["Zebra", "zebra", " ZEBRA  crossing", "horse", "mysql tuning"]
            [usize::try_from(dice.roll(5)).unwrap()]
        .to_owned(),
        _ => format!("query {}", dice.roll(1 + dice.0 % 300)),
    }
}

/// One of the ways in which searches end.
fn ended(dice: &mut Dice, event: SearchEvent) -> SearchEvent {
    match dice.roll(30) {
        0 => SearchEvent {
            failed: event.databases,
            databases: Vec::new(),
            times: Times::default(),
            matches: 0,
            returned: 0,
            outcome: Outcome::Failed,
            ..event
        },
        1 if event.databases.len() > 1 => {
            let (failed, databases) =
                event.databases.split_first().map(|(one, others)| (vec![*one], others.to_vec())).unwrap();
            let times = Times { databases: BTreeMap::from([(databases[0], 3)]), ..Times::default() };
            SearchEvent { failed, databases, times, outcome: Outcome::Partial, ..event }
        }
        2..8 => SearchEvent { cached: true, times: Times::default(), duration_ms: dice.roll(4), ..event },
        8..11 => SearchEvent { rating: Some(u8::try_from(1 + dice.roll(5)).unwrap()), ..event },
        11..16 if event.matches > 0 => {
            let click = |place: u64| Click { result: Fingerprint::of(&format!("row {place}")), position: 1 + place };
            let clicks = (0..=dice.roll(2)).map(|place| click(place * 3)).collect();
            SearchEvent { clicks, ..event }
        }
        _ => event,
    }
}
