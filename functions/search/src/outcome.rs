//! What the databases of a search have said, and the answer that it makes.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::{join, join_all};
use shared::app::App;
use shared::databases::{Database, Fault, Language, Reason, reserve};
use shared::error::DatabaseFailure;
use shared::http::FailedDatabase;
use shared::id::SearchId;
use shared::{Error, Result};
use tokio::time::Instant;

use crate::answer::{Advice, Found, Ignored, SearchAnswer, Searched, SkippedTable};
use crate::ask::{Asked, ask, failure};
use crate::categories::categorise;
use crate::cursor::Position;
use crate::fetch::{Fetched, Place, fetch, result_id};
use crate::merge::{Placed, found, looked_at};
use crate::named::refuse_unknown_names;
use crate::query::{Finder, Query, Terms};
use crate::request::SearchRequest;
use crate::semantic::{Ordered, order};
use crate::snippet::Shown;
use crate::stopwatch::{timed, times};
use crate::time::Time;

/// What the databases have said.
pub struct Outcome<'a> {
    /// Those that answered.
    pub answered: Vec<&'a Database>,
    /// What they have found, in their order.
    pub asked: Vec<Asked>,
    failed: Vec<DatabaseFailure>,
    /// Those that have not answered in time, and are still told to stop.
    late: Vec<Asking<'a>>,
}

/// A database that is being asked.
type Asking<'a> = Pin<Box<dyn Future<Output = Result<Asked, Fault>> + Send + 'a>>;

impl<'a> Outcome<'a> {
    /// Asks all at once. Some may fail; only when all of them do is that an error. One that has not answered by then leaves the
    /// others enough of the time for their rows.
    pub async fn of(
        app: &'a App,
        databases: &[&'a Database],
        request: &'a SearchRequest,
        (query, position): (&'a Query, &'a Position),
        ends: Instant,
    ) -> Result<Self> {
        let asks = databases.iter().map(|database| {
            let left = ends.saturating_duration_since(Instant::now());
            let time = app.connector.time_for(&database.settings).min(left);
            in_time(Box::pin(ask(app, database, request, (query, position), time)), time.saturating_sub(reserve(time)))
        });
        let (answered, asked, failed, late) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut outcome = Self { answered, asked, failed, late };
        for (database, (result, late)) in databases.iter().zip(join_all(asks).await) {
            outcome.late.extend(late);
            match result {
                Ok(asked) => {
                    outcome.answered.push(database);
                    outcome.asked.push(asked);
                }
                Err(fault) => outcome.failed.push(failure(database, fault)),
            }
        }
        if outcome.answered.is_empty() && !databases.is_empty() {
            join_all(outcome.late).await;
            return Err(Error::AllDatabasesFailed(outcome.failed));
        }
        // What was named may be gone since the records were written.
        let read_now = |database: &'a Database| {
            let place = outcome.answered.iter().position(|answered| answered.id == database.id);
            let read = place.and_then(|place| outcome.asked[place].read.as_ref());
            (database, read.or(database.catalogue.as_ref()))
        };
        refuse_unknown_names(databases.iter().copied().map(read_now), request)?;
        let Self { answered, asked, failed, late } = outcome;
        match complete(failed, request) {
            Ok(failed) => Ok(Self { answered, asked, failed, late }),
            Err(incomplete) => {
                join_all(late).await;
                Err(incomplete)
            }
        }
    }

    /// The languages of those that answered, each once; English where there is none.
    pub fn languages(&self) -> Vec<Language> {
        let mut languages = Vec::new();
        for asked in &self.asked {
            if !languages.contains(&asked.language) {
                languages.push(asked.language);
            }
        }
        if languages.is_empty() { vec![Language::English] } else { languages }
    }

    /// The page, and what is to be said about it. Meanwhile those that are late are told to stop.
    pub async fn answer(
        mut self,
        app: &App,
        request: &SearchRequest,
        (terms, position): (&Terms, &Position),
        time: Time,
    ) -> Result<SearchAnswer> {
        let late = join_all(std::mem::take(&mut self.late));
        join(self.page(app, request, (terms, position), time), late).await.0
    }

