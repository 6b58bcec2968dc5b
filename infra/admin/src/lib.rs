//! What only an operator may do, with the operator's own credentials of AWS instead of a session.

mod account;
mod close;
mod rewrap;
mod role;
mod rollups;
mod sessions;

pub use account::Refused;
pub use close::close;
pub use rewrap::{Rewrapped, rewrap};
pub use role::set_role;
pub use rollups::{Accounts, rebuild};
pub use sessions::end_sessions;
