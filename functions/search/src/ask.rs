//! Asks one database: a connection, a statement a table, and the candidates it brings.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mysql_async::{Row, Value as Sql};
use shared::app::App;
use shared::databases::{
    Catalogue, Connection, Credentials, Database, Fault, Language, Reason, Target, Zone, discover,
};
use shared::error::{DatabaseFailure, chain};
use shared::id::DatabaseId;

use crate::answer::Advice;
use crate::cursor::Position;
use crate::facets::Counts;
use crate::filter::Skipped;
use crate::plan::{Plan, TablePlan};
use crate::query::{Demoted, Query, Token, tokens};
use crate::request::SearchRequest;
use crate::session::Session;
use crate::sort::SortValue;
use crate::way::Ways;

/// What one database has found.
pub struct Asked {
    /// The connection that was asked.
    pub id: DatabaseId,
    /// What its texts are written in.
    pub language: Language,
    /// The open connection, for the rows of the page; none where there was nothing to ask.
    pub connection: Option<Connection>,
    /// Its tables, with what each has found.
    pub tables: Vec<TableHits>,
    /// Words that its indexes can not hold.
    pub demoted: Vec<Demoted>,
    /// What would make more of it searchable.
    pub advice: Vec<Advice>,
    /// Tables that a filter can not be put to.
    pub skipped: Vec<Skipped>,
    /// Its schema, where it was read anew.
    pub read: Option<Catalogue>,
    /// How long all this took.
    pub took: Duration,
}

/// What one table has found.
pub struct TableHits {
    /// How it was asked.
    pub plan: TablePlan,
    /// Its rows, in the server's order: those of the window, and before them those of its first block.
    pub hits: Vec<Hit>,
    /// How many rows match in all.
    pub total: u64,
    /// Whether that number is exact; otherwise it is the most that there can be.
    pub total_is_exact: bool,
    /// The place up to which it was read.
    pub end: usize,
    /// Whether there are rows behind that.
    pub more: bool,
    /// What it says of each facet; nothing where it has no such column.
    pub facets: Vec<Option<Counts>>,
    /// Whether the facets count just the rows that were asked for.
    pub counts_are_exact: bool,
    /// The statement that found them, with its values, for those who want to have it explained.
    pub said: (String, Vec<Sql>),
    /// How long its statements took.
    pub took: Duration,
}

/// A row that a table has found.
pub struct Hit {
    /// Its place in the server's own order, counted before rows were looked at again: the same for every page.
    pub place: usize,
    /// The values of its primary key.
    pub key: Vec<Sql>,
    /// The searched columns, in the order of the plan, each cut where it is very long.
    pub texts: Vec<String>,
    /// What it is sorted by; nothing in the order of relevance.
    pub sort: Vec<SortValue>,
}

/// Asks one database within this time, all that it takes included.
pub async fn ask(
    app: &App,
    database: &Database,
    request: &SearchRequest,
    (query, position): (&Query, &Position),
    time: Duration,
) -> Result<Asked, Fault> {
    let ends = tokio::time::Instant::now() + time;
    let asked = tokio::time::timeout_at(ends, ask_in_time(app, database, request, (query, position), ends)).await;
    asked.unwrap_or(Err(Reason::Timeout.alone()))
}

/// Asks for as many rows of every table as the page needs, or all that there are. Where the schema is no longer what the record
/// says, or may hold an index by now that it did not, it is read again and kept.
async fn ask_in_time(
    app: &App,
    database: &Database,
    request: &SearchRequest,
    (query, position): (&Query, &Position),
    ends: tokio::time::Instant,
) -> Result<Asked, Fault> {
    let began = Instant::now();
    let credentials = credentials(app, database).await?;
    let target = database.target(&credentials);
    let known = database.catalogue.as_ref().map(|known| (known, Plan::new(database, known, request, position)));
    if let Some((known, plan)) = known.filter(|(_, plan)| !plan.is_doubtful) {
        match ask_as(app, (database, target, ends), plan, known, query).await {
            Err(fault) if fault.reason == Reason::SchemaChanged => {}
            asked => return asked.map(|asked| Asked { took: began.elapsed(), ..asked }),
        }
    }
    let read = read(app, database, target).await?;
    let plan = Plan::new(database, &read, request, position);
    let asked = ask_as(app, (database, target, ends), plan, &read, query).await;
    asked.map(|asked| Asked { took: began.elapsed(), read: Some(read), ..asked })
}

