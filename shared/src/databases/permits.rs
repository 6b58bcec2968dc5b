//! How many connections of one process to one database are open at once, where its owner has set a limit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::connect::Target;
use super::fault::{Fault, Reason};
use crate::id::DatabaseId;

/// The limits that are in use, by connection and number: a limit that was changed is another one.
type Limits = HashMap<(DatabaseId, u64), Weak<Semaphore>>;

/// The limits of one process.
#[derive(Clone, Default)]
pub(super) struct Permits(Arc<Mutex<Limits>>);

impl Permits {
    /// Waits until one more connection may be open, as long as its owner says and never past the deadline. None where
    /// there is no limit.
    pub(super) async fn take(
        &self,
        target: &Target<'_>,
        deadline: Instant,
    ) -> Result<Option<OwnedSemaphorePermit>, Fault> {
        let options = &target.settings.connection_options;
        let Some((id, limit)) = target.id.zip(options.connection_limit) else { return Ok(None) };
        let patience = options.acquire_timeout.map(|ms| Instant::now() + Duration::from_millis(ms.get()));
        let until = patience.map_or(deadline, |patience| patience.min(deadline));
        let permit = timeout_at(until, self.of(id, limit.get()).acquire_owned()).await;
        permit.ok().and_then(Result::ok).map(Some).ok_or(Reason::Busy.alone())
    }

    fn of(&self, id: DatabaseId, limit: u64) -> Arc<Semaphore> {
        // Every change of the map is one call, so that a panic elsewhere can not have left it half-changed.
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = limits.get(&(id, limit)).and_then(Weak::upgrade) {
            return known;
        }
        limits.retain(|_, limit| limit.strong_count() > 0);
        let fresh = Arc::new(Semaphore::new(usize::try_from(limit).unwrap_or(usize::MAX)));
        limits.insert((id, limit), Arc::downgrade(&fresh));
        fresh
    }
}
