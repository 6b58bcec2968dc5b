//! What the codes of a server mean (PostgreSQL manual, "PostgreSQL Error Codes").

use crate::engine::Refusal;

/// The refusal of a SQLSTATE.
pub(super) fn refusal(state: &str) -> Refusal {
    match state {
        "28000" | "28P01" => Refusal::Auth,
        "3D000" => Refusal::NoSuchDatabase,
        // Not granted, and not granted to a transaction that only reads.
        "42501" | "25006" => Refusal::Permission,
        "3F000" | "42P01" => Refusal::NoSuchTable,
        // A cancelled statement, and a lock that was not to be had.
        "57014" | "55P03" => Refusal::Timeout,
        // No connection left, no memory, starting, ending.
        "53300" | "53200" | "57P01" | "57P02" | "57P03" => Refusal::Busy,
        // A parameter that is not known, or may not be set.
        "42704" | "55P02" | "22023" => Refusal::Limits,
        _ => Refusal::Protocol,
    }
}
