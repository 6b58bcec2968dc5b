//! Work that an answer need not wait for.
//!
//! Lambda freezes an environment once its function asks for the next call, and passes the answer on as soon as it has it. So a
//! function sends its answer, ends what that left to do, and asks then (`http::serve`).

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::metrics::{self, Event};

/// How long work may take that nobody waits for.
const LIMIT: Duration = Duration::from_secs(5);

/// The work of one process. Clones are the same.
#[derive(Clone, Default)]
pub struct Background {
    running: watch::Sender<usize>,
}

/// One piece of work, while it goes on.
struct Running(Background);

impl Background {
    /// Does some work behind the answer. What takes too long is given up.
    pub fn run(&self, name: &'static str, work: BoxFuture<'static, ()>) {
        self.run_within(LIMIT, name, work);
    }

    fn run_within(&self, limit: Duration, name: &'static str, work: BoxFuture<'static, ()>) {
        self.running.send_modify(|running| *running += 1);
        let running = Running(self.clone());
        tokio::spawn(async move {
            if tokio::time::timeout(limit, work).await.is_err() {
                metrics::count(Event::NotRecorded);
                tracing::warn!(name, "work behind an answer was given up, because it took too long");
            }
            drop(running);
        });
    }

    /// Waits until all work is done that was begun before.
    pub async fn settled(&self) {
        // The sender lives as long as this does.
        let _ = self.running.subscribe().wait_for(|running| *running == 0).await;
    }

    /// The same answer as `answering`, once the work that it has left is done too.
    pub async fn settled_after<A: Future>(self, answering: A) -> A::Output {
        let answer = answering.await;
        self.settled().await;
        answer
    }
}

impl Drop for Running {
    /// Also where the work has panicked.
    fn drop(&mut self) {
        self.0.running.send_modify(|running| *running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::FutureExt;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn an_answer_does_not_wait_for_the_work_behind_it_but_the_next_call_does() {
        let background = Background::default();
        let ((finish, finished), (answer, mut answered)) = (oneshot::channel::<()>(), oneshot::channel());
        let of_handler = background.clone();
        let next_call = background.settled_after(async move {
            of_handler.run("a test", Box::pin(finished.map(drop)));
            answer.send("the answer").unwrap();
        });
        tokio::pin!(next_call);
        assert_eq!((&mut next_call).now_or_never(), None, "the work goes on");
        assert_eq!(answered.try_recv(), Ok("the answer"));
        finish.send(()).unwrap();
        next_call.await;
    }

    #[tokio::test]
    async fn work_that_does_not_end_is_given_up() {
        let background = Background::default();
        background.run_within(Duration::ZERO, "a test", Box::pin(pending()));
        background.settled().await;
    }

    #[tokio::test]
    async fn work_that_panics_is_over() {
        let background = Background::default();
        background.run("a test", Box::pin(async { panic!("of a test") }));
        background.settled().await;
    }
}
