//! What of a search goes into its owner's history: every one that was understood, however it ended.

use futures_util::future::{OptionFuture, join};
use shared::Error;
use shared::analytics::{Fingerprint, Outcome, Recording, SearchEvent, Times};
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::Database;
use shared::http::{Caller, FailedDatabase, may};
use shared::id::SearchId;
use shared::results::KeptResult;

use crate::answer::SearchAnswer;
use crate::cache::Keeping;
use crate::request::SearchRequest;

/// The most rows of a page that can be told of later. A page has no more.
const RESULTS_MAX: usize = 100;

/// A search that is going on.
pub struct Record<'a> {
    app: &'a App,
    caller: &'a Caller<may::Search>,
    request: &'a SearchRequest,
    /// When it began.
    pub began: Timestamp,
    /// What its owner wants kept of it.
    pub recording: Recording,
}

impl<'a> Record<'a> {
    /// One that begins now.
    pub fn new(app: &'a App, caller: &'a Caller<may::Search>, request: &'a SearchRequest) -> Self {
        Self { app, caller, request, began: app.clock.now(), recording: Recording::default() }
    }

    /// How many milliseconds it has taken so far.
    pub fn took_ms(&self) -> u64 {
        u64::try_from(self.app.clock.now().since(self.began).as_millis()).unwrap_or(u64::MAX)
    }

    /// That it was answered by the databases, with what is to be kept of the answer. Nobody waits for it.
    pub fn answered(&self, answer: &SearchAnswer, keeping: Option<Keeping>) {
        let event = SearchEvent {
            databases: answer.databases.iter().map(|database| database.id).collect(),
            failed: answer.failed_databases.iter().map(FailedDatabase::id).collect(),
            matches: answer.total_count,
            returned: answer.results.len() as u64,
            duration_ms: answer.execution_time,
            outcome: if answer.partial { Outcome::Partial } else { Outcome::Complete },
            times: answer.times.clone(),
            results: answer.results.iter().take(RESULTS_MAX).map(|row| Fingerprint::of(&row.id)).collect(),
            passed: answer.passed,
            ..self.event(answer.search_id)
        };
        self.put(event, keeping);
    }

    /// That it was answered with what had been kept.
    pub fn kept(&self, id: SearchId, databases: &[Database], kept: &KeptResult) {
        let event = SearchEvent {
            databases: databases.iter().map(|database| database.id).collect(),
            matches: kept.matches,
            returned: kept.returned,
            results: kept.results.clone(),
            passed: kept.passed,
            cached: true,
            ..self.event(id)
        };
        self.put(event, None);
    }

    /// That databases have failed, and with them the search. What we ourselves could not do is in the log.
    pub fn failed(&self, error: &Error) {
        let (Error::AllDatabasesFailed(failures) | Error::SearchIncomplete(failures)) = error else { return };
        let failed = failures.iter().map(|failure| failure.database).collect();
        let event = SearchEvent { failed, outcome: Outcome::Failed, ..self.event(SearchId::at(self.began)) };
        self.put(event, None);
    }

    fn put(&self, event: SearchEvent, keeping: Option<Keeping>) {
        let app = self.app.clone();
        let work = Box::pin(async move {
            let keep = OptionFuture::from(keeping.map(|keeping| keeping.keep(&app)));
            join(app.analytics.record(&event), keep).await;
        });
        self.app.background.run("a search is recorded", work);
    }

    fn event(&self, id: SearchId) -> SearchEvent {
        SearchEvent {
            id,
            owner: self.caller.user,
            key: self.caller.via.key(),
            query: self.recording.record_query_text.then(|| self.request.text().to_owned()),
            mode: self.request.mode(),
            databases: Vec::new(),
            failed: Vec::new(),
            matches: 0,
            returned: 0,
            duration_ms: self.took_ms(),
            outcome: Outcome::Complete,
            cached: false,
            at: self.began,
            times: Times::default(),
            results: Vec::new(),
            passed: 0,
            clicks: Vec::new(),
            rating: None,
            kept_until: self.began.plus(self.recording.retention_days.span()),
        }
    }
}
