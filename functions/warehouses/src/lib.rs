//! `/api/v1/database-connections`: databases of other kinds, and what their schemas hold.

pub mod engine;
