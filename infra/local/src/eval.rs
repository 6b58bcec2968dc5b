//! Search quality on a judged collection: what people call right is asked of the real service over HTTP, and of MySQL's
//! own natural mode on the same table of the same server.

mod cranfield;
mod debtags;
mod metrics;
mod service;
mod store;

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use self::metrics::{Figures, Mean};
use self::service::Searcher;
use self::store::Store;
use crate::demo::Failed;
use crate::server::{Brand, Server};
use crate::service::{Service, Settings};

/// As many rows as are asked for: what `metrics` looks at.
const LIMIT: usize = 100;
/// Queries between two reports of progress.
const QUERIES_PER_REPORT: usize = 50;

/// Documents, and queries with what people found relevant to them.
struct Collection {
    name: String,
    documents: Vec<Document>,
    topics: Vec<Topic>,
}

struct Document {
    id: u32,
    title: String,
    body: String,
}

struct Topic {
    query: String,
    /// How relevant a document is, from 1; those that are not are not here.
    gains: HashMap<u32, u32>,
}

/// Loads the collection of the folder, or Debian's catalogue where there is none, asks every query in each mode, and
/// prints the figures side by side. The service keeps nothing, and the server is one of its own.
pub async fn run(settings: Settings, folder: &Path, data: Option<&Path>) -> Result<(), Failed> {
    let collection = match data {
        Some(data) => cranfield::read(data)?,
        None => debtags::read(&folder.join("catalogue"), &mut say).await?,
    };
    let (documents, queries) = (collection.documents.len(), collection.topics.len());
    say(&format!("{}: {documents} documents, {queries} queries with judgements", collection.name));

    let server = Server::start(&Brand::MariaDb, &folder.join("eval"), None).await?;
    let mut store = Store::load(&server, &collection.documents, &mut say).await?;
    let service = Service::start(Settings { folder: None, port: 0, ..settings }).await?;
    let searcher = Searcher::open(&service, &server, &store).await?;

    let topics = &collection.topics;
    let raw = measure("MySQL natural mode", topics, async |query| Ok(store.natural(query).await?)).await?;
    let natural = measure("natural", topics, async |query| searcher.search(query, "natural").await).await?;
    let semantic = measure("semantic", topics, async |query| searcher.search(query, "semantic").await).await?;
    println!("\n{:24}{:>9}{:>12}{:>10}", collection.name, "nDCG@10", "recall@100", "ms/query");
    for line in [raw, natural, semantic] {
        println!("{line}");
    }
    server.stop().await;
    Ok(())
}

/// The mean over all topics of what the ids found are worth, as a line of the table.
async fn measure(
    mode: &str,
    topics: &[Topic],
    mut search: impl AsyncFnMut(&str) -> Result<Vec<u32>, Failed>,
) -> Result<String, Failed> {
    let (mut mean, began) = (Mean::default(), Instant::now());
    for (nth, topic) in topics.iter().enumerate() {
        let found = search(&topic.query).await?;
        mean.add(Figures::of(&found, &topic.gains));
        if (nth + 1).is_multiple_of(QUERIES_PER_REPORT) {
            say(&format!("{mode}: {} of {} queries", nth + 1, topics.len()));
        }
    }
    let Figures { ndcg, recall } = mean.value();
    let each = began.elapsed().as_millis() / topics.len().max(1) as u128;
    Ok(format!("{mode:24}{ndcg:>9.3}{recall:>12.3}{each:>10}"))
}

fn say(line: &str) {
    println!("• {line}");
}
