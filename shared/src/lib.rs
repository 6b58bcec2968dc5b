//! What two or more functions need.
//!
//! Imports go one way: `http` → `app` → the domain (`users`, `keys`, `databases`, `warehouses`, `analytics`, `audit`) → the
//! ground (`aws`, `background`, `bounded`, `id`, `clock`, `config`, `csv`, `error`, `dynamo`, `fernet`, `later`, `limits`, `metrics`,
//! `models`, `once`, `s3`, `vault`). The domain knows no HTTP.

pub mod analytics;
pub mod app;
pub mod audit;
pub mod aws;
pub mod background;
mod bounded;
pub mod clock;
pub mod config;
pub mod csv;
pub mod databases;
pub mod dynamo;
pub mod error;
pub mod fernet;
pub mod http;
pub mod id;
pub mod keys;
pub mod later;
pub mod limits;
pub mod metrics;
pub mod models;
pub mod once;
pub mod packed;
pub mod results;
pub mod s3;
pub mod users;
pub mod vault;
pub mod warehouses;

pub use error::{Error, Result};
