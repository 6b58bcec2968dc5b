//! How long a search may take.

use std::time::Duration;

use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::Database;
use tokio::time::Instant;

/// When a search began, and when it has to be over.
#[derive(Clone, Copy)]
pub struct Time {
    /// By the clock of the service.
    pub began: Timestamp,
    /// When no database is waited for any more.
    pub ends: Instant,
}

/// Of the time of a search, what is left for writing the answer: a twentieth, and so much at most.
const WRITING: Duration = Duration::from_millis(50);

impl Time {
    /// The time of a search of these databases: the longest that one of them may take, without what we need for the answer itself.
    pub fn of(app: &App, databases: &[Database], (began, start): (Timestamp, Instant)) -> Self {
        let times = databases.iter().map(|database| app.connector.time_for(&database.settings));
        let longest = times.max().unwrap_or_default();
        Self { began, ends: start + longest - (longest / 20).min(WRITING) }
    }
}
