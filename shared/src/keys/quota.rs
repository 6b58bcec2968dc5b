//! How much a key may do: so many calls in an hour that begins with its first call, and a block when it asks for more.

use std::time::Duration;

use super::Tier;
use crate::clock::Timestamp;

/// The length of a window.
pub const WINDOW: Duration = Duration::from_hours(1);

impl Tier {
    /// Calls in an hour.
    pub fn calls_per_hour(self) -> u64 {
        match self {
            Self::Free => 1_000,
            Self::Pro => 10_000,
            Self::Enterprise => 100_000,
        }
    }

    /// How long a key is blocked after the first call over its limit.
    pub fn block(self) -> Duration {
        match self {
            Self::Free | Self::Pro => Duration::from_mins(5),
            Self::Enterprise => Duration::from_mins(1),
        }
    }

    /// Its name in headers.
    pub fn title(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Pro => "Pro",
            Self::Enterprise => "Enterprise",
        }
    }
}

/// Where a key stands in its window, after the call that is being answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The key's tier.
    pub tier: Tier,
    /// Calls that are left.
    pub remaining: u64,
    /// When the window ends, or the block.
    pub resets_at: Timestamp,
}

impl Quota {
    /// Whole seconds until the window ends, or the block; at least one.
    pub fn wait_s(&self, now: Timestamp) -> u128 {
        self.resets_at.since(now).as_millis().div_ceil(1_000).max(1)
    }
}
