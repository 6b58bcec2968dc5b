//! Asks one database: a connection, a statement a table, and the candidates it brings.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mysql_async::{Params, Row, Value as Sql};
use shared::app::App;
use shared::databases::{Catalogue, Connection, Credentials, Database, Fault, Reason, Target, discover};
use shared::error::chain;

use crate::answer::Advice;
use crate::merge::{DEPTH_MAX, depth};
use crate::plan::{Plan, TablePlan};
use crate::query::{Demoted, Query, Scan, Statement, Token, tokens};
use crate::request::SearchRequest;
use crate::statement;
use crate::way::{Asking, Way, Ways};

/// The most rows that are taken of a table that is read row by row.
const READ_HITS_MAX: usize = 2_000;

/// What one database has found.
pub struct Asked {
    /// The open connection, for the rows of the page; none where there was nothing to ask.
    pub connection: Option<Connection>,
    /// Its tables, with what each has found.
    pub tables: Vec<TableHits>,
    /// Words that its indexes can not hold.
    pub demoted: Vec<Demoted>,
    /// What would make more of it searchable.
    pub advice: Vec<Advice>,
    /// Its schema, where it was read anew.
    pub read: Option<Catalogue>,
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
}

/// A row that a table has found.
pub struct Hit {
    /// Its place in the server's own order, counted before rows were looked at again: the same for every page.
    pub place: usize,
    /// The values of its primary key.
    pub key: Vec<Sql>,
    /// The searched columns, in the order of the plan, each cut where it is very long.
    pub texts: Vec<String>,
}

/// Asks for the best `wanted` rows of every table, or all that there are. Where the schema is no longer what the record
/// says, or may hold an index by now that it did not, it is read again and kept.
pub async fn ask(
    app: &App,
    database: &Database,
    request: &SearchRequest,
    query: &Query,
    wanted: usize,
) -> Result<Asked, Fault> {
    let began = Instant::now();
    let credentials = credentials(app, database).await?;
    let target = database.target(&credentials);
    let known = database.catalogue.as_ref().map(|known| (known, Plan::new(database, known, request)));
    if let Some((known, plan)) = known.filter(|(_, plan)| !plan.is_doubtful) {
        match ask_as(app, target, plan, known, query, wanted).await {
            Err(fault) if fault.reason == Reason::SchemaChanged => {}
            asked => return asked.map(|asked| Asked { took: began.elapsed(), ..asked }),
        }
    }
    let read = read(app, database, target).await?;
    let asked = ask_as(app, target, Plan::new(database, &read, request), &read, query, wanted).await;
    asked.map(|asked| Asked { took: began.elapsed(), read: Some(read), ..asked })
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
    wanted: usize,
) -> Result<Asked, Fault> {
    let Ways { ways, demoted, advice } = Ways::new(catalogue, plan.tables, query);
    let advice = plan.advice.into_iter().chain(advice).collect();
    let mut asked = Asked { connection: None, tables: Vec::new(), demoted, advice, read: None, took: Duration::ZERO };
    if ways.is_empty() {
        return Ok(asked);
    }
    let mut connection = app.connector.open(target).await?;
    let mut texts =
        Texts { words: ways.iter().find_map(Way::words).unwrap_or_default().to_owned(), grams: String::new() };
    connection.begin(catalogue.flavour, &texts.words).await?;
    for Way { plan, asked: asking } in ways {
        asked.tables.push(match asking {
            Asking::Rows(scan) => read_table(&mut connection, plan, &scan).await?,
            Asking::Indexes { words, grams, statement } => {
                texts.set(&mut connection, words, grams).await?;
                ask_table(&mut connection, plan, &statement, wanted).await?
            }
        });
    }
    asked.connection = Some(connection);
    Ok(asked)
}

/// The texts that stand in the session's variables.
struct Texts {
    words: String,
    grams: String,
}

impl Texts {
    /// Most databases have one kind of index, and its text is set with the limits of the session.
    async fn set(
        &mut self,
        connection: &mut Connection,
        words: Option<String>,
        grams: Option<String>,
    ) -> Result<(), Fault> {
        for (known, new, variable) in
            [(&mut self.words, words, "altus4_query"), (&mut self.grams, grams, "altus4_grams")]
        {
            if let Some(new) = new.filter(|new| new != known) {
                connection.set(variable, &new).await?;
                *known = new;
            }
        }
        Ok(())
    }
}

/// Row by row. Rows come in the order of their keys, and each is looked at, so that the number is exact up to our bound.
async fn read_table(connection: &mut Connection, plan: TablePlan, scan: &Scan) -> Result<TableHits, Fault> {
    let values = plan.columns.iter().flat_map(|_| scan.patterns.iter().map(|pattern| Sql::from(pattern.as_str())));
    let sql = statement::scan(&plan, scan.patterns.len(), READ_HITS_MAX);
    let rows = connection.rows(&sql, Params::Positional(values.collect())).await?;
    let are_all = rows.len() < READ_HITS_MAX;
    let mut hits: Vec<Hit> = rows.into_iter().enumerate().map(|(place, row)| Hit::new(place, row, &plan)).collect();
    hits.retain(|hit| scan.matches(&hit.words()));
    Ok(TableHits { total: hits.len() as u64, total_is_exact: are_all, plan, hits })
}

async fn ask_table(
    connection: &mut Connection,
    plan: TablePlan,
    statement: &Statement,
    wanted: usize,
) -> Result<TableHits, Fault> {
    let mut depth = depth(wanted);
    loop {
        let rows = connection.rows(&statement::candidates(&plan, depth), Params::Empty).await?;
        let are_all = rows.len() < depth;
        let mut hits: Vec<Hit> = rows.into_iter().enumerate().map(|(place, row)| Hit::new(place, row, &plan)).collect();
        if !statement.exact {
            hits.retain(|hit| statement.matches(&hit.words()));
        }
        // The server's rows may hold many that were not asked for. Then the ones that were lie deeper.
        if hits.len() < wanted && !are_all && depth < DEPTH_MAX {
            depth = (2 * depth).min(DEPTH_MAX);
            continue;
        }
        let total = if are_all { hits.len() as u64 } else { count(connection, &plan).await? };
        return Ok(TableHits { plan, hits, total, total_is_exact: are_all || statement.exact });
    }
}

async fn count(connection: &mut Connection, plan: &TablePlan) -> Result<u64, Fault> {
    let rows = connection.rows(&statement::count(plan), Params::Empty).await?;
    let counted = rows.into_iter().next().and_then(|row| mysql_async::from_row_opt::<(u64,)>(row).ok());
    counted.map(|(count,)| count).ok_or(Reason::Protocol.alone())
}

impl Hit {
    fn new(place: usize, mut row: Row, plan: &TablePlan) -> Self {
        let key_columns = plan.table.primary_key.len();
        let key = (0..key_columns).map(|index| row.take(index).unwrap_or(Sql::NULL)).collect();
        let texts = (key_columns..row.len()).map(|index| searched_text(row.take(index))).collect();
        Self { place, key, texts }
    }

    fn words(&self) -> Vec<Vec<Token<'_>>> {
        self.texts.iter().map(|text| tokens(text).collect()).collect()
    }
}

fn searched_text(value: Option<Sql>) -> String {
    match value {
        Some(Sql::Bytes(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    }
}
