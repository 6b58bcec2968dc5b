//! The rules of the house that no lint can say, and the template held to the code.

#![expect(clippy::panic, clippy::unwrap_used, reason = "what panics here is a failed test")]

mod contract;
mod deployment;
mod imports;
mod pages;
mod template;
mod tidy;
mod tree;
mod watch;
