//! What a search sends, without the rest of it: for the command that tries generated queries on real servers.

use std::time::{Duration, Instant};

use serde_json::json;
use shared::analytics::SearchMode;
use shared::app::App;
use shared::databases::{Catalogue, Credentials, Database, Fault, Language, discover};

use crate::cursor::Position;
use crate::plan::{Plan, TablePlan};
use crate::request::SearchRequest;
use crate::session::Session;
use crate::way::Ways;

/// How long a session is kept: every statement has to end by the deadline of its connection.
const SESSION_MAX: Duration = Duration::from_secs(2);

/// One database, asked again and again.
pub struct Trial<'a> {
    app: &'a App,
    database: &'a Database,
    credentials: Credentials,
    catalogue: Catalogue,
    tables: Vec<TablePlan>,
    session: Option<(Session, Instant)>,
}

/// What became of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// It is no query.
    Refused,
    /// The server was asked, and so many rows were found.
    Found(usize),
}

impl<'a> Trial<'a> {
    /// Reads the schema; all of its tables are asked.
    pub async fn open(app: &'a App, database: &'a Database) -> shared::Result<Self> {
        let credentials = database.open_credentials(&app.vault).await?;
        let found = discover(&app.connector, database.target(&credentials), app.clock.now()).await;
        let catalogue = found.map_err(shared::Error::internal)?;
        let names: Vec<&str> = catalogue.tables.iter().map(|table| table.name.as_str()).collect();
        let request: SearchRequest =
            serde_json::from_value(json!({ "query": "any", "tables": names })).map_err(shared::Error::internal)?;
        let tables = Plan::new(database, &catalogue, &request, &Position::default()).tables;
        Ok(Self { app, database, credentials, catalogue, tables, session: None })
    }

    /// Asks as a search of this text does where the rows are of this language. After a fault the next text begins a session of its own.
    pub async fn ask(&mut self, text: &str, mode: SearchMode, language: Language) -> Result<Tried, Fault> {
        let request = json!({ "query": text, "searchMode": mode });
        let request = serde_json::from_value::<SearchRequest>(request).ok();
        let Some(query) = request.and_then(|request| request.query().ok()) else { return Ok(Tried::Refused) };
        let ways = Ways::new((&self.catalogue, language), self.tables.clone(), &query).tables;
        let kept = self.session.take().filter(|(_, began)| began.elapsed() < SESSION_MAX);
        let (mut session, began) = if let Some(kept) = kept {
            kept
        } else {
            let connection = self.app.connector.open(self.database.target(&self.credentials)).await?;
            (Session::begin(connection, self.catalogue.flavour, &ways).await?, Instant::now())
        };
        let found = session.ask(ways).await?;
        self.session = Some((session, began));
        Ok(Tried::Found(found.iter().map(|table| table.hits.len()).sum()))
    }
}
