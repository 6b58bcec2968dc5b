//! The engines themselves, where what they do can not be seen from outside: real servers, files, and servers that lie.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

mod athena;
mod athena_emulated;
pub mod bigquery;
mod databricks;
mod hostile;
mod mysql;
mod postgres;
mod postgres_tls;
mod snowflake;
mod sqlite;
mod ssh;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use shared::databases::{Dialer, Network, Policy};
use tests::{Asked, Reply, Vendor};
use tokio::time::Instant;
use warehouses::engine::{Cloud, Column, ForeignKey, Reach, Refusal, Server, Session, TableName, Target, open};

/// One that dials this machine.
fn dialer() -> Dialer {
    Dialer::new(Policy { allow_loopback: true, ..Policy::default() }, Network::system())
}

/// So long from now.
fn within(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

/// Half a minute is far more than anything here takes on a busy machine, but for what never ends.
async fn enter(target: Target) -> Session {
    open(&target, &Reach::Direct, &dialer(), within(30)).await.unwrap()
}

async fn postgres_session(server: Server) -> Session {
    enter(Target::Postgres(server)).await
}

/// Why it is not entered.
async fn refusal(target: Target, reach: Reach) -> Refusal {
    open(&target, &reach, &dialer(), within(30)).await.err().unwrap()
}

fn table(schema: &str, name: &str) -> TableName {
    TableName { schema: schema.to_owned(), name: name.to_owned() }
}

/// A column that may be null and has nothing special.
fn column(name: &str, data_type: &str) -> Column {
    Column {
        name: name.to_owned(),
        data_type: data_type.to_owned(),
        nullable: true,
        comment: None,
        is_primary_key: false,
        foreign_key: None,
    }
}

/// One that is a part of the primary key.
fn key(name: &str, data_type: &str) -> Column {
    Column { nullable: false, is_primary_key: true, ..column(name, data_type) }
}

#[expect(clippy::unnecessary_wraps, reason = "as a column has it")]
fn reference(table: &str, field: &str) -> Option<ForeignKey> {
    Some(ForeignKey { reference_table: table.to_owned(), field: field.to_owned() })
}

/// The address of an emulator.
fn address_of(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().unwrap()
}

/// The texts of a row.
fn row(texts: &[Option<&str>]) -> Vec<Option<String>> {
    texts.iter().map(|text| text.map(str::to_owned)).collect()
}

/// What no service of a vendor's may do, what comes of it, and within how many seconds: few where they end it, and many where
/// it is to end by itself. A redirect leads to this address.
fn misbehaviour(elsewhere: SocketAddr) -> Vec<(&'static str, Reply, Refusal, u64)> {
    vec![
        ("no JSON", Reply::Text(200, "<html>".to_owned()), Refusal::Protocol, 30),
        ("nothing", Reply::Text(200, String::new()), Refusal::Protocol, 30),
        ("JSON of great depth", Reply::Text(200, "[".repeat(100_000)), Refusal::Protocol, 30),
        ("a redirect", Reply::Redirect(elsewhere), Refusal::Protocol, 30),
        ("a status of its own", Reply::Json(299, json!({})), Refusal::Protocol, 30),
        ("a body without an end", Reply::Endless, Cloud::TooMuch.into(), 60),
        ("a head without an end", Reply::EndlessHead, Refusal::Protocol, 30),
        ("one byte now and then", Reply::Slow, Refusal::Timeout, 1),
        ("silence", Reply::Nothing, Refusal::Timeout, 1),
        ("hanging up", Reply::HangUp, Refusal::Protocol, 30),
        ("half of a body", Reply::Torn, Refusal::Protocol, 30),
        ("a body of a terabyte", Reply::Huge, Cloud::TooMuch.into(), 30),
    ]
}

/// Meets a service that does each of these at paths which begin so, and else what it should.
async fn misbehaves(at: &'static str, good: fn(&Asked) -> Reply, target: impl Fn(&Vendor) -> Target) {
    let elsewhere = Vendor::start(good).await;
    for (name, reply, expected, seconds) in misbehaviour(elsewhere.address()) {
        let answers = move |asked: &Asked| if asked.path.starts_with(at) { reply.clone() } else { good(asked) };
        let vendor = Vendor::start(answers).await;
        let found = open(&target(&vendor), &Reach::Direct, &dialer(), within(seconds)).await.err();
        assert_eq!(found, Some(expected), "{name} at {at}");
    }
    assert!(elsewhere.asked().is_empty(), "a redirect is not followed");
}
