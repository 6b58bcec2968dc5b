//! What the black-box tests stand on: a whole service of its own for every test, one MariaDB for all of them, and
//! clients that say what they expect.

#![expect(clippy::expect_used, clippy::missing_panics_doc, clippy::panic, reason = "what panics here is a failed test")]

mod answer;
mod api;
pub mod forge;
mod mysql;
mod sshd;

pub use answer::Answer;
pub use api::{Call, TestApi, TestUser};
pub use mysql::{Schema, TestMySql};
pub use sshd::TestSshd;
