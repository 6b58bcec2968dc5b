//! What was searched: one event a search, kept for its owner, and figures by day that are made of the events.
//!
//! An event is put when a search has been answered ([`SearchEvent`]). The function `rollup` learns of it from the table's
//! stream and adds it to the figures of its day, once, however often it is told ([`Analytics::roll_up`]). What is read
//! afterwards are the figures ([`Analytics::days`], [`Analytics::queries`], [`Analytics::system_days`]), so that reading
//! costs the same however much was searched.

mod closing;
mod erasing;
mod event;
mod feedback;
mod figures;
mod latencies;
mod page;
#[cfg(test)]
mod properties;
mod queries;
mod rebuild;
mod roll_up;
mod rollup;
mod settings;
mod store;
mod system;

pub use event::{Click, Fingerprint, Outcome, SearchEvent, SearchMode, Times};
pub use latencies::Latencies;
pub use page::{EventsPage, Position};
pub use queries::{Queries, QueryFigures, normal};
pub use rebuild::Rebuilt;
pub use roll_up::{Batch, EventKey};
pub use rollup::{Clicks, DatabaseShare, ModeShare, Ratings, Rollup};
pub use settings::{Recording, RetentionDays};
pub use store::{Analytics, HistoryPart};
pub use system::{AccountShare, SlowSearch, SystemRollup};
