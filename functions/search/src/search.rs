use serde_json::value::{RawValue, to_raw_value};
use shared::app::App;
use shared::http::{Caller, Freshness, Reply, Sent, State, may};
use shared::id::{SearchId, UserId};
use shared::{Error, Result};
use tokio::time::Instant;

use crate::cache::{Cache, Looked, anew};
use crate::correction::answer;
use crate::export::{Export, exported};
use crate::named::{find_names, refuse_unusable};
use crate::record::Record;
use crate::request::SearchRequest;
use crate::time::Time;
use crate::trends::trends;

/// `POST /api/v1/search`
pub async fn search(
    State(app): State<App>,
    caller: Caller<may::Search>,
    freshness: Freshness,
    Sent { body: request, object }: Sent<SearchRequest>,
) -> Result<Reply<Box<RawValue>>> {
    let (mut record, began) = (Record::new(&app, &caller, &request), Instant::now());
    let query = request.query()?;
    let export = Export::of(&app, caller.user, &request).await?;
    let cache = Cache::of(caller.user, &object, freshness);
    let mut looked = look(&app, caller.user, &request, &cache).await?;
    record.recording = looked.recording;
    if let Some(kept) = looked.kept(&app) {
        let (id, took_ms) = (SearchId::at(record.began), record.took_ms());
        record.kept(id, &looked.databases, &kept);
        let raw = exported(&app, export, anew(&kept, id, took_ms)?, began).await?;
        return Ok(Reply::ok(raw).cached(true));
    }
    find_names(&app, &mut looked.databases, &request).await?;
    let position = request.position(caller.user, looked.databases.iter().map(|database| database.id))?;
    let time = Time::of(&app, &looked.databases, (record.began, began));
    let answer = answer(&app, &looked.databases, &request, (&query, &position), time).await;
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            record.failed(&error);
            return Err(error);
        }
    };
    if request.includes_analytics() {
        answer.trends = trends(&app, caller.user).await.ok();
    }
    let raw = to_raw_value(&answer).map_err(Error::internal)?;
    record.answered(&answer, cache.keeping(&looked.databases, &answer, &raw, app.clock.now()));
    let raw = exported(&app, export, raw, began).await?;
    Ok(Reply::ok(raw).cached(false).about(&answer.times, answer.databases.len(), answer.results.len()))
}

/// The databases that are asked: those that were named, or all. One read of the table.
async fn look(app: &App, owner: UserId, request: &SearchRequest, cache: &Cache) -> Result<Looked> {
    let looked = cache.look(app, owner, &request.databases()?).await?;
    refuse_unusable(&looked.databases)?;
    Ok(looked)
}
