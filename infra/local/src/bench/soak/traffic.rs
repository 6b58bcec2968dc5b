//! What clients do, and what they are answered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Failed;
use super::data::{SCHEMAS, USERNAME, WORDS};
use crate::demo::Client;
use crate::operator;
use crate::service::Service;

/// Clients at the same time.
pub(super) const CLIENTS: usize = 32;

/// Accounts that they work for.
const ACCOUNTS: usize = 20;

/// Attempts to end a key that was made, so that an account does not run out of them.
const ATTEMPTS_MAX: usize = 20;

/// An account with a connection to each schema.
pub(super) struct Account {
    client: Client,
    credentials: operator::Account,
    connections: Vec<String>,
}

/// Calls by what they were for.
pub(super) type Calls = BTreeMap<&'static str, Told>;

/// What was told to calls of a kind.
#[derive(Default)]
pub(super) struct Told {
    /// How long each took.
    pub(super) took: Vec<Duration>,
    /// How often each code was answered; of a success its status.
    pub(super) codes: BTreeMap<String, u64>,
}

/// Something to ask.
struct Errand {
    kind: &'static str,
    method: &'static str,
    path: String,
    by_key: bool,
    body: Option<Value>,
}

/// Makes the accounts, with a connection to each schema, the second through the other port.
pub(super) async fn accounts(service: &Service, ports: [u16; 2], password: &str) -> Result<Vec<Account>, Failed> {
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        // An address may try ten times in a minute.
        let address = [127, 0, 0, u8::try_from(number / 5)? + 11];
        let client = Client::at(service.url(), address)?;
        let credentials = operator::Account::open(&client, service, &format!("soak{number}"), password).await?;
        let mut connections = Vec::new();
        for (schema, port) in SCHEMAS.into_iter().zip(ports) {
            let body = json!({
                "name": schema, "host": "127.0.0.1", "port": port, "database": schema, "username": USERNAME,
                "password": password, "connectionOptions": { "timeout": 5_000 },
            });
            let added = client.must("POST", "/api/v1/databases", &credentials.token, body).await?;
            connections.push(added["data"]["id"].as_str().unwrap_or_default().to_owned());
        }
        accounts.push(Account { client, credentials, connections });
    }
    Ok(accounts)
}

/// Lets all clients work for so long.
pub(super) async fn run(accounts: &Arc<Vec<Account>>, span: Duration) -> Result<Calls, Failed> {
    let ends = Instant::now() + span;
    let mut working = JoinSet::new();
    for client in 0..CLIENTS {
        let accounts = Arc::clone(accounts);
        working.spawn(async move {
            let mut calls = Calls::new();
            let mut number = client * 7;
            while Instant::now() < ends {
                if let Some(account) = accounts.get((number + client) % ACCOUNTS) {
                    account.run(number, &mut calls).await?;
                }
                number += 1;
            }
            Ok::<_, Failed>(calls)
        });
    }
    let mut all = Calls::new();
    while let Some(calls) = working.join_next().await {
        for (kind, told) in calls?? {
            let of_kind = all.entry(kind).or_default();
            of_kind.took.extend(told.took);
            told.codes.into_iter().for_each(|(code, count)| *of_kind.codes.entry(code).or_default() += count);
        }
    }
    Ok(all)
}

/// A search of each account when nothing goes wrong any more: how many have all their rows.
pub(super) async fn once_each(accounts: &[Account]) -> Result<usize, Failed> {
    let mut whole = 0;
    for account in accounts {
        let body = json!({ "query": "zebra", "cache": false });
        let (status, answer) =
            account.client.ask("POST", "/api/v1/search", &account.credentials.key, Some(body)).await?;
        whole += usize::from(status == 200 && answer["data"]["partial"] == false);
    }
    Ok(whole)
}

impl Account {
    /// Runs an errand. A key that was made is ended again, however often that has to be asked.
    async fn run(&self, number: usize, calls: &mut Calls) -> Result<(), Failed> {
        let errand = self.errand(number);
        let made = self.call(&errand, calls).await?;
        let Some(id) = made["data"]["apiKey"]["id"].as_str() else { return Ok(()) };
        let end =
            Errand { kind: "key ended", method: "DELETE", path: format!("/api/v1/keys/{id}"), body: None, ..errand };
        for _ in 0..ATTEMPTS_MAX {
            if self.call(&end, calls).await?["success"] == true {
                break;
            }
        }
        Ok(())
    }

    async fn call(&self, errand: &Errand, calls: &mut Calls) -> Result<Value, Failed> {
        let Errand { kind, method, path, by_key, body } = errand;
        let token = if *by_key { &self.credentials.key } else { &self.credentials.token };
        let began = Instant::now();
        let (status, answer) = self.client.ask(method, path, token, body.clone()).await?;
        let told = calls.entry(kind).or_default();
        told.took.push(began.elapsed());
        let code = answer["error"]["code"].as_str().map_or_else(|| status.to_string(), str::to_owned);
        *told.codes.entry(code).or_default() += 1;
        Ok(answer)
    }

    /// Twenty errands come round: twelve are searches, and four of the others write.
    fn errand(&self, number: usize) -> Errand {
        let word = WORDS[number % WORDS.len()];
        let search = |query: String, kept| ("POST", "/api/v1/search", Some(json!({ "query": query, "cache": kept })));
        let (kind, (method, path, body)) = match number % 20 {
            0..9 => ("search", search(format!("{word} {}", WORDS[number / 3 % WORDS.len()]), false)),
            9 => ("search that was kept", search(word.to_owned(), true)),
            10 | 11 => ("search of nothing", search(format!("xyzzy{number}"), false)),
            12 => ("keys", ("GET", "/api/v1/keys", None)),
            13 => {
                let body = json!({ "name": format!("Soak {number}") });
                ("profile changed", ("PUT", "/api/v1/auth/profile", Some(body)))
            }
            14 => ("history", ("GET", "/api/v1/search/history", None)),
            15 => ("dashboard", ("GET", "/api/v1/analytics/dashboard", None)),
            16 => ("key made", ("POST", "/api/v1/keys", Some(json!({ "name": "Soak" })))),
            17 => return self.test(number),
            18 => ("suggestions", ("GET", "/api/v1/search/suggestions?query=zeb", None)),
            _ => ("session renewed", ("POST", "/api/v1/auth/refresh", None)),
        };
        Errand { kind, method, path: path.to_owned(), by_key: path == "/api/v1/search", body }
    }

    fn test(&self, number: usize) -> Errand {
        let connection = &self.connections[number / 20 % self.connections.len()];
        let path = format!("/api/v1/databases/{connection}/test");
        Errand { kind: "connection tested", method: "POST", path, by_key: false, body: None }
    }
}
