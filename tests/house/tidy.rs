//! What a reader may rely on, file by file.

use crate::tree::{File, files, none, read};

/// This file names what it forbids.
const SELF: &str = "tests/house/tidy.rs";

/// The most lines that a file has without a reason.
const LINES_MAX: usize = 250;

/// Files that are longer, and why.
const LONG: [(&str, &str); 2] = [
    ("infra/local/src/aws/kms.rs", "the operations of one service of AWS, read beside its reference"),
    ("infra/local/src/aws/secrets.rs", "the operations of one service of AWS, read beside its reference"),
];

/// Beginnings of paths on somebody's machine.
const PLACES: [&str; 3] = ["/work/", "/root/", "/home/"];

/// Where packages come from is the business of the machine that builds.
const REGISTRIES: [&str; 8] = [
    "files.pythonhosted.org",
    "index.crates.io",
    "--index-url",
    "proxy.golang.org",
    "pypi.org",
    "registry.npmjs.org",
    "sparse+http",
    "static.crates.io",
];

#[test]
fn every_dependency_says_what_it_is_for() {
    let mut broken = Vec::new();
    let mut is_explained = false;
    for (line, text) in workspace_dependencies(&read("Cargo.toml")) {
        if text.starts_with('#') || text.is_empty() {
            is_explained = text.starts_with('#');
            continue;
        }
        if !is_explained {
            broken.push(format!("Cargo.toml:{line}: put a comment above it that says what it is for"));
        }
        // Our own crates stand together under one line.
        is_explained = is_explained && text.contains("path = ");
    }
    none(&broken);
}

#[test]
fn every_dependency_is_used_by_a_member() {
    let used: Vec<String> =
        members().iter().flat_map(|file| dependencies(file).map(|(_, text)| name(text)).collect::<Vec<_>>()).collect();
    let mut broken = Vec::new();
    for (line, text) in workspace_dependencies(&read("Cargo.toml")) {
        let is_dependency = !text.is_empty() && !text.starts_with('#');
        if is_dependency && !used.contains(&name(text)) {
            broken.push(format!("Cargo.toml:{line}: no member uses {}: remove it", name(text)));
        }
    }
    none(&broken);
}

#[test]
fn members_take_their_dependencies_from_the_workspace() {
    let mut broken = Vec::new();
    for file in members() {
        for (line, text) in dependencies(&file) {
            if !text.contains("workspace = true") {
                let (path, name) = (&file.path, name(text));
                broken.push(format!(
                    "{path}:{line}: write {name}.workspace = true, and the version into the root's Cargo.toml"
                ));
            }
        }
    }
    none(&broken);
}

#[test]
fn the_main_of_a_function_has_fewer_than_ten_lines() {
    let mut broken = Vec::new();
    for file in files().iter().filter(|file| file.is("functions/", "/src/main.rs")) {
        let lines = file.lines().count();
        if lines >= 10 {
            broken.push(format!(
                "{}:{lines}: it starts the function and does nothing else: move the rest to lib.rs",
                file.path
            ));
        }
    }
    none(&broken);
}

#[test]
fn a_file_has_at_most_250_lines_before_its_tests() {
    let mut broken = Vec::new();
    for file in files().iter().filter(|file| file.is("", ".rs") && !file.is("tests/", "") && !file.is("", "/tests.rs"))
    {
        let lines = file.lines().take_while(|(_, text)| *text != "#[cfg(test)]").count();
        let is_long = lines > LINES_MAX;
        let has_reason = LONG.iter().any(|(path, _)| *path == file.path);
        if is_long && !has_reason {
            let path = &file.path;
            broken
                .push(format!("{path}:{lines}: cut it where a reader would, or give {SELF} a reason why it is longer"));
        }
        if !is_long && has_reason {
            broken.push(format!("{}:{lines}: it is short now: take it out of LONG in {SELF}", file.path));
        }
    }
    for (path, _) in LONG {
        read(path);
    }
    none(&broken);
}

#[test]
fn no_lint_is_allowed() {
    let mut broken = Vec::new();
    for file in files().iter().filter(|file| file.is("", ".rs") && file.path != SELF) {
        for (line, text) in file.lines() {
            if text.contains("#[allow") || text.contains("#![allow") {
                broken.push(format!(
                    "{}:{line}: write expect with a reason: it complains when it is not needed any more",
                    file.path
                ));
            }
        }
    }
    none(&broken);
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    let mut broken = Vec::new();
    for file in files().iter().filter(|file| file.path != SELF) {
        for (line, text) in file.lines() {
            for place in PLACES.iter().filter(|place| begins_a_path(text, place)) {
                broken.push(format!(
                    "{}:{line}: {place} is not on other machines: write a path from the root",
                    file.path
                ));
            }
            for registry in REGISTRIES.iter().filter(|registry| text.contains(**registry)) {
                let path = &file.path;
                broken.push(format!(
                    "{path}:{line}: {registry} is for the machine to say: leave it to cargo, pip or npm"
                ));
            }
        }
    }
    none(&broken);
}

#[test]
fn every_decision_can_be_found() {
    let index = format!("{}\n{}", read("docs/adr/README.md").text, read("ARCHITECTURE.md").text);
    let files = files();
    let mut broken = Vec::new();
    for file in files.iter().filter(|file| file.is("docs/adr/", ".md") && !file.is("", "/README.md")) {
        let name = file.path.rsplit('/').next().unwrap();
        if !index.contains(&format!("{name})")) {
            broken.push(format!("{}:1: link it from docs/adr/README.md", file.path));
        }
    }
    for file in files.iter().filter(|file| file.path != SELF) {
        for (line, path) in file.lines().flat_map(|(line, text)| decisions(text).map(move |path| (line, path))) {
            if !files.iter().any(|decision| decision.path == path) {
                broken.push(format!("{}:{line}: there is no {path}: write it, or name another", file.path));
            }
        }
    }
    none(&broken);
}

/// The decisions that a line names by their paths.
fn decisions(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("docs/adr/0").map(|(at, _)| {
        let path = text[at..].split(|c: char| !c.is_alphanumeric() && !"/-.".contains(c)).next().unwrap();
        path.trim_end_matches('.')
    })
}

fn members() -> Vec<File> {
    files().into_iter().filter(|file| file.is("", "/Cargo.toml")).collect()
}

/// The lines of the workspace's table of dependencies, with its comments.
fn workspace_dependencies(root: &File) -> impl Iterator<Item = (usize, &str)> {
    root.lines()
        .skip_while(|(_, text)| *text != "[workspace.dependencies]")
        .skip(1)
        .take_while(|(_, text)| !text.starts_with('['))
}

/// The lines of a member's tables of dependencies, of whatever kind.
fn dependencies(member: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut is_inside = false;
    member.lines().filter(move |(_, text)| {
        if text.starts_with('[') {
            is_inside = text.trim_end_matches(']').ends_with("dependencies");
            return false;
        }
        is_inside && !text.is_empty() && !text.starts_with('#')
    })
}

fn name(line: &str) -> String {
    line.split(['.', ' ', '=']).next().unwrap().to_owned()
}

/// Whether a path begins here, and not in the middle of another.
fn begins_a_path(text: &str, place: &str) -> bool {
    text.match_indices(place).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-}".contains(c))
    })
}
