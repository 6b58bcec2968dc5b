//! The demo: the main job from end to end, over HTTP, as a client would do it.

mod account;
mod client;

use std::path::Path;

use serde_json::{Value, json};

use self::account::Account;
pub(crate) use self::client::Client;
use crate::catalogue::{self, Demo};
use crate::server::{Brand, Server};
use crate::service::{Service, Settings};

/// Whatever went wrong, for the person who ran the command.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Loads the data, runs the calls, prints what they answer, and stays up.
pub async fn run(settings: Settings, folder: &Path) -> Result<(), Failed> {
    let mut service = Service::start(settings).await?;
    let mariadb = Server::start(&Brand::MariaDb, &folder.join("mariadb"), None).await?;
    say(&format!("a private MariaDB listens on 127.0.0.1:{}", mariadb.port()));
    let demo = catalogue::load(&mariadb, &folder.join("catalogue"), &mut say).await?;

    let client = Client::new(service.url());
    let account = Account::open(&client, &folder.join("demo-account.json")).await?;
    connect(&client, &account, &mariadb, &demo).await?;
    search(&client, &account).await?;

    println!("{}", farewell(&service.url(), &account.key));
    service.wait().await;
    mariadb.stop().await;
    Ok(())
}

/// Connects the two databases anew, because the server's port differs from start to start.
async fn connect(client: &Client, account: &Account, mariadb: &Server, demo: &Demo) -> Result<(), Failed> {
    let known = client.quietly("GET", "/api/v1/databases", &account.token, None).await?;
    for database in list(&known["data"]) {
        let path = format!("/api/v1/databases/{}", text(&database["id"]));
        client.quietly("DELETE", &path, &account.token, None).await?;
    }
    for database in &demo.databases {
        let body = json!({
            "name": database.name,
            "host": "127.0.0.1",
            "port": mariadb.port(),
            "database": database.name,
            "username": demo.username,
            "password": demo.password,
        });
        let added = client.show("POST", "/api/v1/databases", &account.token, Some(body)).await?;
        let path = format!("/api/v1/databases/{}/schema", text(&added["data"]["id"]));
        client.show("GET", &path, &account.token, None).await?;
    }
    Ok(())
}

async fn search(client: &Client, account: &Account) -> Result<(), Failed> {
    for body in [
        json!({ "query": "password manager", "limit": 4 }),
        json!({ "query": "+\"regular expressions\" -perl", "searchMode": "boolean", "limit": 3 }),
    ] {
        let answer = client.show("POST", "/api/v1/search", &account.key, Some(body)).await?;
        println!();
        for database in list(&answer["data"]["databases"]) {
            say(&format!("{} rows match in {}", database["totalCount"], text(&database["name"])));
        }
        list(&answer["data"]["results"]).for_each(|result| say(&line(result)));
    }
    Ok(())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn line(result: &Value) -> String {
    let (database, table) = (text(&result["databaseName"]), text(&result["table"]));
    let (name, title) = (text(&result["data"]["name"]), text(&result["data"]["title"]));
    format!("{:.3}  {database}.{table}  {name}: {title}", result["relevanceScore"].as_f64().unwrap_or(0.0))
}

fn say(line: &str) {
    println!("• {line}");
}

fn farewell(url: &str, key: &str) -> String {
    let curl = |body: &str| {
        format!(
            "curl -s {url}/api/v1/search -H 'Authorization: Bearer {key}' \\\n  -H 'Content-Type: application/json' -d '{body}'"
        )
    };
    format!(
        "
Altus 4 is up on {url}. Its API key is {key}
Paste one of these into another terminal; Ctrl-C here ends everything.

{}

{}

curl -s {url}/health
",
        curl(r#"{"query": "full text search"}"#),
        curl(r#"{"query": "+editor +(image OR photo) -gnome", "searchMode": "boolean", "limit": 5}"#),
    )
}
