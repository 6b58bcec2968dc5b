//! The machine's own apt, with its sources, its keys and its proxy, and with folders of ours.
//!
//! Nothing of the machine's own state changes: it may well have lists without descriptions, as in a container, or be in
//! use, and what is fetched here is not installed.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{self, Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::server::is_root;

/// Read after the machine's configuration, which it overrides.
const CONFIGURATION: &str = r#"
// Descriptions are a "language" of the catalogue: each user of this says which it wants.
#clear Acquire::Languages;
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
// An old list is as good as a new one. Its signature is checked all the same.
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

/// An apt of our own, all of whose state is in one folder.
pub(crate) struct Apt {
    folder: PathBuf,
    options: Vec<OsString>,
}

/// What a run of apt has said.
pub(crate) struct Said {
    /// What it answered.
    pub(crate) output: String,
    /// The end of all that it said, complaints last.
    pub(crate) last_words: String,
    /// Whether it says that all went well. One source of many that failed is a failure too.
    pub(crate) is_success: bool,
}

impl Apt {
    /// An apt with its state in this folder, which is made if need be, and the descriptions in this language, or `none`.
    pub(crate) fn open(folder: &Path, language: &str) -> io::Result<Self> {
        let folder = path::absolute(folder)?;
        fs::create_dir_all(folder.join("lists/partial"))?;
        fs::create_dir_all(folder.join("cache/archives/partial"))?;
        fs::write(folder.join("apt.conf"), format!("{CONFIGURATION}Acquire::Languages \"{language}\";\n"))?;
        // Without a status nothing counts as installed, so that a package comes with all that it needs.
        fs::write(folder.join("status"), "")?;
        let mut apt = Self { folder, options: Vec::new() };
        for (name, path) in [("Dir::State::Lists", "lists"), ("Dir::State::status", "status"), ("Dir::Cache", "cache")]
        {
            let path = apt.folder.join(path);
            apt.set(name, &path);
        }
        if is_root() {
            // Otherwise apt would fetch as a user of its own, who may not write to our folder.
            apt.set("APT::Sandbox::User", "root");
        }
        Ok(apt)
    }

    /// Takes packages from this source alone, written as in `sources.list`, whatever the machine prefers.
    pub(crate) fn use_source(&mut self, source: &str) -> io::Result<()> {
        let list = self.folder.join("sources.list");
        fs::write(&list, format!("{source}\n"))?;
        self.set("Dir::Etc::sourcelist", &list);
        for other in ["Dir::Etc::sourceparts", "Dir::Etc::preferences", "Dir::Etc::preferencesparts"] {
            self.set(other, "/dev/null");
        }
        Ok(())
    }

    /// The folder of the lists.
    pub(crate) fn lists(&self) -> PathBuf {
        self.folder.join("lists")
    }

    /// The folder of the packages.
    pub(crate) fn archives(&self) -> PathBuf {
        self.folder.join("cache/archives")
    }

    /// Runs `apt-get` with these words. Where there is none the error is [`io::ErrorKind::NotFound`].
    pub(crate) async fn run(&self, words: &[&str]) -> io::Result<Said> {
        let output = Command::new("apt-get")
            .arg("-q")
            .arg("--config-file")
            .arg(self.folder.join("apt.conf"))
            .args(&self.options)
            .args(words)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        Ok(Said {
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            last_words: last_words(&output.stdout, &output.stderr),
            is_success: output.status.success(),
        })
    }

    fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        let mut setting = OsString::from(format!("{name}="));
        setting.push(value.as_ref());
        self.options.extend(["--option".into(), setting]);
    }
}

/// Complaints come last, so that they are what is left when the rest is cut off.
pub(crate) fn last_words(output: &[u8], complaints: &[u8]) -> String {
    let all = [output, complaints].concat();
    let all = String::from_utf8_lossy(&all);
    let lines: Vec<&str> = all.lines().collect();
    lines[lines.len().saturating_sub(LAST_WORDS_LINES)..].join("\n")
}
