//! Table descriptions: what is known of the tables of a connection.

mod ddl;
pub mod describe;
pub mod export;
pub mod get;
pub mod list;
pub mod reconcile;
pub mod refresh;
pub mod sync;
mod view;
