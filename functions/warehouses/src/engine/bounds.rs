//! How much of a database is taken, and for how long. A server may be hostile: what it was told, we hold to as well.

use std::time::Duration;

use shared::databases::reserve;
use tokio::time::{Instant, timeout_at};

use super::Refusal;

/// The most rows of a sample.
pub(super) const SAMPLE_ROWS_MAX: usize = 1_000;

/// The most characters of a value, and of a whole sample.
const VALUE_CHARS_MAX: usize = 4_000;
const SAMPLE_CHARS_MAX: usize = 16 * 1024 * 1024;

/// How long a server may look for the rows of a sample: a view can be any query.
pub(super) const SAMPLE_TIME_MAX: Duration = Duration::from_secs(10);

/// The most rows that are taken of one answer of a catalogue.
pub(super) const ROWS_MAX: usize = 250_000;

/// The most pages of one list.
pub(super) const PAGES_MAX: usize = 100;

/// After how many characters a value of a sample is cut, so that the whole has its bound however many columns there are.
pub(super) fn value_chars(rows: usize, columns: usize) -> usize {
    let values = rows.saturating_mul(columns).max(1);
    (SAMPLE_CHARS_MAX / values).clamp(1, VALUE_CHARS_MAX)
}

/// The text up to so many characters.
pub fn shortened(mut text: String, chars: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(chars) {
        text.truncate(end);
    }
    text
}

/// Who gives up when: first the server, then we; what is left is for telling the server to stop.
#[derive(Clone, Copy)]
pub(super) struct Deadlines {
    server: Instant,
    pub(super) statement: Instant,
    pub(super) last: Instant,
}

impl Deadlines {
    /// For a session that begins now and is over at `last`.
    pub(super) fn before(last: Instant) -> Self {
        let time = last.saturating_duration_since(Instant::now());
        let statement = last - reserve(time);
        Self { server: statement - reserve(time) / 2, statement, last }
    }

    /// How long the server may still take, but no longer than this.
    pub(super) fn left(self, most: Duration) -> Duration {
        self.server.saturating_duration_since(Instant::now()).min(most).max(Duration::from_millis(1))
    }
}

/// The result, or a time-out when it is not there by the deadline.
pub(super) async fn by<T>(deadline: Instant, work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    timeout_at(deadline, work).await.unwrap_or(Err(Refusal::Timeout))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_cut_so_that_the_whole_has_its_bound() {
        for (rows, columns, chars) in [(3, 10, 4_000), (1_000, 1, 4_000), (1_000, 100, 167), (0, 0, 4_000)] {
            assert_eq!(value_chars(rows, columns), chars, "{rows} rows of {columns} columns");
        }
        assert_eq!(value_chars(SAMPLE_ROWS_MAX, usize::MAX), 1);
    }
}