/// Reads the schemas anew, all at once. One that can not be read now, in half of the time that it may take, is not known any more:
/// the other half is for what follows.
pub async fn read_again(app: &App, databases: &mut [Database]) {
    let reads = databases.iter_mut().map(|database| async move {
        let patience = app.connector.time_for(&database.settings) / 2;
        let read = tokio::time::timeout(patience, async {
            let credentials = credentials(app, database).await?;
            read(app, database, database.target(&credentials)).await
        });
        database.catalogue = read.await.ok().and_then(Result::ok);
    });
    join_all(reads).await;
}

/// Reads a schema and keeps it.
async fn read(app: &App, database: &Database, target: Target<'_>) -> Result<Catalogue, Fault> {
    let read = discover(&app.connector, target, app.clock.now()).await?;
    if let Err(error) = app.databases.note_catalogue(database, &read).await {
        // The next search reads it once more, and this one has it.
        tracing::warn!(error = chain(&error), "a catalogue was not kept");
    }
    Ok(read)
}

/// What opens a database. Credentials that do not open fail this database, not the others.
pub async fn credentials(app: &App, database: &Database) -> Result<Credentials, Fault> {
    database.open_credentials(&app.vault).await.map_err(|error| {
        tracing::error!(error = chain(&error), database = %database.id, "credentials were not opened");
        Reason::Sealed.alone()
    })
}

/// That this database has not answered.
pub fn failure(database: &Database, fault: Fault) -> DatabaseFailure {
    DatabaseFailure { database: database.id, name: database.settings.name.as_str().to_owned(), fault }
}

async fn ask_as(
    app: &App,
    (database, target, ends): (&Database, Target<'_>, tokio::time::Instant),
    plan: Plan,
    catalogue: &Catalogue,
    query: &Query,
) -> Result<Asked, Fault> {
    let (id, language) = (database.id, database.language(Some(catalogue)));
    let Ways { tables: ways, demoted, advice } = Ways::new((catalogue, language), plan.tables, query);
    let advice = plan.advice.into_iter().chain(advice).collect();
    let (connection, took, skipped) = (None, Duration::ZERO, plan.skipped);
    let mut asked = Asked { id, language, connection, tables: Vec::new(), demoted, advice, skipped, read: None, took };
    if ways.is_empty() {
        return Ok(asked);
    }
    let left = ends.saturating_duration_since(tokio::time::Instant::now());
    let connection = app.connector.open_within(target, left).await?;
    let mut session = Session::begin(connection, catalogue.flavour, &ways).await?;
    asked.tables = session.ask(ways).await?;
    asked.connection = Some(session.connection);
    Ok(asked)
}

impl Hit {
    /// A row of `statement::candidates` or `statement::scan`.
    pub fn new(place: usize, mut row: Row, plan: &TablePlan, zone: &Zone) -> Self {
        let texts = plan.table.primary_key.len();
        let sorts = texts + plan.columns.len();
        let mut sort = Vec::new();
        for (index, by) in (sorts..).zip(&plan.sort) {
            sort.push(SortValue::new(&row.take(index).unwrap_or(Sql::NULL), by.is_text, zone));
        }
        Self {
            place,
            key: (0..texts).map(|index| row.take(index).unwrap_or(Sql::NULL)).collect(),
            texts: (texts..sorts).map(|index| searched_text(row.take(index))).collect(),
            sort,
        }
    }

    /// The words of the texts, by column.
    pub fn words(&self) -> Vec<Vec<Token<'_>>> {
        self.texts.iter().map(|text| tokens(text).collect()).collect()
    }
}

fn searched_text(value: Option<Sql>) -> String {
    match value {
        Some(Sql::Bytes(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    }
}
