//! What a search costs: ours over HTTP, against the very statements that it sends, on a bare connection.
//!
//! Service, emulators, server and clients share this machine, so that only what was measured in one run can be compared.

mod data;
mod measure;
mod page;
mod replay;
pub mod soak;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::demo::{Client, Failed};
use crate::operator::Account;
use crate::server::{Brand, Server};
use crate::service::{Service, Settings};
use measure::{Figures, measure};
use page::Line;
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
    let bench = Bench { client: Arc::new(client), account, server };

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
    let table = service.app.table.clone();
    let two_calls = measure(1, SPAN, move || {
        let table = table.clone();
        async move {
            table.ping().await?;
            Ok(table.ping().await?)
        }
    });
    page::write(page, &lines, &two_calls.await?, measure::resident_kib()? / 1_024)?;
    bench.server.stop().await;
    Ok(())
}

struct Bench {
    client: Arc<Client>,
    account: Account,
    server: Server,
}

impl Bench {
    /// Connects these schemas; their ids.
    async fn connect(&self, schemas: &[String], password: &str) -> Result<Vec<String>, Failed> {
        let mut ids = Vec::new();
        for schema in schemas {
            let body = json!({
                "name": schema, "host": "127.0.0.1", "port": self.server.port(), "database": schema,
                "username": data::USERNAME, "password": password,
            });
            let added = self.client.must("POST", "/api/v1/databases", &self.account.token, body).await?;
            ids.push(added["data"]["id"].as_str().unwrap_or_default().to_owned());
        }
        Ok(ids)
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
                measure(clients, SPAN, move || Arc::clone(&replay).play()).await?
            };
            let ours = self.figures(clients, body.clone()).await?;
            let cached = self.figures(clients, json!({ "query": query, "databases": ids })).await?;
            lines.push(Line { kind: kind.to_owned(), databases: ids.len(), clients, bare, ours, cached });
        }
        Ok(lines)
    }

    async fn figures(&self, clients: usize, body: Value) -> Result<Figures, Failed> {
        let (client, key) = (Arc::clone(&self.client), self.account.key.clone());
        measure(clients, SPAN, move || {
            let (client, key, body) = (Arc::clone(&client), key.clone(), body.clone());
            async move { search(&client, &key, body).await }
        })
        .await
    }

    async fn search(&self, body: Value) -> Result<(), Failed> {
        search(&self.client, &self.account.key, body).await
    }
}

async fn search(client: &Client, key: &str, body: Value) -> Result<(), Failed> {
    let answer = client.must("POST", "/api/v1/search", key, body).await?;
    if answer["data"]["partial"] == false { Ok(()) } else { Err("a database did not answer".into()) }
}

fn say(line: &str) {
    println!("• {line}");
}
