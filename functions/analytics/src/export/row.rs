//! One search of an export, in either form.

use serde::Serialize;
use shared::analytics::{Outcome, SearchEvent, SearchMode};
use shared::csv::{line, text};
use shared::http::HistoryItem;
use shared::id::{DatabaseId, KeyId};

const COLUMNS: [&str; 14] = [
    "id",
    "timestamp",
    "query",
    "search_mode",
    "databases",
    "failed_databases",
    "result_count",
    "returned_count",
    "execution_time_ms",
    "outcome",
    "cached",
    "key_id",
    "clicks",
    "rating",
];

/// A search as it stands in the history, and what came of it later.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    #[serde(flatten)]
    search: HistoryItem,
    /// How many results were on the page.
    returned_count: u64,
    /// With which key; none for a session.
    key_id: Option<KeyId>,
    /// How many of the results were opened.
    clicks: usize,
    /// 1 to 5.
    rating: Option<u8>,
}

impl From<&SearchEvent> for Item {
    fn from(event: &SearchEvent) -> Self {
        Self {
            returned_count: event.returned,
            key_id: event.key,
            clicks: event.clicks.len(),
            rating: event.rating,
            search: event.clone().into(),
        }
    }
}

/// The names of the columns, as a line.
pub fn header() -> String {
    line(COLUMNS)
}

/// A search as a line. Only its query was written by somebody else.
pub fn of(event: &SearchEvent) -> String {
    let cells: [String; COLUMNS.len()] = [
        event.id.to_string(),
        event.at.to_string(),
        text(event.query.as_deref().unwrap_or_default()),
        mode(event.mode).to_owned(),
        ids(&event.databases),
        ids(&event.failed),
        event.matches.to_string(),
        event.returned.to_string(),
        event.duration_ms.to_string(),
        outcome(event.outcome).to_owned(),
        event.cached.to_string(),
        event.key.map(String::from).unwrap_or_default(),
        event.clicks.len().to_string(),
        event.rating.map(|rating| rating.to_string()).unwrap_or_default(),
    ];
    line(cells.iter().map(String::as_str))
}

/// With a blank between them.
fn ids(databases: &[DatabaseId]) -> String {
    databases.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn mode(mode: SearchMode) -> &'static str {
    match mode {
        SearchMode::Natural => "natural",
        SearchMode::Boolean => "boolean",
        SearchMode::Semantic => "semantic",
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "complete",
        Outcome::Partial => "partial",
        Outcome::Failed => "failed",
    }
}
