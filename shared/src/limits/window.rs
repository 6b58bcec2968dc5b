//! The one implementation of the window.
//!
//! A call costs one conditional update, the first of all included. Only where a window has ended or overflows, once an
//! hour at most, does a second write open the next window or the block.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::{Deserialize, Serialize};

use super::{Allowance, Quota};
use crate::clock::Timestamp;
use crate::dynamo::{Change, Item, Table, Transacted, Written, boolean, number};
use crate::error::{Error, Result};

/// Attempts to open a window or a block, against others who do the same.
const ATTEMPTS_MAX: usize = 16;

/// What an item holds of its window, beside whatever else it is. Nothing, before the first call.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Window {
    /// Calls let through.
    #[serde(default)]
    pub used: u64,
    /// When it began: milliseconds since the epoch.
    #[serde(default, rename = "window_began_ms")]
    pub began_ms: i64,
    /// When it ends, or the block: milliseconds since the epoch.
    #[serde(default, rename = "window_ends_ms")]
    pub ends_ms: i64,
    /// Whether it has overflowed and is now a block.
    #[serde(default)]
    pub blocked: bool,
}

/// An item that counts the calls of somebody.
pub(crate) trait Metered: Sync {
    /// What is read of the item.
    type Row: Send + Sync;

    /// Where the item is.
    fn table(&self) -> &Table;
    /// Its key.
    fn key(&self) -> Item;
    /// What it says.
    fn read(&self, item: Item) -> Result<Self::Row>;
    /// Its window.
    fn window<'row>(&self, row: &'row Self::Row) -> &'row Window;
    /// What a window lets through; none for an item that does not exist.
    fn allowance(&self, row: Option<&Self::Row>) -> &'static Allowance;
    /// The condition on the item under which the window has room for one more call.
    fn room(&self) -> (&'static str, Vec<(&'static str, AttributeValue)>);

    /// Why the call is refused, whatever the window says.
    fn check(&self, _row: Option<&Self::Row>, _now: Timestamp) -> Result<()> {
        Ok(())
    }

    /// What every call that is let through changes and asks besides.
    fn with_call(&self, change: Change, _now: Timestamp) -> Change {
        change
    }

    /// What a call changes besides in a window that is open.
    fn with_running(&self, change: Change, _now: Timestamp) -> Change {
        change
    }

    /// What the first call of the next window changes besides, and what is written together with it.
    fn with_next(&self, change: Change, _row: &Self::Row, _now: Timestamp) -> Result<(Change, Vec<TransactWriteItem>)> {
        Ok((change, Vec::new()))
    }
}

/// A call that was let through.
pub(crate) struct Spent<Row> {
    /// The item, as the call found it or left it.
    pub row: Row,
    /// Where its window stands after the call.
    pub quota: Quota,
}

impl Window {
    /// Where it stands. One that is over, or was never opened, leaves everything.
    pub fn quota(&self, allowance: &'static Allowance, now: Timestamp) -> Quota {
        if self.is_over(now) {
            return Quota { allowance, remaining: allowance.calls, began_at: now, resets_at: now };
        }
        Quota {
            allowance,
            remaining: if self.blocked { 0 } else { allowance.calls.saturating_sub(self.used) },
            began_at: Timestamp::from_epoch_ms(self.began_ms),
            resets_at: Timestamp::from_epoch_ms(self.ends_ms),
        }
    }

    /// Whether the next call opens another.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ends_ms <= now.epoch_ms()
    }

    fn first_call(allowance: &Allowance, now: Timestamp) -> Self {
        let ends_ms = now.plus(allowance.window).epoch_ms();
        Self { used: 1, began_ms: now.epoch_ms(), ends_ms, blocked: false }
    }
}

