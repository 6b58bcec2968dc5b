//! What a search costs: ours over HTTP, against the very statements that it sends, on a bare connection.
//!
//! Service, emulators, server and clients share this machine, so that only what was measured in one run can be compared.

mod data;
mod dead;
mod far;
mod measure;
mod page;
mod replay;
pub mod soak;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use shared::app::App;
use shared::background::Background;
use shared::keys::ApiKey;

use crate::demo::{Client, Failed};
use crate::operator::Account;
use crate::server::{Brand, Server};
use crate::service::{Service, Settings};
use measure::{Figures, measure};
use page::{Line, Measured};
use replay::Replay;

/// How long each figure is measured, after a warm-up.
const SPAN: Duration = Duration::from_secs(3);

/// Words that some twenty rows have, that every tenth row has, and three of a kind.
const QUERIES: [(&str, &str); 3] =
    [("a rare word", "astronomers"), ("a common word", "library"), ("three words", "password manager desktop")];

/// Loads the data, measures, prints, and writes the page where `page` is.
pub async fn run(settings: Settings, folder: &Path, page: &Path, million: bool) -> Result<(), Failed> {
    let service = Service::start(settings).await?;
    let server = Server::start(&Brand::MariaDb, &folder.join("mariadb"), None).await?;
    let data = data::load(&server, &folder.join("catalogue"), million, &mut say).await?;
    let client = Client::new(service.url());
    let account = Account::open(&client, &service, "bench", &data.password).await?;
    let background = service.app.background.clone();
    let bench = Bench { client: Arc::new(client), account, server, background };

    let mut lines = Vec::new();
    let ids = bench.connect(&data.schemas, &data.password).await?;
    for databases in [1, ids.len()] {
        for (kind, query) in QUERIES {
            lines.extend(bench.lines(kind, query, &ids[..databases], &[1, 8, 32]).await?);
        }
    }
    if let Some(schema) = &data.million {
        let ids = bench.connect(std::slice::from_ref(schema), &data.password).await?;
        for (kind, query) in QUERIES {
            lines.extend(bench.lines(&format!("{kind}, 1,000,000 rows"), query, &ids, &[1, 8]).await?);
        }
    }
    say("the calls of AWS before a search");
    let two_calls = measure(1, SPAN, None, two_calls(&service.app, &bench.account.key, &ids[0])?).await?;
    say("a rare word, far away, 1 client");
    let far = far::measured(&bench, &data.schemas, &data.password, QUERIES[0].1).await?;
    say("a rare word, one of five databases dead, 1 client");
    let dead = dead::one_of(&bench, &data.schemas, &data.password, QUERIES[0].1).await?;
    page::write(page, &Measured { lines, two_calls, far, dead, resident_mib: measure::resident_kib()? / 1_024 })?;
    bench.server.stop().await;
    Ok(())
}

/// The calls that every search makes before MySQL: a write that counts the call of this key, which the emulated table puts on the
/// disk, and a read of this database.
fn two_calls(
    app: &App,
    key: &str,
    database: &str,
) -> Result<impl Fn() -> BoxFuture<'static, Result<(), Failed>> + Clone + use<>, Failed> {
    let (app, hash, id) = (app.clone(), ApiKey::parse(key).map_err(|_| "no key")?.hash(), database.parse()?);
    Ok(move || {
        let (app, hash) = (app.clone(), hash.clone());
        Box::pin(async move {
            let used = app.keys.spend(&hash, "POST /api/v1/search", app.clock.now()).await?;
            app.databases.get_all(used.key.owner, &[id], Vec::new()).await?;
            Ok(())
        }) as BoxFuture<'static, _>
    })
}

struct Bench {
    client: Arc<Client>,
    account: Account,
    server: Server,
    background: Background,
}

impl Bench {
    /// Connects these schemas; their ids.
    async fn connect(&self, schemas: &[String], password: &str) -> Result<Vec<String>, Failed> {
        let mut ids = Vec::new();
        for schema in schemas {
            ids.push(self.connect_by(self.server.port(), schema, password, json!({})).await?);
        }
        Ok(ids)
    }

    /// Connects a schema by way of this port, with these options; its id.
    async fn connect_by(&self, port: u16, schema: &str, password: &str, options: Value) -> Result<String, Failed> {
        let body = json!({
            "name": schema, "host": "127.0.0.1", "port": port, "database": schema,
            "username": data::USERNAME, "password": password, "connectionOptions": options,
        });
        let added = self.client.must("POST", "/api/v1/databases", &self.account.token, body).await?;
        Ok(added["data"]["id"].as_str().unwrap_or_default().to_owned())
    }

    /// A line for each number of clients.
    async fn lines(&self, kind: &str, query: &str, ids: &[String], clients: &[usize]) -> Result<Vec<Line>, Failed> {
        let body = json!({ "query": query, "databases": ids, "cache": false });
        let replay = Arc::new(Replay::of(&self.server, || self.search(body.clone())).await?);
        let mut lines = Vec::new();
        for clients in clients.iter().copied() {
            say(&format!("{kind}, {} database(s), {clients} client(s)", ids.len()));
            let bare = {
                let replay = Arc::clone(&replay);
                measure(clients, SPAN, None, move || Arc::clone(&replay).play()).await?
            };
            let ours = self.figures(clients, body.clone()).await?;
            let cached = self.figures(clients, json!({ "query": query, "databases": ids })).await?;
            lines.push(Line { kind: kind.to_owned(), databases: ids.len(), clients, bare, ours, cached });
        }
        Ok(lines)
    }

    async fn figures(&self, clients: usize, body: Value) -> Result<Figures, Failed> {
        let (client, key) = (Arc::clone(&self.client), self.account.key.clone());
        // What one client's searches are recorded by would else run beside its own next search.
        let behind = if clients == 1 { Some(self.background.clone()) } else { None };
        measure(clients, SPAN, behind, move || {
            let (client, key, body) = (Arc::clone(&client), key.clone(), body.clone());
            async move { search(&client, &key, body, false).await }
        })
        .await
    }

    async fn search(&self, body: Value) -> Result<(), Failed> {
        search(&self.client, &self.account.key, body, false).await
    }
}

/// A search, of whose databases all answer, or not all.
async fn search(client: &Client, key: &str, body: Value, is_partial: bool) -> Result<(), Failed> {
    let answer = client.must("POST", "/api/v1/search", key, body).await?;
    if answer["data"]["partial"] == is_partial {
        Ok(())
    } else {
        Err("other databases answered than should have".into())
    }
}

fn say(line: &str) {
    println!("• {line}");
}
