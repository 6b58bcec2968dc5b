//! The edge: the only place that knows HTTP, axum and Lambda.
//!
//! A handler takes what it needs as parameters ([`Account`], [`Caller`], [`Visitor`], [`Owned`], [`Body`], [`Query`]) and gives back
//! a [`Reply`] or an [`Error`](crate::Error). Envelope, headers and the log line are made in `edge`.

mod bare;
mod body;
mod caller;
mod compat;
mod cookie;
mod cors;
mod details;
mod download;
mod edge;
mod envelope;
mod fixed;
mod freshness;
mod lax;
mod log;
mod metrics;
mod once;
mod origin;
mod owned;
mod paging;
mod preflight;
mod query;
mod reply;
mod routes;
mod serve;
mod session;
mod size;
mod target;
mod view;
mod visitor;
mod wanted;
mod witness;

pub use axum::extract::State;
pub use body::{Body, Sent, object, optional_object};
pub use caller::{Account, Administrator, Caller, Via, may};
pub use compat::Compat;
pub use cookie::RefreshCookie;
pub use download::{Download, InForm, Next};
pub use edge::edge;
pub use fixed::Fixed;
pub use freshness::Freshness;
pub use lax::{FromBody, Lax, LaxSent};
pub use once::Once;
pub use owned::{Named, Owned, OwnedTable};
pub use paging::{Limit, Offset};
pub use query::{Query, flag, list, number};
pub use reply::Reply;
pub use routes::{Aliases, Elsewhere, Route, Routes};
pub use serve::{ServeError, serve, settings};
pub use session::{Closing, Leaving, Renewing};
pub use view::{FailedDatabase, FaultView, HistoryItem, KeyView, MintedKey};
pub use visitor::Visitor;
pub use witness::Witness;
