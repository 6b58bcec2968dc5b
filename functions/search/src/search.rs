use std::collections::HashMap;

use futures_util::future::join_all;
use shared::analytics::{SearchEvent, SearchMode};
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::{Database, Fault};
use shared::error::{DatabaseFailure, Invalid, InvalidKind, Resource};
use shared::http::{Body, Caller, FailedDatabase, Reply, State, may};
use shared::id::{SearchId, UserId};
use shared::{Error, Result};

use crate::answer::{Advice, Found, Ignored, SearchAnswer, Searched, SkippedTable, result_id};
use crate::ask::{Asked, ask, read_again};
use crate::cursor::Position;
use crate::fetch::{Fetched, Place, fetch};
use crate::fields::check;
use crate::merge::{self, Page, Placed, corpus, found};
use crate::plan::{Unknown, unknown_name};
use crate::query::{Query, Terms};
use crate::request::{SearchRequest, check_number_of_databases};
use crate::snippet::snippet;
use crate::sort;

/// `POST /api/v1/search`
pub async fn search(
    State(app): State<App>,
    caller: Caller<may::Search>,
    Body(request): Body<SearchRequest>,
) -> Result<Reply<SearchAnswer>> {
    let began = app.clock.now();
    let query = request.query()?;
    let databases = databases(&app, caller.user, &request).await?;
    let searched = request.searched(caller.user, databases.iter().map(|database| database.id));
    let position = request.position(&searched)?;
    let outcome = Outcome::of(&app, &databases, &request, &query, &position).await?;
    let answer = outcome.answer(&app, &request, &query.terms(), (&position, &searched), began).await;
    app.analytics.record(&event(&caller, &request, &answer, began)).await;
    Ok(Reply::ok(answer))
}

/// The databases that are asked: those that were named, or all. One read of the table; where a name is unknown, also a
/// read of their schemas.
async fn databases(app: &App, owner: UserId, request: &SearchRequest) -> Result<Vec<Database>> {
    let named = request.databases()?;
    let mut databases = if named.is_empty() {
        let all = app.databases.list(owner).await?;
        all.into_iter().filter(|database| database.active).collect()
    } else {
        app.databases.get_all(owner, &named).await?
    };
    if databases.iter().any(|database| !database.active) {
        return Err(Error::NotFound(Resource::SearchedDatabase));
    }
    check_number_of_databases(databases.len())?;
    if refuse_unknown_names(&databases, request).is_err() {
        // A table or column may be newer than what the records say.
        read_again(app, &mut databases).await;
        refuse_unknown_names(&databases, request)?;
    }
    Ok(databases)
}

/// A name that no database has is a mistake of the client's. Where a schema is not known yet, it may still be there.
fn refuse_unknown_names(databases: &[Database], request: &SearchRequest) -> Result<()> {
    let catalogues = databases.iter().filter_map(|database| database.catalogue.as_ref());
    if databases.is_empty() || catalogues.clone().count() < databases.len() {
        return Ok(());
    }
    let (field, what, name) = match unknown_name(&catalogues, request) {
        None => return Ok(check(databases, request)?),
        Some(Unknown::Table(name)) => ("tables", "table", name),
        Some(Unknown::Column(name)) => ("columns", "column", name),
    };
    Err(Invalid::new(field, InvalidKind::Choice, format!("none of the databases has a {what} named {name:?}")).into())
}

/// What the databases have said.
struct Outcome<'a> {
    answered: Vec<&'a Database>,
    asked: Vec<Asked>,
    failed: Vec<DatabaseFailure>,
}

impl<'a> Outcome<'a> {
    /// Asks all at once. Some may fail; only when all of them do is that an error.
    async fn of(
        app: &App,
        databases: &'a [Database],
        request: &SearchRequest,
        query: &Query,
        position: &Position,
    ) -> Result<Self> {
        let asks = databases.iter().map(|database| ask(app, database, request, query, position));
        let mut outcome = Self { answered: Vec::new(), asked: Vec::new(), failed: Vec::new() };
        for (database, result) in databases.iter().zip(join_all(asks).await) {
            match result {
                Ok(asked) => {
                    outcome.answered.push(database);
                    outcome.asked.push(asked);
                }
                Err(fault) => outcome.failed.push(failure(database, fault)),
            }
        }
        if outcome.answered.is_empty() && !databases.is_empty() {
            return Err(Error::AllDatabasesFailed(outcome.failed));
        }
        Ok(outcome)
    }

