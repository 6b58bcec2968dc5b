use std::collections::HashMap;
use std::time::Instant;

use futures_util::future::{join, join_all};
use serde_json::value::{RawValue, to_raw_value};
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::Database;
use shared::error::DatabaseFailure;
use shared::http::{Caller, FailedDatabase, Freshness, Reply, Sent, Stages, State, may};
use shared::id::{SearchId, UserId};
use shared::{Error, Result};

use crate::answer::{Advice, Found, Ignored, SearchAnswer, Searched, SkippedTable, result_id};
use crate::ask::{Asked, ask, failure};
use crate::cache::{Cache, Looked, anew};
use crate::categories::categorise;
use crate::correction::answer;
use crate::cursor::Position;
use crate::fetch::{Fetched, Place, fetch};
use crate::merge::{Placed, found, looked_at};
use crate::named::{find_names, refuse_unknown_names, refuse_unusable};
use crate::query::{Query, Terms};
use crate::record::Record;
use crate::request::SearchRequest;
use crate::semantic::{Ordered, order};
use crate::snippet::Shown;
use crate::trends::trends;

/// `POST /api/v1/search`
pub async fn search(
    State(app): State<App>,
    caller: Caller<may::Search>,
    freshness: Freshness,
    Sent { body: request, object }: Sent<SearchRequest>,
) -> Result<Reply<Box<RawValue>>> {
    let record = Record::new(&app, &caller, &request);
    let query = request.query()?;
    let cache = Cache::of(caller.user, &object, freshness);
    let mut looked = look(&app, caller.user, &request, &cache).await?;
    if let Some(kept) = looked.kept(&app) {
        let (id, took_ms) = (SearchId::fresh(), record.took_ms());
        record.kept(id, &looked.databases, &kept).await;
        return Ok(Reply::ok(anew(&kept, id, took_ms)?).cached(true));
    }
    find_names(&app, &mut looked.databases, &request).await?;
    let position = request.position(caller.user, looked.databases.iter().map(|database| database.id))?;
    let answer = answer(&app, &looked.databases, &request, (&query, &position), record.began).await;
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            record.failed(&error).await;
            return Err(error);
        }
    };
    if request.includes_analytics() {
        answer.trends = trends(&app, caller.user).await.ok();
    }
    let raw = to_raw_value(&answer).map_err(Error::internal)?;
    join(record.answered(&answer), cache.keep(&app, &looked.databases, &answer, &raw)).await;
    Ok(Reply::ok(raw).cached(false).stages(answer.stages))
}

/// The databases that are asked: those that were named, or all. One read of the table.
async fn look(app: &App, owner: UserId, request: &SearchRequest, cache: &Cache) -> Result<Looked> {
    let looked = cache.look(app, owner, &request.databases()?).await?;
    refuse_unusable(&looked.databases)?;
    Ok(looked)
}

/// What the databases have said.
pub struct Outcome<'a> {
    /// Those that answered.
    pub answered: Vec<&'a Database>,
    /// What they have found, in their order.
    pub asked: Vec<Asked>,
    failed: Vec<DatabaseFailure>,
    stages: Stages,
}

impl<'a> Outcome<'a> {
    /// Asks all at once. Some may fail; only when all of them do is that an error.
    pub async fn of(
        app: &App,
        databases: &'a [Database],
        request: &SearchRequest,
        query: &Query,
        position: &Position,
    ) -> Result<Self> {
        let began = Instant::now();
        let asks = databases.iter().map(|database| ask(app, database, request, query, position));
        let mut outcome =
            Self { answered: Vec::new(), asked: Vec::new(), failed: Vec::new(), stages: Stages::default() };
        for (database, result) in databases.iter().zip(join_all(asks).await) {
            match result {
                Ok(asked) => {
                    outcome.answered.push(database);
                    outcome.asked.push(asked);
                }
                Err(fault) => outcome.failed.push(failure(database, fault)),
            }
        }
        outcome.stages.ask_ms = Stages::since(began);
        if outcome.answered.is_empty() && !databases.is_empty() {
            return Err(Error::AllDatabasesFailed(outcome.failed));
        }
        // What was named may be gone since the records were written.
        let read_now = |database: &'a Database| {
            let place = outcome.answered.iter().position(|answered| answered.id == database.id);
            let read = place.and_then(|place| outcome.asked[place].read.as_ref());
            (database, read.or(database.catalogue.as_ref()))
        };
        refuse_unknown_names(databases.iter().map(read_now), request)?;
        complete(outcome.failed, request).map(|failed| Self { failed, ..outcome })
    }

    /// The page, and what is to be said about it.
    pub async fn answer(
        mut self,
        app: &App,
        request: &SearchRequest,
        (terms, position): (&Terms, &Position),
        began: Timestamp,
    ) -> Result<SearchAnswer> {
        let (mut stages, ordering) = (self.stages, Instant::now());
        let ordered = order(app, &mut self.asked, request, (terms, position)).await;
        let Ordered { placed, left_out, next, note, is_provisional } = ordered;
        stages.order_ms = Stages::since(ordering);
        let fetching = Instant::now();
        let (mut rows, lost) = fetch(&mut self.asked, &placed).await;
        stages.fetch_ms = Stages::since(fetching);
        if request.has_min_score() {
            self.leave_out(&left_out);
        }
        let mut failed = self.failed;
        failed.extend(lost.into_iter().map(|(index, fault)| failure(self.answered[index], fault)));
        let failed = complete(failed, request)?;

        let asked: Vec<&Asked> = self.asked.iter().collect();
        let mut results: Vec<Found> = placed
            .iter()
            .filter_map(|placed| result(&self.answered, &asked, placed, &mut rows, (request, terms)))
            .collect();
        let tables = || asked.iter().flat_map(|asked| &asked.tables);
        Ok(SearchAnswer {
            search_id: SearchId::fresh(),
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
            stages: Stages { databases: Some(self.answered.len()), rows: Some(placed.len()), ..stages },
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

/// What has failed, where the client takes an answer without it.
fn complete(failed: Vec<DatabaseFailure>, request: &SearchRequest) -> Result<Vec<DatabaseFailure>> {
    if failed.is_empty() || request.allows_partial() { Ok(failed) } else { Err(Error::SearchIncomplete(failed)) }
}

/// A row of the answer; nothing for one that went away between the two statements.
fn result(
    databases: &[&Database],
    asked: &[&Asked],
    placed: &Placed,
    rows: &mut HashMap<Place, Fetched>,
    (request, terms): (&SearchRequest, &Terms),
) -> Option<Found> {
    let Fetched { key, data } = rows.remove(&(placed.database, placed.table, placed.hit))?;
    let (database, (table, hit)) = (databases[placed.database], found(asked, placed));
    let (shown, style) = (Shown::new(&hit.texts, terms), request.highlight());
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
    let mut advice: Vec<Advice> = asked.iter().flat_map(|asked| asked.advice.clone()).collect();
    if databases.is_empty() {
        advice.push(Advice::no_databases());
    }
    advice.extend(note);
    advice
}

fn ignored(databases: &[&Database], asked: &[&Asked]) -> Vec<Ignored> {
    let each = databases.iter().zip(asked);
    each.flat_map(|(database, asked)| asked.demoted.iter().map(|word| Ignored::new(database.id, word.clone())))
        .collect()
}
