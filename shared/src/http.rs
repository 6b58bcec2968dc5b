//! The edge: the only place that knows HTTP, axum and Lambda.
//!
//! A handler takes what it needs as parameters ([`Account`], [`Caller`], [`Visitor`], [`Owned`], [`Body`], [`Query`]) and gives back
//! a [`Reply`] or an [`Error`](crate::Error). Envelope, headers and the log line are made in `edge`.

mod body;
mod caller;
mod compat;
mod cookie;
mod edge;
mod fixed;
mod freshness;
mod origin;
mod owned;
mod paging;
mod preflight;
mod query;
mod reply;
mod routes;
mod session;
mod view;
mod visitor;
mod witness;

pub use axum::extract::State;
pub use body::{Body, Sent, object, optional_object};
pub use caller::{Account, Caller, Via, may};
pub use compat::Compat;
pub use cookie::RefreshCookie;
pub use edge::{ServeError, edge, log_to_stdout, serve};
pub use fixed::Fixed;
pub use freshness::Freshness;
pub use owned::Owned;
pub use paging::{Limit, Offset};
pub use query::{Query, list, number};
pub use reply::Reply;
pub use routes::{Route, Routes};
pub use session::{Closing, Leaving, Renewing};
pub use view::{FailedDatabase, FaultView, HistoryItem, KeyView, MintedKey};
pub use visitor::Visitor;
pub use witness::Witness;
