//! Asks one database: a connection, a statement a table, and the candidates it brings.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mysql_async::{Params, Row, Value as Sql};
use shared::app::App;
use shared::databases::{
    Catalogue, Connection, Credentials, Database, Fault, Reason, Stopwords, Target, Zone, discover,
};
use shared::error::chain;
use shared::id::DatabaseId;

use crate::answer::Advice;
use crate::cursor::Position;
use crate::facets::{self, Counts};
use crate::filter::Skipped;
use crate::merge::{DEPTH_MAX, depth};
use crate::plan::{Plan, TablePlan};
use crate::query::{Demoted, Lexicon, Query, Statement, tokens};
use crate::request::SearchRequest;
use crate::sort::SortValue;
use crate::statement::{self, Bound, Window};

/// What one database has found.
pub struct Asked {
    /// Which.
    pub database: DatabaseId,
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
    /// How long all this took.
    pub took: Duration,
}

/// What one table has found.
pub struct TableHits {
    /// How it was asked.
    pub plan: TablePlan,
    /// Its rows, best first by the server's own order.
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
    /// Whether the server finds just what was asked for, so that what it counts is exact.
    pub counts_are_exact: bool,
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

/// Asks for as many rows of every table as the page needs, or all that there are. Where the schema is no longer what the
/// record says, or may hold an index by now that it did not, it is read again and kept.
pub async fn ask(
    app: &App,
    database: &Database,
    request: &SearchRequest,
    query: &Query,
    position: &Position,
) -> Result<Asked, Fault> {
    let began = Instant::now();
    let credentials = credentials(app, database).await?;
    let target = database.target(&credentials);
    let known = database.catalogue.as_ref().map(|known| (known, Plan::new(database, known, request, position)));
    if let Some((known, plan)) = known.filter(|(_, plan)| !plan.is_doubtful) {
        match ask_as(app, target, plan, known, query).await {
            Err(fault) if fault.reason == Reason::SchemaChanged => {}
            asked => return asked.map(|asked| Asked { took: began.elapsed(), ..asked }),
        }
    }
    let read = read(app, database, target).await?;
    let asked = ask_as(app, target, Plan::new(database, &read, request, position), &read, query).await;
    asked.map(|asked| Asked { took: began.elapsed(), ..asked })
}

/// Reads the schemas anew, all at once. One that can not be read now is not known any more.
pub async fn read_again(app: &App, databases: &mut [Database]) {
    let reads = databases.iter_mut().map(|database| async move {
        database.catalogue = match credentials(app, database).await {
            Ok(credentials) => read(app, database, database.target(&credentials)).await.ok(),
            Err(_) => None,
        };
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
async fn credentials(app: &App, database: &Database) -> Result<Credentials, Fault> {
    database.open_credentials(&app.vault).await.map_err(|error| {
        tracing::error!(error = chain(&error), database = %database.id, "credentials were not opened");
        Reason::Sealed.alone()
    })
}

async fn ask_as(
    app: &App,
    target: Target<'_>,
    plan: Plan,
    catalogue: &Catalogue,
    query: &Query,
) -> Result<Asked, Fault> {
    let statement = query.to_mysql(&lexicon(catalogue));
    let mut asked = Asked {
        database: plan.database,
        connection: None,
        tables: Vec::new(),
        demoted: statement.demoted.clone(),
        advice: plan.advice,
        skipped: plan.skipped,
        took: Duration::ZERO,
    };
    let Some(text) = statement.text.as_deref().filter(|_| !plan.tables.is_empty()) else { return Ok(asked) };
    let mut connection = app.connector.open(target).await?;
    connection.begin(catalogue.flavour, text).await?;
    for plan in plan.tables {
        asked.tables.push(ask_table(&mut connection, plan, &statement).await?);
    }
    asked.connection = Some(connection);
    Ok(asked)
}

async fn ask_table(connection: &mut Connection, plan: TablePlan, statement: &Statement) -> Result<TableHits, Fault> {
    let is_exact = statement.exact && !plan.is_narrowed;
    let Window { from, rows: wanted } = plan.window;
    let mut depth = depth(wanted);
    loop {
        // One more than is needed says whether there are more.
        let mut rows = bound(connection, statement::candidates(&plan, Window { from, rows: depth + 1 })).await?;
        let more = rows.len() > depth;
        rows.truncate(depth);
        let end = from + rows.len();
        let zone = connection.zone();
        let hits = rows.into_iter().enumerate().map(|(number, row)| Hit::new(from + number, row, &plan, zone));
        let hits: Vec<Hit> = hits.filter(|hit| is_exact || hit.satisfies(statement)).collect();
        // The server's rows may hold many that were not asked for. Then the ones that were lie deeper.
        if hits.len() < wanted && more && depth < DEPTH_MAX {
            depth = (2 * depth).min(DEPTH_MAX);
            continue;
        }
        let are_all = !more && from == 0;
        let total = if are_all { hits.len() as u64 } else { count(connection, &plan).await? };
        let facets = if total == 0 { Vec::new() } else { facets::count(connection, &plan).await? };
        let total_is_exact = are_all || is_exact;
        return Ok(TableHits { plan, hits, total, total_is_exact, end, more, facets, counts_are_exact: is_exact });
    }
}

async fn count(connection: &mut Connection, plan: &TablePlan) -> Result<u64, Fault> {
    let rows = bound(connection, statement::count(plan)).await?;
    let counted = rows.into_iter().next().and_then(|row| mysql_async::from_row_opt::<(u64,)>(row).ok());
    counted.map(|(count,)| count).ok_or(Reason::Protocol.alone())
}

async fn bound(connection: &mut Connection, Bound { sql, values }: Bound) -> Result<Vec<Row>, Fault> {
    let params = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
    connection.rows(&sql, params).await
}

impl Hit {
    fn new(place: usize, mut row: Row, plan: &TablePlan, zone: &Zone) -> Self {
        let texts = plan.table.primary_key.len();
        let sorts = texts + plan.columns.len();
        Self {
            place,
            key: (0..texts).map(|index| row.take(index).unwrap_or(Sql::NULL)).collect(),
            texts: (texts..sorts).map(|index| searched_text(row.take(index))).collect(),
            sort: (sorts..row.len())
                .map(|index| {
                    let value = row.take(index).unwrap_or(Sql::NULL);
                    SortValue::new(&value, plan.sort[index - sorts].is_text, zone)
                })
                .collect(),
        }
    }

    fn satisfies(&self, statement: &Statement) -> bool {
        statement.matches(&self.texts.iter().map(|text| tokens(text).collect()).collect::<Vec<_>>())
    }
}

fn searched_text(value: Option<Sql>) -> String {
    match value {
        Some(Sql::Bytes(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    }
}

/// The words that the server's indexes hold.
fn lexicon(catalogue: &Catalogue) -> Lexicon {
    let (min, max) = (catalogue.token_size_min, catalogue.token_size_max);
    match &catalogue.stopwords {
        Stopwords::Off => Lexicon::new(min, max, []),
        Stopwords::BuiltIn => Lexicon::with_built_in_stopwords(min, max),
        Stopwords::Own(words) => Lexicon::new(min, max, words.iter().map(String::as_str)),
    }
}
