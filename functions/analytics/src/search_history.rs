use serde::{Deserialize, Serialize};
use shared::Result;
use shared::app::App;
use shared::error::{InvalidKind, Refusal};
use shared::http::{Caller, HistoryItem, Query, Reply, State, may, number};

/// Which part of the history.
#[derive(Deserialize)]
pub struct Part {
    #[serde(default, deserialize_with = "number")]
    limit: Limit,
    #[serde(default, deserialize_with = "number")]
    offset: Offset,
}

/// Searches, newest first, and how many there are in all.
#[derive(Serialize)]
pub struct History {
    items: Vec<HistoryItem>,
    total: u64,
}

/// `GET /api/v1/analytics/search-history`
pub async fn search_history(
    State(app): State<App>,
    caller: Caller<may::ReadAnalytics>,
    Query(part): Query<Part>,
) -> Result<Reply<History>> {
    let (events, total) = app.analytics.history(caller.user, part.offset.0, part.limit.0).await?;
    Ok(Reply::ok(History { items: events.into_iter().map(HistoryItem::from).collect(), total }))
}

/// 1 to 1000, or 100 where none is given.
struct Limit(usize);

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

impl TryFrom<u64> for Limit {
    type Error = Refusal;

    fn try_from(number: u64) -> Result<Self, Refusal> {
        match usize::try_from(number) {
            Ok(0) => Err(Refusal(InvalidKind::TooSmall, "must be at least 1")),
            Ok(limit @ 1..=1_000) => Ok(Self(limit)),
            _ => Err(Refusal(InvalidKind::TooBig, "must be at most 1000")),
        }
    }
}

/// 0 to 100,000: a history is read from its newest end.
#[derive(Default)]
struct Offset(usize);

impl TryFrom<u64> for Offset {
    type Error = Refusal;

    fn try_from(number: u64) -> Result<Self, Refusal> {
        match usize::try_from(number) {
            Ok(offset @ 0..=100_000) => Ok(Self(offset)),
            _ => Err(Refusal(InvalidKind::TooBig, "must be at most 100000")),
        }
    }
}
