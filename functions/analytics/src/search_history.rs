use serde::{Deserialize, Serialize};
use shared::Result;
use shared::analytics::HistoryPart;
use shared::app::App;
use shared::http::{Caller, HistoryItem, Limit, Offset, Query, Reply, State, list, may, number};

use crate::named::database_id;
use crate::span::{Asked, Span};

/// Which part of the history.
#[derive(Deserialize)]
pub struct Part {
    /// Searches that asked this one.
    #[serde(default, deserialize_with = "list")]
    database: Vec<String>,
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
    Query(asked): Query<Asked>,
    Query(part): Query<Part>,
) -> Result<Reply<History>> {
    let part = part.of(&asked.span(app.clock.now())?)?;
    let (events, total) = app.analytics.history(caller.user, part).await?;
    Ok(Reply::ok(History { items: events.into_iter().map(HistoryItem::from).collect(), total }))
}

/// `GET /api/v1/analytics/history`: the list alone, as the SDK wants it.
pub async fn history(
    State(app): State<App>,
    caller: Caller<may::ReadAnalytics>,
    Query(asked): Query<Asked>,
    Query(part): Query<Part>,
) -> Result<Reply<Vec<HistoryItem>>> {
    let part = part.of(&asked.span(app.clock.now())?)?;
    let (events, _) = app.analytics.history(caller.user, part).await?;
    Ok(Reply::ok(events.into_iter().map(HistoryItem::from).collect()))
}

impl Part {
    fn of(&self, span: &Span) -> Result<HistoryPart> {
        Ok(HistoryPart {
            range: Some(span.range),
            database: database_id(&self.database)?,
            offset: self.offset.get(),
            limit: self.limit.get(),
        })
    }
}
