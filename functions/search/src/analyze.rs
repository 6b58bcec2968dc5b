mod step;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use futures_util::future::join_all;
use mysql_async::{Params, Value as Sql};
use serde::Serialize;
use shared::app::App;
use shared::databases::{Connection, Database, Fault, Ident, Sample, advise};
use shared::error::{DatabaseFailure, Invalid, InvalidKind};
use shared::http::{Body, Caller, FailedDatabase, Reply, State, may};
use shared::id::DatabaseId;
use shared::{Error, Result};

use crate::answer::{Advice, Ignored};
use crate::ask::{Asked, TableHits, ask, failure};
use crate::cursor::Position;
use crate::named::databases;
use crate::query::Query;
use crate::request::SearchRequest;
use step::{Step, text_of};

/// The most advice about one database.
const ADVICE_MAX: usize = 20;

/// How a search would be answered, and what would make it better.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    query: String,
    /// What to do, in sentences.
    recommendations: Vec<String>,
    /// By the id of the database.
    performance: BTreeMap<String, Performance>,
    /// The same as `queryOptimization` of a search, and what else is to be said about the tables that it asks.
    optimization: Vec<Advice>,
    failed_databases: Vec<FailedDatabase>,
}

/// What one database does for the search.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Performance {
    database_name: String,
    /// Milliseconds for everything, the way to the server included.
    execution_time: f64,
    /// Milliseconds for the statements of one table, on average.
    avg_time: f64,
    /// How many rows match.
    total_count: u64,
    /// What stands in `@altus4_query` at the end: the query in the words of MySQL's boolean mode. None where no index of
    /// words was asked.
    boolean_query: Option<String>,
    ignored_terms: Vec<Ignored>,
    tables: Vec<TablePerformance>,
}

/// What one table does.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TablePerformance {
    table: Ident,
    columns: Vec<Ident>,
    /// The FULLTEXT indexes that it could be asked by. Small tables are read row by row where these do not hold a word.
    indexes: Vec<Ident>,
    /// Whether all of these are what the server uses.
    uses_index: bool,
    /// The server's estimate of the rows that the table has, and the most that it expects to read in one step.
    table_rows: u64,
    estimated_rows: u64,
    matches: u64,
    matches_relation: &'static str,
    /// Milliseconds.
    execution_time: f64,
    /// The statement. It is ours; the query is a value in it.
    statement: String,
    plan: Vec<Step>,
}

/// `POST /api/v1/search/analyze`: runs and explains the statements of a search. Text that looks like SQL is text to search
/// for, here as everywhere.
pub async fn analyze(
    State(app): State<App>,
    caller: Caller<may::AnalyzeSearches>,
    Body(request): Body<SearchRequest>,
) -> Result<Reply<Analysis>> {
    let query = request.query()?;
    if request.databases()?.is_empty() {
        return Err(Invalid::new("databases", InvalidKind::TooSmall, "must name at least one database").into());
    }
    let databases = databases(&app, caller.user, &request).await?;
    let position = request.position(caller.user, databases.iter().map(|database| database.id))?;
    let looks = databases.iter().map(|database| look(&app, database, &request, (&query, &position)));
    let looks = join_all(looks).await;
    let mut analysis = Analysis::of(request.text());
    let mut failed = Vec::new();
    for (database, look) in databases.iter().zip(looks) {
        match look {
            Ok((performance, advice)) => analysis.add(database.id, performance, advice),
            Err(fault) => failed.push(failure(database, fault)),
        }
    }
    analysis.finish(failed).map(Reply::ok)
}

/// Asks a database as a search does, and has each statement explained on the same connection.
async fn look(
    app: &App,
    database: &Database,
    request: &SearchRequest,
    (query, position): (&Query, &Position),
) -> Result<(Performance, Vec<Advice>), Fault> {
    let mut asked = ask(app, database, request, (query, position), app.connector.time_for(&database.settings)).await?;
    let (mut tables, mut boolean_query) = (Vec::new(), None);
    if let Some(mut connection) = asked.connection.take() {
        boolean_query = text_of(connection.rows("SELECT @altus4_query AS q", Params::Empty).await?.first(), "q");
        boolean_query = boolean_query.filter(|text| !text.is_empty());
        for found in &asked.tables {
            tables.push(TablePerformance::read(&mut connection, found).await?);
        }
        connection.close().await;
    }
    let advice = advice(database, &asked);
    let times = tables.iter().map(|table| table.execution_time).sum::<f64>();
    let performance = Performance {
        database_name: database.settings.name.as_str().to_owned(),
        execution_time: milliseconds(asked.took),
        avg_time: times / f64::from(u32::try_from(tables.len().max(1)).unwrap_or(1)),
        total_count: asked.tables.iter().map(|table| table.total).sum(),
        boolean_query,
        ignored_terms: asked.demoted.into_iter().map(|word| Ignored::new(database.id, word)).collect(),
        tables,
    };
    Ok((performance, advice))
}

