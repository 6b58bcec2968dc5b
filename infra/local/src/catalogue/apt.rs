//! Fetching package lists with the machine's own apt: its sources, its keys, its proxy.
//!
//! The lists go to a folder of ours, so that nothing of the machine's own apt changes: it may well have
//! lists without descriptions, as in a container, or be in use.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{self, Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::LoadError;
use crate::mariadb::is_root;

/// Read after the machine's configuration, which it overrides.
const CONFIGURATION: &str = r#"
// Descriptions are a "language" of the catalogue; containers switch all of them off.
#clear Acquire::Languages;
Acquire::Languages "en";
// We read the lists ourselves, and plain text is what we read.
Acquire::GzipIndexes "false";
// Only packages and descriptions: no sources, and none of the desktop's metadata and icons.
Acquire::IndexTargets::deb-src::Sources::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-large::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-hidpi::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-large-hidpi::DefaultEnabled "false";
// An old catalogue is as good for searching as a new one. Its signature is checked all the same.
Acquire::Check-Valid-Until "false";
// Without a network this should be known soon.
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
// What the machine does after an update of its own lists is no matter of ours.
#clear APT::Update;
"#;

/// As much of apt's output as an error shows.
const LAST_WORDS_LINES: usize = 10;

/// The folder that the lists are in, made if need be.
pub(super) fn lists(cache: &Path) -> io::Result<PathBuf> {
    let lists = path::absolute(cache)?.join("apt/lists");
    fs::create_dir_all(lists.join("partial"))?;
    Ok(lists)
}

/// Fetches the lists and returns the end of what apt said. Its exit status counts for nothing: one
/// source of many may have failed. What counts is what can be read afterwards.
pub(super) async fn update(cache: &Path) -> Result<String, LoadError> {
    let lists = lists(cache).map_err(LoadError::Folder)?;
    let folder = lists.parent().unwrap_or(&lists);
    let configuration = folder.join("apt.conf");
    let status = folder.join("status");
    fs::write(&configuration, CONFIGURATION).map_err(LoadError::Folder)?;
    fs::write(&status, "").map_err(LoadError::Folder)?;

    let mut command = Command::new("apt-get");
    command
        .arg("-q")
        .arg("--config-file")
        .arg(&configuration)
        .args(option("Dir::State::Lists", &lists))
        .args(option("Dir::State::status", &status))
        .args(option("Dir::Cache", &folder.join("cache")));
    if is_root() {
        // Otherwise apt would fetch as a user of its own, who may not write to our folder.
        command.args(option("APT::Sandbox::User", Path::new("root")));
    }
    let output = command.arg("update").env("LC_ALL", "C").stdin(Stdio::null()).kill_on_drop(true).output().await;
    match output {
        Ok(output) => Ok(last_words(&output.stdout, &output.stderr)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(LoadError::NoApt),
        Err(error) => Err(LoadError::Folder(error)),
    }
}

fn option(name: &str, value: &Path) -> [OsString; 2] {
    let mut setting = OsString::from(format!("{name}="));
    setting.push(value);
    ["--option".into(), setting]
}

/// Complaints come last, so that they are what is left when the rest is cut off.
fn last_words(output: &[u8], complaints: &[u8]) -> String {
    let all = [output, complaints].concat();
    let all = String::from_utf8_lossy(&all);
    let lines: Vec<&str> = all.lines().collect();
    lines[lines.len().saturating_sub(LAST_WORDS_LINES)..].join("\n")
}
