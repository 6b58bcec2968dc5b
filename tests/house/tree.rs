//! The files of the repository, as text.

use std::fs;
use std::path::{Path, PathBuf};

/// Kinds of files that people write. The script `dev` and `.ci/run` have no ending.
const KINDS: [&str; 5] = ["rs", "toml", "md", "yaml", ""];

/// What is made, not written.
const MADE: [&str; 1] = ["target"];

/// A file, with its path from the root of the repository.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// Its lines that are not comments, numbered from 1.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Its lines, numbered from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Whether it ends like this and lies under this folder.
    pub fn is(&self, folder: &str, ending: &str) -> bool {
        self.path.starts_with(folder) && self.path.ends_with(ending)
    }
}

/// One file by its path from the root.
pub fn read(path: &str) -> File {
    let text = fs::read_to_string(root().join(path));
    File { text: text.unwrap_or_else(|error| panic!("{path}: {error}")), path: path.to_owned() }
}

/// Every file that somebody wrote, in the order of the paths.
pub fn files() -> Vec<File> {
    let mut paths = Vec::new();
    walk(&root(), &mut paths);
    paths.sort();
    paths.iter().map(|path| read(path.strip_prefix(root()).unwrap().to_str().unwrap())).collect()
}

/// Fails with one line for each broken rule.
pub fn none(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_hidden = name.starts_with('.') && name != ".ci";
        if is_hidden || MADE.contains(&name) {
            continue;
        }
        if path.is_dir() {
            walk(&path, paths);
        } else if KINDS.contains(&path.extension().map_or("", |kind| kind.to_str().unwrap())) {
            paths.push(path);
        }
    }
}

/// Cargo runs a test in the folder of its package. The path is not fixed when it is built, because the build may be kept
/// longer than the checkout.
fn root() -> PathBuf {
    PathBuf::from("..")
}
