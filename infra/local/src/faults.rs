//! What goes wrong, to order, between the service and what it stands on: which calls meet which fault. A
//! [`Proxy`](crate::proxy::Proxy) is where they meet it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

/// What a call meets. But for [`Fault::Refused`] and [`Fault::Unread`] the call itself is passed on, and its answer suffers: what
/// was asked is done, and nobody hears of it.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing passes until all faults are cleared.
    Held,
    /// The answer comes so much later.
    Late(Duration),
    /// So many bytes of the answer, and then the end of the connection.
    Cut(usize),
    /// So many bytes of the answer, and then a reset.
    Reset(usize),
    /// So many bytes of the answer, then some that nobody could mean, and the end of the connection.
    Garbled(usize),
    /// The answer byte by byte, with such a pause before each.
    Slow(Duration),
    /// The call is not passed on: an error of AWS with this status and body.
    Refused(u16, Value),
    /// The call, a `BatchGetItem`, is not passed on: all of it is left for another round.
    Unread,
}

impl Fault {
    /// An error of AWS with a code alone, such as `ThrottlingException`. What AWS says of itself is a 500.
    pub fn refused(code: &str) -> Self {
        let status = if code.starts_with("Internal") { 500 } else { 400 };
        Self::Refused(status, json!({ "__type": code, "message": "this is a fault to order" }))
    }

    /// A transaction that was not made: a reason for each of its parts, such as `None` or `TransactionConflict`.
    pub fn canceled(reasons: &[&str]) -> Self {
        let listed: Vec<Value> = reasons.iter().map(|code| json!({ "Code": code, "Message": "to order" })).collect();
        let message =
            format!("Transaction cancelled, please refer cancellation reasons for specific reasons {reasons:?}");
        let code = "TransactionCanceledException";
        Self::Refused(400, json!({ "__type": code, "Message": message, "CancellationReasons": listed }))
    }
}

/// The faults of the proxies that share this. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Orders>);

#[derive(Debug, Default)]
struct Orders {
    ordered: Mutex<Vec<Order>>,
    /// How many calls have met something since.
    met: AtomicUsize,
    /// How often all of them were cleared.
    cleared: watch::Sender<usize>,
}

#[derive(Debug)]
struct Order {
    calls: String,
    pass: usize,
    left: usize,
    fault: Fault,
}

/// Lets whoever is held go on when all faults have been cleared.
pub(crate) struct Release(watch::Receiver<usize>);

impl Faults {
    /// The next so many of these calls meet this: those of an operation (`PutItem`), of a service (`DynamoDB_20120810`,
    /// `TrentService`, `secretsmanager`), or all, where the name is empty. A connection that is no call of AWS has no name.
    pub fn next(&self, calls: &str, count: usize, fault: Fault) {
        self.order(calls, (0, count), fault);
    }

    /// All of these calls meet this, after the first so many.
    pub fn after(&self, passing: usize, calls: &str, fault: Fault) {
        self.order(calls, (passing, usize::MAX), fault);
    }

    /// All of these calls meet this.
    pub fn always(&self, calls: &str, fault: Fault) {
        self.after(0, calls, fault);
    }

    /// Nothing goes wrong any more, and whoever is held goes on. How many calls have met something.
    pub fn clear(&self) -> usize {
        self.ordered().clear();
        self.0.cleared.send_modify(|times| *times += 1);
        self.0.met.swap(0, Ordering::Relaxed)
    }

    /// What this call meets, with what ends its being held.
    pub(crate) fn meet(&self, target: &str) -> Option<(Fault, Release)> {
        let mut ordered = self.ordered();
        let at = ordered.iter().position(|order| order.is_for(target))?;
        let order = ordered.get_mut(at)?;
        if order.pass > 0 {
            order.pass -= 1;
            return None;
        }
        order.left -= 1;
        let (fault, is_done) = (order.fault.clone(), order.left == 0);
        if is_done {
            ordered.remove(at);
        }
        self.0.met.fetch_add(1, Ordering::Relaxed);
        Some((fault, Release(self.0.cleared.subscribe())))
    }

    fn order(&self, calls: &str, (pass, left): (usize, usize), fault: Fault) {
        if left == 0 {
            return;
        }
        self.ordered().push(Order { calls: calls.to_owned(), pass, left, fault });
    }

    fn ordered(&self) -> MutexGuard<'_, Vec<Order>> {
        self.0.ordered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Order {
    fn is_for(&self, target: &str) -> bool {
        self.calls.is_empty() || target == self.calls || target.split('.').any(|part| part == self.calls)
    }
}

impl Release {
    /// Waits for it.
    pub(crate) async fn come(mut self) {
        // Where the faults are gone altogether, there is nobody left to hold anybody.
        let _ = self.0.changed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_that_are_named_meet_it_as_often_as_was_ordered() {
        let faults = Faults::default();
        faults.next("PutItem", 1, Fault::Held);
        faults.after(1, "TrentService", Fault::Cut(0));
        let meets = |target: &str| faults.meet(target).is_some();
        assert!(!meets("DynamoDB_20120810.GetItem") && !meets("") && !meets("TrentService.Decrypt"));
        assert!(meets("DynamoDB_20120810.PutItem") && !meets("DynamoDB_20120810.PutItem"));
        assert!(meets("TrentService.Decrypt") && meets("TrentService.Encrypt"));
        assert_eq!((faults.clear(), meets("TrentService.Decrypt")), (3, false));
    }
}
