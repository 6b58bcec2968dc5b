use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde::Serialize;
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::{Database, Fault, Pulse, Reason, Status, pulse};
use shared::http::{Caller, FaultView, Owned, Reply, State, may};
use shared::id::DatabaseId;
use shared::{Error, Result};

/// Above this an answering server is called degraded: a person waits noticeably for each of several statements.
const SLOW: Duration = Duration::from_secs(1);

/// How a connection does.
#[derive(Serialize)]
pub struct StatusAnswer {
    status: StatusView,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusView {
    /// `healthy`; `degraded` where it is slow or nearly out of connections; `unhealthy` where it does not answer.
    overall: &'static str,
    connection: ConnectionView,
    last_tested: Timestamp,
    error: Option<FaultView>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionView {
    connected: bool,
    active_connections: Option<u64>,
    max_connections: Option<u64>,
    /// Milliseconds.
    response_time: u128,
}

/// `GET /api/v1/databases/status`: which of them answer. All are asked at once, and each has its own deadline.
pub async fn all(
    State(app): State<App>,
    caller: Caller<may::ManageDatabases>,
) -> Result<Reply<BTreeMap<DatabaseId, bool>>> {
    let databases = app.databases.list(caller.user).await?;
    let asked =
        databases.iter().map(|database| async { (database.id, feel(&app, database).await.is_ok_and(|it| it.is_ok())) });
    Ok(Reply::ok(join_all(asked).await.into_iter().collect()))
}

/// `GET /api/v1/databases/{connectionId}/status`
pub async fn one(State(app): State<App>, Owned(database): Owned<Database>) -> Result<Reply<StatusAnswer>> {
    let began = Instant::now();
    let felt = feel(&app, &database).await?;
    Ok(Reply::ok(StatusAnswer { status: StatusView::new(&felt, began.elapsed(), app.clock.now()) }))
}

/// Asks a database how it does, and notes whether it answered.
async fn feel(app: &App, database: &Database) -> Result<Result<Pulse, Fault>> {
    if !database.active {
        return Ok(Err(Reason::Inactive.alone()));
    }
    let credentials = database.open_credentials(&app.vault).await?;
    let felt = pulse(&app.connector, database.target(&credentials)).await;
    let status = if felt.is_ok() { Status::Connected } else { Status::Error };
    match app.databases.note_test(database, status, app.clock.now()).await {
        // It was removed while it was asked. What it said is true all the same.
        Ok(()) | Err(Error::NotFound(_)) => Ok(felt),
        Err(error) => Err(error),
    }
}

impl StatusView {
    fn new(felt: &Result<Pulse, Fault>, took: Duration, now: Timestamp) -> Self {
        let overall = match felt {
            Err(_) => "unhealthy",
            Ok(pulse) if took > SLOW || pulse.is_nearly_full() => "degraded",
            Ok(_) => "healthy",
        };
        let pulse = felt.as_ref().ok();
        let connection = ConnectionView {
            connected: felt.is_ok(),
            active_connections: pulse.map(|pulse| pulse.active_connections),
            max_connections: pulse.map(|pulse| pulse.max_connections),
            response_time: took.as_millis(),
        };
        Self { overall, connection, last_tested: now, error: felt.as_ref().err().map(FaultView::from) }
    }
}
