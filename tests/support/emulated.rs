//! Emulators of warehouses, which `./dev test --warehouses` starts.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use shared::config::Env;

/// Where the emulator of this kind is, such as `ALTUS4_TEST_ATHENA`; none where this run has none, which is said once.
pub fn emulated(variable: &'static str) -> Option<String> {
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    let found = Env::of_process().optional(variable).map(str::to_owned);
    if found.is_none() && SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(variable) {
        // Not by a macro: what those print of a test that passes nobody sees.
        let _ = writeln!(std::io::stderr(), "!! NOT RUN on an emulator: ./dev test --warehouses names {variable}");
    }
    found
}
