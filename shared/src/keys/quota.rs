//! How much a key may do: so many calls in an hour that begins with its first call, and a block when it asks for more.

use std::time::Duration;

use super::Tier;
use crate::clock::Timestamp;

/// The length of a window.
pub const WINDOW: Duration = Duration::from_secs(3_600);

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
            Self::Free | Self::Pro => Duration::from_secs(300),
            Self::Enterprise => Duration::from_secs(60),
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