    async fn page(
        mut self,
        app: &App,
        request: &SearchRequest,
        (terms, position): (&Terms, &Position),
        Time { began, ends }: Time,
    ) -> Result<SearchAnswer> {
        let (ordered, order_ms) = timed(order(app, &mut self.asked, request, (terms, position))).await;
        let Ordered { placed, left_out, next, note, is_provisional } = ordered;
        let ((mut rows, lost), fetch_ms) = timed(fetch(&mut self.asked, &placed, ends)).await;
        if request.has_min_score() {
            self.leave_out(&left_out);
        }
        let mut failed = self.failed;
        failed.extend(lost.into_iter().map(|(index, fault)| failure(self.answered[index], fault)));
        let failed = complete(failed, request)?;

        let asked: Vec<&Asked> = self.asked.iter().collect();
        let mut finder = terms.finder();
        let mut results: Vec<Found> = placed
            .iter()
            .filter_map(|placed| result(&self.answered, &asked, placed, &mut rows, (request, &mut finder)))
            .collect();
        let tables = || asked.iter().flat_map(|asked| &asked.tables);
        Ok(SearchAnswer {
            search_id: SearchId::at(began),
            categories: categorise(&mut results),
            results,
            suggestions: Vec::new(),
            corrected_query: None,
            original_query: None,
            trends: None,
            query_optimization: advice(&self.answered, &asked, note),
            ignored_terms: ignored(&self.answered, &asked),
            total_count: tables().map(|table| table.total).sum(),
            total_relation: if tables().all(|table| table.total_is_exact) { "exact" } else { "estimate" },
            facets: request.facets().answer(&asked),
            skipped_tables: asked.iter().flat_map(|asked| SkippedTable::all(asked)).collect(),
            next_cursor: next.map(|next| next.cursor()),
            execution_time: u64::try_from(app.clock.now().since(began).as_millis()).unwrap_or(u64::MAX),
            page: position.passed / request.limit() + 1,
            limit: request.limit(),
            databases: self
                .answered
                .iter()
                .zip(&asked)
                .filter(|(database, _)| failed.iter().all(|lost| lost.database != database.id))
                .map(|(database, asked)| searched(database, asked))
                .collect(),
            partial: !failed.is_empty(),
            failed_databases: failed.iter().map(FailedDatabase::from).collect(),
            is_provisional,
            times: times(&asked, order_ms, fetch_ms),
            passed: position.passed as u64,
        })
    }

    /// Takes rows of too low a score out of the totals. What was not looked at may be as low: then a total is the most that
    /// there can be.
    fn leave_out(&mut self, left_out: &[Vec<u64>]) {
        for (asked, left_out) in self.asked.iter_mut().zip(left_out) {
            for (table, left_out) in asked.tables.iter_mut().zip(left_out) {
                let unseen = table.total.saturating_sub(looked_at(table));
                table.total = table.total.saturating_sub(*left_out);
                table.total_is_exact &= unseen == 0;
            }
        }
    }
}

/// What a database says in so much time; after that, that it said nothing, and what is still going on.
async fn in_time(mut asking: Asking<'_>, patience: Duration) -> (Result<Asked, Fault>, Option<Asking<'_>>) {
    match tokio::time::timeout(patience, &mut asking).await {
        Ok(said) => (said, None),
        Err(_late) => (Err(Reason::Timeout.alone()), Some(asking)),
    }
}

/// What has failed, where the client takes an answer without it.
fn complete(failed: Vec<DatabaseFailure>, request: &SearchRequest) -> Result<Vec<DatabaseFailure>> {
    if failed.is_empty() || request.allows_partial() { Ok(failed) } else { Err(Error::SearchIncomplete(failed)) }
}

/// A row of the answer; nothing for one that went away between the two statements.
fn result<'a>(
    databases: &[&Database],
    asked: &[&'a Asked],
    placed: &Placed,
    rows: &mut HashMap<Place, Fetched>,
    (request, finder): (&SearchRequest, &mut Finder<'a>),
) -> Option<Found> {
    let Fetched { key, data } = rows.remove(&(placed.database, placed.table, placed.hit))?;
    let (database, (table, hit)) = (databases[placed.database], found(asked, placed));
    let (shown, style) = (Shown::new(&hit.texts, finder, asked[placed.database].language), request.highlight());
    let columns = &table.plan.columns;
    let highlights = style.filter(|style| style.shows_columns()).map(|style| {
        let passages = shown.matched().iter().filter_map(|column| Some((*column, shown.highlight(*column, style)?)));
        passages.map(|(column, passage)| (columns[column].to_string(), passage.into())).collect()
    });
    Some(Found {
        id: result_id(database.id, &table.plan.table.name, &key),
        table: table.plan.table.name.clone(),
        database: database.id,
        database_name: database.settings.name.as_str().to_owned(),
        primary_key: key,
        relevance_score: placed.score,
        matched_columns: shown.matched().iter().map(|column| columns[*column].clone()).collect(),
        explanation: placed.explanation.clone(),
        data,
        snippet: shown.snippet(style),
        highlights,
        categories: Vec::new(),
    })
}

fn searched(database: &Database, asked: &Asked) -> Searched {
    Searched {
        id: database.id,
        name: database.settings.name.as_str().to_owned(),
        total_count: asked.tables.iter().map(|table| table.total).sum(),
        execution_time: asked.took.as_millis(),
    }
}

fn advice(databases: &[&Database], asked: &[&Asked], note: Option<Advice>) -> Vec<Advice> {
    let of_databases = asked.iter().flat_map(|asked| asked.advice.clone());
    of_databases.chain(databases.is_empty().then(Advice::no_databases)).chain(note).collect()
}

fn ignored(databases: &[&Database], asked: &[&Asked]) -> Vec<Ignored> {
    let each = databases.iter().zip(asked);
    each.flat_map(|(database, asked)| asked.demoted.iter().map(|word| Ignored::new(database.id, word.clone())))
        .collect()
}
