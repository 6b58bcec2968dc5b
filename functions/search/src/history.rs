use serde::Deserialize;
use shared::Result;
use shared::analytics::HistoryPart;
use shared::app::App;
use shared::http::{Caller, HistoryItem, Limit, Offset, Query, Reply, State, may, number};

/// Which part of the history.
#[derive(Deserialize)]
pub struct Part {
    #[serde(default, deserialize_with = "number")]
    limit: Limit<20, 100>,
    #[serde(default, deserialize_with = "number")]
    offset: Offset<100_000>,
}

/// `GET /api/v1/search/history`: newest first.
pub async fn history(
    State(app): State<App>,
    caller: Caller<may::Search>,
    Query(part): Query<Part>,
) -> Result<Reply<Vec<HistoryItem>>> {
    let part = HistoryPart { offset: part.offset.get(), limit: part.limit.get(), ..HistoryPart::default() };
    let (events, _) = app.analytics.history(caller.user, part).await?;
    Ok(Reply::ok(events.into_iter().map(HistoryItem::from).collect()))
}
