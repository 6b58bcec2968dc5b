//! What was done with a key.

use std::collections::BTreeMap;

use super::meter::{Calls, calls_of_day, day_sk, usage_pk};
use super::{Key, Keys};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::limits::Quota;

/// Attempts to read the days and the open window as of one moment.
const ATTEMPTS_MAX: usize = 4;

/// What was done with a key, and where it stands.
pub struct Usage {
    /// The key as it is now.
    pub key: Key,
    /// Where it stands.
    pub quota: Quota,
    /// Calls of its window.
    pub used: u64,
    /// Calls by day (`YYYY-MM-DD`) and endpoint (`GET /path`).
    calls: Calls,
}

impl Usage {
    /// Calls from this day on.
    pub fn since(&self, day: &str) -> u64 {
        self.calls.iter().filter(|((called_on, _), _)| called_on.as_str() >= day).map(|(_, count)| count).sum()
    }

    /// Calls on this day.
    pub fn on(&self, day: &str) -> u64 {
        self.calls.iter().filter(|((called_on, _), _)| called_on == day).map(|(_, count)| count).sum()
    }

    /// Calls from this day on by endpoint, the most called first.
    pub fn endpoints_since(&self, day: &str) -> Vec<(String, u64)> {
        let mut endpoints = BTreeMap::<&str, u64>::new();
        for ((_, endpoint), count) in self.calls.iter().filter(|((called_on, _), _)| called_on.as_str() >= day) {
            *endpoints.entry(endpoint).or_default() += count;
        }
        let mut endpoints: Vec<_> =
            endpoints.into_iter().map(|(endpoint, count)| (endpoint.to_owned(), count)).collect();
        endpoints.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        endpoints
    }
}

impl Keys {
    /// What was done with a key from this day on.
    pub async fn usage(&self, key: &Key, from: &str, now: Timestamp) -> Result<Usage> {
        let mut before = self.row(&key.hash).await?;
        for _ in 0..ATTEMPTS_MAX {
            let mut calls = self.days(key, from, now).await?;
            let after = self.row(&key.hash).await?;
            // Where a window has ended in between, its calls may be in both places or in neither of what was read.
            if after.window.began_ms == before.window.began_ms {
                for (called, count) in after.calls {
                    *calls.entry(called).or_default() += count;
                }
                let used = if after.window.is_over(now) { 0 } else { after.window.used };
                let quota = after.window.quota(after.key.tier.allowance(), now);
                return Ok(Usage { key: after.key, quota, used, calls });
            }
            before = after;
        }
        Err(Error::unavailable("a key's window changed at every attempt to read its usage"))
    }

    /// The calls of windows that are over.
    async fn days(&self, key: &Key, from: &str, now: Timestamp) -> Result<Calls> {
        let last = day_sk(key.id, &now.day());
        let days = self.table.range(usage_pk(key.owner), day_sk(key.id, from), last).await?;
        let calls = days.iter().filter_map(|item| {
            let (_, day) = item.get("sk")?.as_s().ok()?.rsplit_once('#')?;
            Some(calls_of_day(day, item))
        });
        Ok(calls.flatten().collect())
    }
}
