//! The API from outside: every test has a service and users of its own, and all share one MariaDB or MySQL.

// A test holds a whole service, whose futures are nested deeper than the compiler looks of itself.
#![recursion_limit = "256"]

mod advice;
mod analytics;
mod analyze;
mod audit;
mod auth;
mod aws_calls;
mod browser;
mod cache;
mod categories;
mod closing;
mod compression;
mod connector;
mod contract;
mod databases;
mod dead;
mod edge;
mod engines;
mod faults;
mod figures;
mod hostile_hosts;
mod hostile_requests;
mod idempotency;
mod isolation;
mod keys;
mod keys_model;
mod languages;
mod leaving;
mod limits;
mod log;
mod login_timing;
mod management;
mod matrix;
mod partial;
mod polling;
mod profile;
mod ranking;
mod rewrap;
mod rogue;
mod roles;
mod rotation;
mod schema;
mod schemathesis;
mod sdk;
mod search;
mod seeds;
mod semantic;
mod sessions;
mod spelling;
mod ssh;
mod suggestions;
mod tls;
mod tokens;
mod trends;
mod vault;
mod warehouses;

use tests::{PostgresDatabase, TestMySql, TestPostgres, TestSshd};

/// The MariaDB or MySQL of this run.
fn mysql() -> &'static TestMySql {
    TestMySql::shared(env!("CARGO_TARGET_TMPDIR"))
}

/// A schema with one table of articles, as in the seeds.
async fn articles() -> tests::Schema {
    mysql()
        .schema(&[
            "CREATE TABLE articles (id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(200), body TEXT, \
             password_hash VARCHAR(64), FULLTEXT ft_title_body (title, body))",
            "INSERT INTO articles (title, body, password_hash) VALUES \
             ('Zebra crossings', 'How a zebra crossing makes a street safer.', 'x1'), \
             ('Horses', 'A horse is no zebra, whatever its stripes.', 'x2'), \
             ('Tuning MySQL', 'Performance of full-text search in MySQL: indexes and more.', 'x3'), \
             ('C++ and node.js', 'Two ways to write user_names; mail bob@example.com.', 'x4')",
        ])
        .await
}

/// The PostgreSQL of this run.
fn postgres() -> &'static TestPostgres {
    TestPostgres::shared(env!("CARGO_TARGET_TMPDIR"))
}

/// A database of PostgreSQL with one table of books.
async fn books() -> PostgresDatabase {
    postgres()
        .database(&[
            "CREATE TABLE books (id int PRIMARY KEY, title varchar(200) NOT NULL, password_hash text)",
            "INSERT INTO books VALUES (1, 'Zebra crossings', 'x1'), (2, 'Horses', NULL)",
        ])
        .await
}

/// An SSH server of the test's own, with host keys of these kinds and these lines in its configuration.
async fn sshd(kinds: &[&str], lines: &[&str]) -> TestSshd {
    TestSshd::start(env!("CARGO_TARGET_TMPDIR"), kinds, lines).await
}
