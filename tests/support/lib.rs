//! What the black-box tests stand on: a whole service of its own for every test, one MariaDB for all of them, and
//! clients that say what they expect.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that can not be set up has failed")]

mod answer;
mod api;
mod mysql;

pub use answer::Answer;
pub use api::{Call, TestApi, TestUser};
pub use mysql::{Schema, TestMySql};
