//! Programs that must not run as root, where the tests do.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Command;

/// Who they run as where the tests run as root: nobody.
const NOBODY: u32 = 65_534;

/// The beginning of a command that runs what follows without rights, and gets this signal when the thread ends that starts
/// it. What it reads may lie in folders that are root's alone.
pub(crate) fn command(signal: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", signal]);
    if is_root() {
        let nobody = NOBODY.to_string();
        command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
        command.args(["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]);
        // Else a program that asks first whether it may read something is told that it may not.
        command.args(["--securebits", "+no_setuid_fixup"]);
    }
    command
}

/// The user and the group of such a program.
pub(crate) fn ids() -> (u32, u32) {
    if is_root() { (NOBODY, NOBODY) } else { owner() }
}

/// Hands a file or a folder over to such programs.
pub(crate) fn own(path: &Path) {
    let (user, group) = ids();
    chown(path, Some(user), Some(group)).expect("it is handed over");
}

fn is_root() -> bool {
    owner().0 == 0
}

/// Whose processes ours are.
fn owner() -> (u32, u32) {
    let entry = fs::metadata("/proc/self").expect("/proc");
    (entry.uid(), entry.gid())
}
