//! Leaves alone what fails again and again, so that not every search waits for it in vain.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;

/// So many failures in a row open it.
const FAILURES_MAX: u32 = 5;

/// How long it stays open before one call may try again.
const REST: Duration = Duration::from_secs(30);

/// The breaker of one provider, in one process.
#[derive(Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    /// While it is open: when the next call may try.
    closed_until: Option<Timestamp>,
}

/// A call that was let through.
#[must_use]
pub(super) struct Call<'a>(&'a Breaker);

impl Breaker {
    /// Lets a call through, or none. Of an open breaker one call in [`REST`] is let through, and what comes of it decides;
    /// where nobody hears of it, because its client has gone, the next may try after the same time.
    pub(super) fn call(&self, now: Timestamp) -> Option<Call<'_>> {
        let mut state = self.state();
        match state.closed_until {
            Some(until) if now < until => return None,
            Some(_) => state.closed_until = Some(now.plus(REST)),
            None => {}
        }
        Some(Call(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call<'_> {
    /// All is well again.
    pub(super) fn has_worked(self) {
        *self.0.state() = State::default();
    }

    /// One more in the row.
    pub(super) fn has_failed(self, now: Timestamp) {
        let mut state = self.0.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES_MAX {
            state.closed_until = Some(now.plus(REST));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_epoch_ms(seconds * 1_000)
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_one_good_call_closes_it() {
        let breaker = Breaker::default();
        let fail = |n: i64| (0..n).for_each(|_| breaker.call(at(0)).unwrap().has_failed(at(0)));
        fail(4);
        breaker.call(at(0)).unwrap().has_worked();
        fail(5);
        assert!(breaker.call(at(29)).is_none());
        let probe = breaker.call(at(30)).unwrap();
        assert!(breaker.call(at(30)).is_none(), "one probe at a time");
        probe.has_failed(at(31));
        assert!(breaker.call(at(60)).is_none());
        breaker.call(at(61)).unwrap().has_worked();
        assert!(breaker.call(at(61)).is_some() && breaker.call(at(61)).is_some());
    }

    #[test]
    fn a_probe_that_nobody_waits_for_does_not_keep_it_open() {
        let breaker = Breaker::default();
        (0..5).for_each(|_| breaker.call(at(0)).unwrap().has_failed(at(0)));
        drop(breaker.call(at(30)).unwrap());
        assert!(breaker.call(at(60)).is_some());
    }
}