/// Counts one call, or says why it is refused.
pub(crate) async fn spend<M: Metered>(meter: &M, now: Timestamp) -> Result<Spent<M::Row>> {
    for _ in 0..ATTEMPTS_MAX {
        let row = match meter.table().update(meter.key(), running(meter, now)).await? {
            Written::Done(item) => return Ok(spent(meter, meter.read(item)?, now)),
            Written::Refused(item) => item.map(|item| meter.read(item)).transpose()?,
        };
        meter.check(row.as_ref(), now)?;
        // Without an item there is no window that could refuse the call: the item has gone this moment.
        let Some(row) = row else { continue };
        let allowance = meter.allowance(Some(&row));
        let window = meter.window(&row);
        if window.is_over(now) {
            if open(meter, &row, now).await? {
                let quota = Window::first_call(allowance, now).quota(allowance, now);
                return Ok(Spent { row, quota });
            }
        } else if window.blocked || allowance.block.is_none() {
            return Err(window.quota(allowance, now).exceeded(now));
        } else if let Some(quota) = block(meter, &row, now).await? {
            return Err(quota.exceeded(now));
        }
    }
    Err(Error::unavailable("a window changed under every attempt to count a call"))
}

fn spent<M: Metered>(meter: &M, row: M::Row, now: Timestamp) -> Spent<M::Row> {
    let quota = meter.window(&row).quota(meter.allowance(Some(&row)), now);
    Spent { row, quota }
}

/// The hot path: everything that makes a call good is in the condition.
fn running<M: Metered>(meter: &M, now: Timestamp) -> Change {
    let (room, values) = meter.room();
    let first = Window::first_call(meter.allowance(None), now);
    let change = Change::default()
        .add("used", number(1))
        .set_if_missing("window_began_ms", number(first.began_ms))
        .set_if_missing("window_ends_ms", number(first.ends_ms))
        .only_if("attribute_not_exists(blocked)", [])
        .only_if(
            &format!("attribute_not_exists(used) OR (window_ends_ms > :now_ms AND ({room}))"),
            values.into_iter().chain([(":now_ms", number(now.epoch_ms()))]),
        );
    meter.with_running(meter.with_call(change, now), now)
}

/// Opens the next window with this call as its first, unless another call was quicker.
async fn open<M: Metered>(meter: &M, row: &M::Row, now: Timestamp) -> Result<bool> {
    let (old, first) = (meter.window(row), Window::first_call(meter.allowance(Some(row)), now));
    let change = Change::default()
        .set("used", number(first.used))
        .set("window_began_ms", number(first.began_ms))
        .set("window_ends_ms", number(first.ends_ms))
        .remove("blocked")
        // A clock that is behind ours may still have counted a call in the old window since we read it.
        .only_if(
            "window_ends_ms = :was_ms AND used = :was_used",
            [(":was_ms", number(old.ends_ms)), (":was_used", number(old.used))],
        );
    let (change, others) = meter.with_next(meter.with_call(change, now), row, now)?;
    if others.is_empty() {
        return Ok(matches!(meter.table().update(meter.key(), change).await?, Written::Done(_)));
    }
    let mut parts = vec![change.part(meter.table(), meter.key())?];
    parts.extend(others);
    Ok(meter.table().transact(parts).await? == Transacted::Done)
}

/// Turns the full window into a block, unless another call was quicker or there is room by now.
async fn block<M: Metered>(meter: &M, row: &M::Row, now: Timestamp) -> Result<Option<Quota>> {
    let (full, (room, values)) = (meter.window(row), meter.room());
    let allowance = meter.allowance(Some(row));
    let ends_ms = now.plus(allowance.block.unwrap_or_default()).epoch_ms();
    let change = Change::default()
        .set("window_ends_ms", number(ends_ms))
        .set("blocked", boolean(true))
        .only_if("window_ends_ms = :was_ms", [(":was_ms", number(full.ends_ms))])
        .only_if(&format!("NOT ({room})"), values);
    let blocked = Window { ends_ms, blocked: true, ..full.clone() };
    Ok(match meter.table().update(meter.key(), change).await? {
        Written::Done(_) => Some(blocked.quota(allowance, now)),
        Written::Refused(_) => None,
    })
}
