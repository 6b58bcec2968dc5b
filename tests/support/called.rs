//! Which operations the tests have called with success. `./dev test` gives them a file to note it in, and asks a test of the
//! house afterwards whether any is missing.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use shared::config::Env;

use crate::contract::Operation;

/// The file of this run, if it has one.
pub fn file() -> Option<PathBuf> {
    Env::of_process().optional("ALTUS4_TEST_CALLED").map(PathBuf::from)
}

/// Notes an operation that was answered with success: once a process, in one write, because others write there too.
pub(crate) fn note(operation: &Operation) {
    static FILE: LazyLock<Option<PathBuf>> = LazyLock::new(file);
    static NOTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let Some(file) = &*FILE else { return };
    let line = format!("{} {}\n", operation.method, operation.path);
    if NOTED.lock().unwrap_or_else(PoisonError::into_inner).insert(line.clone()) {
        let opened = OpenOptions::new().create(true).append(true).open(file);
        opened.and_then(|mut file| file.write_all(line.as_bytes())).expect("the operation is noted");
    }
}
