//! The engines themselves, where what they do can not be seen from outside: real servers, files, and servers that lie.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

mod athena;
mod athena_emulated;
mod hostile;
mod mysql;
mod postgres;
mod postgres_tls;
mod sqlite;
mod ssh;

use std::time::Duration;

use shared::databases::{Dialer, Network, Policy};
use tokio::time::Instant;
use warehouses::engine::{Column, ForeignKey, Reach, Refusal, Server, Session, TableName, Target, open};

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

/// The texts of a row.
fn row(texts: &[Option<&str>]) -> Vec<Option<String>> {
    texts.iter().map(|text| text.map(str::to_owned)).collect()
}
