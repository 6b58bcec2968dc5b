//! The whole service on one machine: every function on one port, DynamoDB in a SQLite file, KMS and Secrets Manager on
//! loopback, and a private MariaDB for the demo and the tests.

pub mod aws;
pub mod catalogue;
pub mod demo;
pub mod journal;
pub mod mariadb;
mod provision;
pub mod service;