    async fn answer(
        mut self,
        app: &App,
        request: &SearchRequest,
        terms: &Terms,
        (position, searched_for): (&Position, &str),
        began: Timestamp,
    ) -> SearchAnswer {
        let found: Vec<&Asked> = self.asked.iter().collect();
        let Page { rows: placed, next } = page(&found, request, terms, position);
        let (mut rows, lost) = fetch(&mut self.asked, &placed).await;
        let mut failed = self.failed;
        failed.extend(lost.into_iter().map(|(index, fault)| failure(self.answered[index], fault)));

        let asked: Vec<&Asked> = self.asked.iter().collect();
        let results =
            placed.iter().filter_map(|placed| result(&self.answered, &asked, placed, &mut rows, terms)).collect();
        let tables = || asked.iter().flat_map(|asked| &asked.tables);
        SearchAnswer {
            search_id: SearchId::fresh(),
            results,
            categories: Vec::new(),
            suggestions: Vec::new(),
            query_optimization: advice(&self.answered, &asked, request),
            ignored_terms: ignored(&self.answered, &asked),
            total_count: tables().map(|table| table.total).sum(),
            total_relation: if tables().all(|table| table.total_is_exact) { "exact" } else { "estimate" },
            facets: request.facets().answer(&asked),
            skipped_tables: asked.iter().flat_map(|asked| SkippedTable::all(asked)).collect(),
            next_cursor: next.map(|next| next.cursor(searched_for)),
            execution_time: u64::try_from(app.clock.now().since(began).as_millis()).unwrap_or(u64::MAX),
            page: position.passed / request.limit() + 1,
            limit: request.limit(),
            databases: self
                .answered
                .iter()
                .zip(&asked)
                .filter(|(database, _)| failed.iter().all(|lost| lost.database != database.id))
                .map(|(database, asked)| answered(database, asked))
                .collect(),
            partial: !failed.is_empty(),
            failed_databases: failed.iter().map(FailedDatabase::from).collect(),
        }
    }
}

/// The page in the order that was asked for.
fn page(asked: &[&Asked], request: &SearchRequest, terms: &Terms, position: &Position) -> Page {
    let (weights, limit) = (request.weights(), request.limit());
    if request.sort().is_by_relevance() {
        return merge::page(asked, terms, &weights, position, limit);
    }
    sort::page(asked, (terms, &corpus(asked), &weights), request.sort().keys(), position, limit)
}

fn failure(database: &Database, fault: Fault) -> DatabaseFailure {
    DatabaseFailure { database: database.id, name: database.settings.name.as_str().to_owned(), fault }
}

/// A row of the answer; nothing for one that went away between the two statements.
fn result(
    databases: &[&Database],
    asked: &[&Asked],
    placed: &Placed,
    rows: &mut HashMap<Place, Fetched>,
    terms: &Terms,
) -> Option<Found> {
    let Fetched { key, data } = rows.remove(&(placed.database, placed.table, placed.hit))?;
    let (database, (table, hit)) = (databases[placed.database], found(asked, placed));
    let texts = match placed.matched_columns.as_slice() {
        [] => hit.texts.iter().map(String::as_str).collect::<Vec<_>>(),
        matched => matched.iter().map(|column| hit.texts[*column].as_str()).collect(),
    };
    Some(Found {
        id: result_id(database.id, &table.plan.table.name, &key),
        table: table.plan.table.name.clone(),
        database: database.id,
        database_name: database.settings.name.as_str().to_owned(),
        primary_key: key,
        relevance_score: placed.score,
        matched_columns: placed.matched_columns.iter().map(|column| table.plan.columns[*column].clone()).collect(),
        data,
        snippet: snippet(&texts, terms),
        categories: Vec::new(),
    })
}

fn answered(database: &Database, asked: &Asked) -> Searched {
    Searched {
        id: database.id,
        name: database.settings.name.as_str().to_owned(),
        total_count: asked.tables.iter().map(|table| table.total).sum(),
        execution_time: asked.took.as_millis(),
    }
}

fn advice(databases: &[&Database], asked: &[&Asked], request: &SearchRequest) -> Vec<Advice> {
    let mut advice: Vec<Advice> = asked.iter().flat_map(|asked| asked.advice.clone()).collect();
    if databases.is_empty() {
        advice.push(Advice::no_databases());
    }
    if request.mode() == SearchMode::Semantic {
        advice.push(Advice::no_semantics());
    }
    advice
}

fn ignored(databases: &[&Database], asked: &[&Asked]) -> Vec<Ignored> {
    let each = databases.iter().zip(asked);
    each.flat_map(|(database, asked)| asked.demoted.iter().map(|word| Ignored::new(database.id, word.clone())))
        .collect()
}

fn event(
    caller: &Caller<may::Search>,
    request: &SearchRequest,
    answer: &SearchAnswer,
    began: Timestamp,
) -> SearchEvent {
    SearchEvent {
        id: answer.search_id,
        owner: caller.user,
        key: caller.via.key(),
        query: request.text().to_owned(),
        mode: request.mode(),
        databases: answer.databases.iter().map(|database| database.id).collect(),
        failed: answer.failed_databases.iter().map(FailedDatabase::id).collect(),
        matches: answer.total_count,
        returned: answer.results.len() as u64,
        duration_ms: answer.execution_time,
        at: began,
    }
}
