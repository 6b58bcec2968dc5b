//! What of a search goes into its owner's history: every one that was understood, however it ended.

use shared::Error;
use shared::analytics::{Outcome, SearchEvent};
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::Database;
use shared::http::{Caller, FailedDatabase, may};
use shared::id::SearchId;
use shared::results::KeptResult;

use crate::answer::SearchAnswer;
use crate::request::SearchRequest;

/// A search that is going on.
pub struct Record<'a> {
    app: &'a App,
    caller: &'a Caller<may::Search>,
    request: &'a SearchRequest,
    /// When it began.
    pub began: Timestamp,
}

impl<'a> Record<'a> {
    /// One that begins now.
    pub fn new(app: &'a App, caller: &'a Caller<may::Search>, request: &'a SearchRequest) -> Self {
        Self { app, caller, request, began: app.clock.now() }
    }

    /// How many milliseconds it has taken so far.
    pub fn took_ms(&self) -> u64 {
        u64::try_from(self.app.clock.now().since(self.began).as_millis()).unwrap_or(u64::MAX)
    }

    /// That it was answered by the databases.
    pub async fn answered(&self, answer: &SearchAnswer) {
        let event = SearchEvent {
            databases: answer.databases.iter().map(|database| database.id).collect(),
            failed: answer.failed_databases.iter().map(FailedDatabase::id).collect(),
            matches: answer.total_count,
            returned: answer.results.len() as u64,
            duration_ms: answer.execution_time,
            outcome: if answer.partial { Outcome::Partial } else { Outcome::Complete },
            ..self.event(answer.search_id)
        };
        self.app.analytics.record(&event).await;
    }

    /// That it was answered with what had been kept.
    pub async fn kept(&self, id: SearchId, databases: &[Database], kept: &KeptResult) {
        let event = SearchEvent {
            databases: databases.iter().map(|database| database.id).collect(),
            matches: kept.matches,
            returned: kept.returned,
            cached: true,
            ..self.event(id)
        };
        self.app.analytics.record(&event).await;
    }

    /// That databases have failed, and with them the search. What we ourselves could not do is in the log.
    pub async fn failed(&self, error: &Error) {
        let (Error::AllDatabasesFailed(failures) | Error::SearchIncomplete(failures)) = error else { return };
        let failed = failures.iter().map(|failure| failure.database).collect();
        let event = SearchEvent { failed, outcome: Outcome::Failed, ..self.event(SearchId::fresh()) };
        self.app.analytics.record(&event).await;
    }

    fn event(&self, id: SearchId) -> SearchEvent {
        SearchEvent {
            id,
            owner: self.caller.user,
            key: self.caller.via.key(),
            query: self.request.text().to_owned(),
            mode: self.request.mode(),
            databases: Vec::new(),
            failed: Vec::new(),
            matches: 0,
            returned: 0,
            duration_ms: self.took_ms(),
            outcome: Outcome::Complete,
            cached: false,
            at: self.began,
        }
    }
}
