//! The log: one line of JSON a request, with all that is known of it but what was asked and what is secret.

use axum::http::Method;

use crate::id::{RequestId, UserId};

/// What a handler tells of an answer besides the answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About {
    /// Milliseconds of a search, as in [`Times`](crate::analytics::Times).
    pub(super) ask_ms: Option<u64>,
    pub(super) order_ms: Option<u64>,
    pub(super) fetch_ms: Option<u64>,
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
                    ask_ms = self.about.ask_ms,
                    order_ms = self.about.order_ms,
                    fetch_ms = self.about.fetch_ms,
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
