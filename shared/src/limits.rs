//! How much may be done, and by whom: so many calls in a window that begins with the first of them.
//!
//! There is one implementation of the window (`window`) for everything that is counted: API keys (`keys::meter`),
//! accounts that call with a session (`keys::account`), and client addresses that nobody stands behind yet
//! (`address`). The condition of one write decides each call, so that the limit is exact however many call at once.
//! `docs/limits.md` has the numbers.
//!
//! Where DynamoDB can not be reached, keyed and session calls are refused (500), because nobody can say whose they are;
//! register and login are let through with a warning in the log, because they fail or succeed by the same table on
//! their own. Health is never counted.

mod address;
mod window;

use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::Error;

pub use address::Addresses;
pub(crate) use window::{Metered, Window, spend};

/// What one window lets through, and what it is called.
#[derive(Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Its name in headers.
    pub title: &'static str,
    /// Calls in one window.
    pub calls: u64,
    /// The length of a window.
    pub window: Duration,
    /// How long the first call over the limit blocks; none where it waits for the end of the window.
    pub block: Option<Duration>,
    /// How to get more.
    pub upgrade: Option<&'static str>,
}

/// Where somebody stands in a window, after the call that is being answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// What the window lets through.
    pub allowance: &'static Allowance,
    /// Calls that are left.
    pub remaining: u64,
    /// When the window began.
    pub began_at: Timestamp,
    /// When the window ends, or the block.
    pub resets_at: Timestamp,
}

impl Quota {
    /// Whole seconds until the window ends, or the block; at least one.
    pub fn wait_s(&self, now: Timestamp) -> u128 {
        self.resets_at.since(now).as_millis().div_ceil(1_000).max(1)
    }

    /// The refusal of a call that is over the limit.
    pub(crate) fn exceeded(self, now: Timestamp) -> Error {
        Error::RateLimited { retry_after_s: self.wait_s(now), quota: self }
    }
}
