//! What the black-box tests stand on: a whole service of its own for every test, one database server for all of them, and
//! clients that say what they expect.

#![expect(clippy::expect_used, clippy::missing_panics_doc, clippy::panic, reason = "what panics here is a failed test")]

mod answer;
mod api;
mod browser;
pub mod called;
mod certificates;
pub mod contract;
mod emulated;
mod event;
mod fetched;
pub mod forge;
mod gateway;
mod lambda;
mod mysql;
mod nobody;
mod patience;
mod postgres;
mod provider;
mod remote;
pub mod rogue;
mod sshd;
mod storage;
mod user;
mod vendor;

pub use answer::Answer;
pub use api::{Call, TestApi};
pub use browser::Browser;
pub use certificates::{Certificates, Pair};
pub use emulated::emulated;
pub use fetched::fetched;
pub use gateway::Gateway;
pub use lambda::{Monotonic, Programs, TRACE};
pub use mysql::{Required, Schema, TestMySql, settings};
pub use postgres::{Demanded, PostgresDatabase, TestPostgres};
pub use provider::{Provider, Says};
pub use remote::Remote;
pub use sshd::TestSshd;
pub use storage::{Storage, Stored};
pub use user::TestUser;
pub use vendor::{Asked, Reply, Vendor};
