//! What only an operator may do, with the operator's own credentials of AWS instead of a session.

mod rewrap;
mod role;
mod rollups;

pub use rewrap::{Rewrapped, rewrap};
pub use role::{Refused, set_role};
pub use rollups::{Accounts, rebuild};
