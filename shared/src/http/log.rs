//! The log: one line of JSON a request, with all that is known of it but what was asked and what is secret.

use std::time::Instant;

use axum::http::Method;

use crate::id::{RequestId, UserId};

/// Writes the log as lines of JSON. What Lambda's runtime knows of an invocation stands in every line, as `span`.
pub fn log_to_stdout(filter: &str) {
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let format = tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false);
    // A second call finds the log in place, which is what it wants.
    let _ = format.with_env_filter(filter).try_init();
}

/// How long the parts of a search took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stages {
    /// Asking the databases for candidates, all at once.
    pub ask_ms: Option<u64>,
    /// Putting the candidates into one order.
    pub order_ms: Option<u64>,
    /// Reading the rows of the page.
    pub fetch_ms: Option<u64>,
}

impl Stages {
    /// What a stage has come to, and how many milliseconds it took.
    pub async fn timed<T>(stage: impl Future<Output = T>) -> (T, Option<u64>) {
        let began = Instant::now();
        let done = stage.await;
        (done, u64::try_from(began.elapsed().as_millis()).ok())
    }
}

/// What a handler tells of an answer besides the answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About {
    pub(super) stages: Stages,
    /// How many databases answered.
    pub(super) databases: Option<usize>,
    /// How many rows there are.
    pub(super) rows: Option<usize>,
}

/// What is told of a request.
pub(super) struct Seen {
    pub(super) id: RequestId,
    pub(super) method: Method,
    /// The route and not the path: a path holds ids, and a query string could hold anything.
    pub(super) route: String,
    pub(super) status: u16,
    /// The code of an error.
    pub(super) code: Option<&'static str>,
    /// What really happened, where that is ours to mend.
    pub(super) cause: Option<String>,
    pub(super) user: Option<UserId>,
    pub(super) duration_ms: u64,
    pub(super) about: About,
    pub(super) is_cold_start: bool,
    /// What Lambda calls this request.
    pub(super) aws_request_id: Option<String>,
    /// The trace of X-Ray that this request is a part of.
    pub(super) trace: Option<String>,
}

impl Seen {
    /// A request of which nothing more is known yet.
    pub(super) fn new(id: RequestId, method: &Method, route: String) -> Self {
        Self {
            id,
            method: method.clone(),
            route,
            status: 0,
            code: None,
            cause: None,
            user: None,
            duration_ms: 0,
            about: About::default(),
            is_cold_start: false,
            aws_request_id: None,
            trace: None,
        }
    }

    /// Writes the line.
    pub(super) fn log(&self) {
        // The level of an event is a part of its place in the program, so that there are two places.
        macro_rules! answered {
            ($level:ident) => {
                tracing::$level!(
                    request_id = %self.id,
                    aws_request_id = self.aws_request_id.as_deref(),
                    trace_id = self.trace.as_deref(),
                    method = %self.method,
                    route = self.route,
                    status = self.status,
                    code = self.code,
                    user = self.user.map(tracing::field::display),
                    duration_ms = self.duration_ms,
                    ask_ms = self.about.stages.ask_ms,
                    order_ms = self.about.stages.order_ms,
                    fetch_ms = self.about.stages.fetch_ms,
                    databases = self.about.databases,
                    rows = self.about.rows,
                    cold_start = self.is_cold_start,
                    memory_mb = peak_memory_mb(),
                    cause = self.cause,
                    "answered"
                )
            };
        }
        if self.cause.is_some() { answered!(error) } else { answered!(info) }
    }
}

/// The most memory that this process has had so far, in megabytes; nothing where the system does not say
/// (`VmHWM` in proc(5)).
fn peak_memory_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_how_much_memory_it_has_had() {
        assert!(peak_memory_mb().is_some_and(|mb| mb > 0));
    }
}
