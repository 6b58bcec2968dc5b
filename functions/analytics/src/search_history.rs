use serde::{Deserialize, Serialize};
use shared::Result;
use shared::app::App;
use shared::http::{Caller, HistoryItem, Limit, Offset, Query, Reply, State, may, number};

/// Which part of the history.
#[derive(Deserialize)]
pub struct Part {
    #[serde(default, deserialize_with = "number")]
    limit: Limit<100, 1_000>,
    #[serde(default, deserialize_with = "number")]
    offset: Offset<100_000>,
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
    let (events, total) = app.analytics.history(caller.user, part.offset.get(), part.limit.get()).await?;
    Ok(Reply::ok(History { items: events.into_iter().map(HistoryItem::from).collect(), total }))
}