impl TablePerformance {
    async fn read(connection: &mut Connection, found: &TableHits) -> Result<Self, Fault> {
        let (statement, values) = found.said.clone();
        // The format has a name because servers differ in what they give without one; this one is the same on all.
        let steps = connection.rows(&format!("EXPLAIN FORMAT=TRADITIONAL {statement}"), positional(values)).await?;
        let plan: Vec<Step> = steps.iter().map(Step::of).collect();
        let indexes: Vec<Ident> = found.plan.indexes.iter().map(|index| index.name.clone()).collect();
        let is_used = |index: &Ident| plan.iter().any(|step| step.is_by(index));
        Ok(Self {
            table: found.plan.table.name.clone(),
            columns: found.plan.columns.clone(),
            uses_index: !indexes.is_empty() && indexes.iter().all(is_used),
            indexes,
            table_rows: found.plan.table.estimated_rows,
            estimated_rows: plan.iter().filter_map(|step| step.rows).max().unwrap_or(0),
            matches: found.total,
            matches_relation: if found.total_is_exact { "exact" } else { "estimate" },
            execution_time: milliseconds(found.took),
            statement,
            plan,
        })
    }
}

impl Analysis {
    fn of(query: &str) -> Self {
        Self {
            query: query.to_owned(),
            recommendations: Vec::new(),
            performance: BTreeMap::new(),
            optimization: Vec::new(),
            failed_databases: Vec::new(),
        }
    }

    fn add(&mut self, database: DatabaseId, performance: Performance, advice: Vec<Advice>) {
        self.recommendations.extend(performance.recommendations());
        self.recommendations.extend(advice.iter().map(|advice| advice.description().to_owned()));
        self.optimization.extend(advice);
        self.performance.insert(database.to_string(), performance);
    }

    /// Some may fail; only when all of them do is that an error.
    fn finish(mut self, failed: Vec<DatabaseFailure>) -> Result<Self> {
        if self.performance.is_empty() {
            return Err(Error::AllDatabasesFailed(failed));
        }
        self.failed_databases = failed.iter().map(FailedDatabase::from).collect();
        let mut told = HashSet::new();
        self.recommendations.retain(|sentence| told.insert(sentence.clone()));
        Ok(self)
    }
}

impl Performance {
    fn recommendations(&self) -> Vec<String> {
        let name = &self.database_name;
        let mut sentences: Vec<String> =
            self.ignored_terms.iter().map(|ignored| format!("{name}: {}", ignored.sentence())).collect();
        for table in self.tables.iter().filter(|table| !table.uses_index) {
            sentences.push(format!("{name}: {} is read row by row and not by a FULLTEXT index", table.table));
        }
        if self.tables.is_empty() {
            sentences.push(format!("{name}: no table is asked, because none can be, or no word is in an index"));
        } else if self.total_count == 0 {
            sentences.push(format!("{name}: nothing matches; fewer or other words may"));
        }
        sentences
    }
}

/// What a search says, and what the adviser says of the tables that it asks and of the server.
fn advice(database: &Database, asked: &Asked) -> Vec<Advice> {
    let is_asked = |table: &Ident| asked.tables.iter().any(|found| found.plan.table.name == *table);
    let known = database.catalogue.iter().flat_map(|catalogue| advise(catalogue, &Sample::default()));
    let more = known.filter(|one| one.table.as_ref().is_none_or(is_asked)).map(Advice::from);
    let mut advice = asked.advice.clone();
    for one in more {
        if !advice.iter().any(|known| known.is_as(&one)) {
            advice.push(one);
        }
    }
    advice.truncate(ADVICE_MAX);
    advice
}

/// The driver takes no empty list.
fn positional(values: Vec<Sql>) -> Params {
    if values.is_empty() { Params::Empty } else { Params::Positional(values) }
}

/// To the hundredth.
fn milliseconds(span: Duration) -> f64 {
    (100_000.0 * span.as_secs_f64()).round() / 100.0
}
