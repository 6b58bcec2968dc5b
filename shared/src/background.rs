//! Work that an answer need not wait for.
//!
//! In Lambda, an environment is frozen as soon as it has answered, so that work goes on afterwards only where an extension
//! keeps it awake (`http::extension`). Until that is so, work is done before the answer, and shortly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::metrics::{self, Event};

/// How long work may take that nobody waits for.
const LIMIT_BEHIND: Duration = Duration::from_secs(5);

/// How long work may hold up an answer.
const LIMIT_BEFORE: Duration = Duration::from_millis(250);

/// The work of one process. Clones are the same.
#[derive(Clone, Default)]
pub struct Background(Arc<Inner>);

struct Inner {
    goes_on: AtomicBool,
    running: watch::Sender<usize>,
}

impl Default for Inner {
    fn default() -> Self {
        Self { goes_on: AtomicBool::new(false), running: watch::Sender::new(0) }
    }
}

/// One piece of work, while it goes on.
struct Running(Background);

impl Background {
    /// Says that this process goes on when it has answered.
    pub fn goes_on(&self) {
        self.0.goes_on.store(true, Ordering::Relaxed);
    }

    /// Does some work behind the answer, or before it where there is no behind. What takes too long is given up.
    pub async fn run(&self, name: &'static str, work: BoxFuture<'static, ()>) {
        if !self.0.goes_on.load(Ordering::Relaxed) {
            return within(LIMIT_BEFORE, name, work).await;
        }
        self.0.running.send_modify(|running| *running += 1);
        let running = Running(self.clone());
        tokio::spawn(async move {
            within(LIMIT_BEHIND, name, work).await;
            drop(running);
        });
    }

    /// Waits until all work is done that was begun before.
    pub async fn settled(&self) {
        // The sender lives as long as this does.
        let _ = self.0.running.subscribe().wait_for(|running| *running == 0).await;
    }
}

impl Drop for Running {
    /// Also where the work has panicked.
    fn drop(&mut self) {
        self.0.0.running.send_modify(|running| *running -= 1);
    }
}

async fn within(limit: Duration, name: &'static str, work: impl Future<Output = ()>) {
    if tokio::time::timeout(limit, work).await.is_err() {
        metrics::count(Event::NotRecorded);
        tracing::warn!(name, "work beside an answer was given up, because it took too long");
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn where_the_process_goes_on_work_is_not_waited_for_until_somebody_does() {
        let (background, (go, gone)) = (Background::default(), oneshot::channel());
        background.goes_on();
        let (done, is_done) = oneshot::channel();
        background.run("a test", Box::pin(async { gone.await.map_or((), |()| done.send(()).unwrap_or(())) })).await;
        go.send(()).unwrap();
        background.settled().await;
        assert_eq!(is_done.await, Ok(()));
    }

    #[tokio::test]
    async fn elsewhere_it_is_done_before_the_answer_or_given_up() {
        let background = Background::default();
        let (done, is_done) = oneshot::channel();
        background.run("a test", Box::pin(async { done.send(()).unwrap_or(()) })).await;
        assert_eq!(is_done.await, Ok(()));
        background.run("a test", Box::pin(std::future::pending())).await;
        background.settled().await;
    }

    #[tokio::test]
    async fn work_that_panics_is_over() {
        let background = Background::default();
        background.goes_on();
        background.run("a test", Box::pin(async { panic!("of a test") })).await;
        background.settled().await;
    }
}
