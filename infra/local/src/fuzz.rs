//! Generated queries, asked of a real server as a search asks them, in every language that has stems: none may be an error of
//! the server's.

mod texts;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use mysql_async::prelude::Queryable;
use search::trial::{Trial, Tried};
use serde_json::json;
use shared::analytics::SearchMode;
use shared::app::App;
use shared::databases::{Database, Fault, Language};

use crate::demo::{Client, Failed};
use crate::server::{Brand, Server};
use crate::service::{Service, Settings};
use texts::Texts;

/// Connections that are asked at once.
const CONNECTIONS: u64 = 4;

/// What the texts are made from; the number of a connection is added.
const SEED: u64 = 5_000;

/// How often the count is printed.
const PROGRESS: Duration = Duration::from_secs(10);

const DATABASE: &str = "altus4_fuzz";

/// What came of it all.
#[derive(Debug, Default)]
pub struct Tally {
    /// Texts, in both modes.
    pub asked: u64,
    /// Of these, those that are no query.
    pub refused: u64,
    /// Rows that were found: where there are none, nothing was tried.
    pub rows: usize,
    /// Errors by the server's number or our reason, with the first text that each came from.
    pub errors: BTreeMap<String, (u64, String)>,
}

/// Starts a server of each brand, asks so many queries of each, and fails if one of them was an error.
pub async fn run(settings: Settings, folder: &Path, queries: u64) -> Result<(), Failed> {
    let service = Service::start(settings).await?;
    let client = Client::new(service.url());
    let mysql = Brand::MySql { programs: folder.join("mysql-programs") };
    let mut errors = 0;
    for (name, brand) in [("MariaDB", Brand::MariaDb), ("MySQL", mysql)] {
        let server = Server::start(&brand, &folder.join(format!("fuzz-{name}")), None).await?;
        let database = connect(&service, &client, &server, name).await?;
        let tally = ask(&service.app, &database, queries, name).await?;
        println!("• {name}: {} queries, {} of them refused, {} rows", tally.asked, tally.refused, tally.rows);
        for (error, (count, text)) in &tally.errors {
            println!("  {count} × {error}, first of {text:?}");
        }
        errors += tally.errors.values().map(|(count, _)| count).sum::<u64>();
        server.stop().await;
    }
    if errors == 0 { Ok(()) } else { Err(format!("{errors} queries were errors").into()) }
}

/// The queries, on a few connections at once.
pub async fn ask(app: &App, database: &Database, queries: u64, name: &str) -> Result<Tally, Failed> {
    let share = queries.div_ceil(CONNECTIONS);
    let shares = (0..CONNECTIONS).map(|number| ask_share(app, database, share, number, name));
    let mut tally = Tally::default();
    for one in try_join_all(shares).await? {
        tally.asked += one.asked;
        tally.refused += one.refused;
        tally.rows += one.rows;
        for (error, (count, text)) in one.errors {
            tally.errors.entry(error).or_insert((0, text)).0 += count;
        }
    }
    Ok(tally)
}

async fn ask_share(app: &App, database: &Database, share: u64, number: u64, name: &str) -> Result<Tally, Failed> {
    let mut trial = Trial::open(app, database).await?;
    let (mut texts, mut tally) = (Texts::new(SEED + number), Tally::default());
    let (began, mut printed) = (Instant::now(), Instant::now());
    for language in Language::ALL.into_iter().cycle() {
        if tally.asked >= share {
            break;
        }
        let text = texts.text();
        for mode in [SearchMode::Natural, SearchMode::Boolean] {
            let tried = trial.ask(&text, mode, language).await;
            tally.add(&text, tried);
        }
        if number == 0 && printed.elapsed() > PROGRESS {
            printed = Instant::now();
            println!("• {name}: about {} queries in {} s", tally.asked * CONNECTIONS, began.elapsed().as_secs());
        }
    }
    Ok(tally)
}

impl Tally {
    fn add(&mut self, text: &str, tried: Result<Tried, Fault>) {
        self.asked += 1;
        match tried {
            Ok(Tried::Refused) => self.refused += 1,
            Ok(Tried::Found(rows)) => self.rows += rows,
            Err(fault) => {
                let error = fault.errno.map_or_else(|| fault.reason.code().to_owned(), |errno| errno.to_string());
                self.errors.entry(error).or_insert((0, text.to_owned())).0 += 1;
            }
        }
    }
}

/// Makes the tables and connects them, as a user does.
async fn connect(service: &Service, client: &Client, server: &Server, name: &str) -> Result<Database, Failed> {
    let password = server.secret("fuzz-password")?;
    let mut root = server.connect().await?;
    let statements = [
        format!("DROP DATABASE IF EXISTS {DATABASE}"),
        format!("CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4"),
        format!("USE {DATABASE}"),
        format!("CREATE USER IF NOT EXISTS '{DATABASE}'@'127.0.0.1'"),
        format!("ALTER USER '{DATABASE}'@'127.0.0.1' IDENTIFIED BY '{password}'"),
        format!("GRANT SELECT ON {DATABASE}.* TO '{DATABASE}'@'127.0.0.1'"),
    ];
    for statement in statements.into_iter().chain(tables(name == "MySQL")) {
        root.query_drop(statement).await?;
    }
    root.disconnect().await?;
    let account = json!({ "email": format!("{name}@example.com"), "name": name, "password": password });
    let account = client.must("POST", "/api/v1/auth/register", "", account).await?;
    let connection = json!({
        "name": name, "host": "127.0.0.1", "port": server.port(), "database": DATABASE, "username": DATABASE,
        "password": password,
    });
    let token = account["data"]["token"].as_str().unwrap_or_default();
    client.must("POST", "/api/v1/databases", token, connection).await?;
    let owner = account["data"]["user"]["id"].as_str().unwrap_or_default().parse()?;
    service.app.databases.list(owner).await?.pop().ok_or_else(|| "the connection is not there".into())
}

/// Every kind of table that a search asks: two indexes of which one covers the other, an engine with another parser of the
/// boolean text, rows that are read one by one, and pieces of words where there are any.
pub fn tables(has_ngram: bool) -> Vec<String> {
    let columns = "id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(200), body TEXT";
    let mut kinds = vec![
        ("words", ", FULLTEXT (title), FULLTEXT (title, body)) ENGINE=InnoDB"),
        ("older", ", FULLTEXT (title, body)) ENGINE=MyISAM"),
        ("plain", ") ENGINE=InnoDB"),
    ];
    if has_ngram {
        kinds.push(("grams", ", FULLTEXT (title, body) WITH PARSER ngram) ENGINE=InnoDB"));
    }
    let values = "('Zebra crossing', 'How a zebra crossing makes a street safer for cow and horse.'), \
        ('C++ and node.js', 'Two ways to write user_names on x86_64; mail bob@example.com, v1.2.3, 3.14, AB-1234-X.'), \
        ('Caf\u{e9}', 'Where the tea is from, and data will go in; don''t ask.'), \
        ('\u{5168}\u{6587}\u{691c}\u{7d22}', '\u{c5d4}\u{c9c4} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{e04}\u{e49}\u{e19}\u{e2b}\u{e32} stra\u{df}e under_score')";
    let of_kind = |(name, rest): (&str, &str)| {
        [format!("CREATE TABLE {name} ({columns}{rest}"), format!("INSERT INTO {name} (title, body) VALUES {values}")]
    };
    kinds.into_iter().flat_map(of_kind).collect()
}
