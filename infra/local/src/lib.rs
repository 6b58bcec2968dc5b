//! The whole service on one machine: every function on one port, DynamoDB in a SQLite file, KMS and Secrets Manager on
//! loopback, and a private MariaDB or MySQL for the demo and the tests.

mod apt;
pub mod aws;
pub mod bench;
pub mod catalogue;
pub mod demo;
mod dynamodb;
pub mod eval;
pub mod faults;
pub mod fuzz;
pub mod journal;
mod operator;
pub mod ports;
mod provision;
pub mod proxy;
pub mod semantics;
pub mod server;
pub mod service;
pub mod start;
pub mod stream;
