//! How much a key may do: so many calls in an hour that begins with its first call, and a block when it asks for more.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limits::Allowance;

const HOUR: Duration = Duration::from_hours(1);

/// How much a key may do in an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// For everyone.
    #[default]
    Free,
    /// Given by an administrator.
    Pro,
    /// Given by an administrator.
    Enterprise,
}

static FREE: Allowance = Allowance {
    title: "Free",
    calls: 1_000,
    window: HOUR,
    block: Some(Duration::from_mins(5)),
    upgrade: Some("Upgrade to Pro or Enterprise for higher rate limits"),
};

static PRO: Allowance = Allowance {
    title: "Pro",
    calls: 10_000,
    window: HOUR,
    block: Some(Duration::from_mins(5)),
    upgrade: Some("Upgrade to Enterprise for higher rate limits"),
};

static ENTERPRISE: Allowance =
    Allowance { title: "Enterprise", calls: 100_000, window: HOUR, block: Some(Duration::from_mins(1)), upgrade: None };

impl Tier {
    /// What it lets through.
    pub fn allowance(self) -> &'static Allowance {
        match self {
            Self::Free => &FREE,
            Self::Pro => &PRO,
            Self::Enterprise => &ENTERPRISE,
        }
    }
}
