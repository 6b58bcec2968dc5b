//! Imports go one way: functions → `shared::http` → `shared::app` → domain → ground.

use crate::tree::{File, files, none, read};

/// The functions, each a crate of its own.
const FUNCTIONS: [&str; 9] =
    ["analytics", "auth", "databases", "keys", "management", "rollup", "rotation", "search", "warehouses"];

/// The domain: one noun a module, its store beneath it. The store's type has the name of the module.
const DOMAIN: [&str; 7] = ["analytics", "audit", "databases", "keys", "results", "users", "warehouses"];

/// The ground: it knows no domain. `error` is its one exception, since its variants carry what a domain module refuses.
const GROUND: [&str; 18] = [
    "aws",
    "background",
    "bounded",
    "clock",
    "config",
    "csv",
    "dynamo",
    "error",
    "fernet",
    "id",
    "later",
    "limits",
    "metrics",
    "models",
    "once",
    "packed",
    "s3",
    "vault",
];

/// What only the edge may name.
const OF_HTTP: [&str; 3] = ["axum", "lambda_http", "StatusCode"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Ground,
    Domain,
    App,
    Http,
}

#[test]
fn every_module_of_shared_belongs_to_a_layer() {
    let mut broken = Vec::new();
    for file in shared() {
        if layer(module(&file)).is_none() && module(&file) != "lib" {
            broken.push(format!("{}:1: no layer has this module: name its layer in tests/house/imports.rs", file.path));
        }
    }
    none(&broken);
}

#[test]
fn a_module_of_shared_names_only_its_own_layer_and_those_beneath() {
    let mut broken = Vec::new();
    for file in shared() {
        let Some(own) = layer(module(&file)) else { continue };
        let reach = if module(&file) == "error" { Layer::Domain } else { own };
        for (line, path) in crate_paths(&file) {
            if let Some(named) = layer(first(&path)).filter(|named| *named > reach) {
                let (path_of_file, own) = (&file.path, format!("{own:?}").to_lowercase());
                broken
                    .push(format!("{path_of_file}:{line}: {own} names {path} of {named:?}: hand it in as an argument"));
            }
        }
    }
    none(&broken);
}

#[test]
fn a_domain_module_never_names_the_store_of_another() {
    let mut broken = Vec::new();
    for file in shared() {
        if layer(module(&file)) != Some(Layer::Domain) {
            continue;
        }
        for (line, path) in crate_paths(&file) {
            let (other, rest) = path.split_once("::").unwrap_or((&path, ""));
            let is_store = rest.split("::").any(|part| part == "store" || part.to_lowercase() == other);
            if DOMAIN.contains(&other) && other != module(&file) && is_store {
                broken.push(format!(
                    "{}:{line}: {path} is another's store: let a handler bring the two together",
                    file.path
                ));
            }
        }
    }
    none(&broken);
}

#[test]
fn a_path_never_goes_up_two_modules() {
    let mut broken = Vec::new();
    for file in shared() {
        for (line, text) in file.code() {
            if text.contains("super::super") {
                broken
                    .push(format!("{}:{line}: write crate:: and the path, so that a reader need not count", file.path));
            }
        }
    }
    none(&broken);
}

#[test]
fn only_the_edge_knows_http() {
    let mut broken = Vec::new();
    let is_edge = |file: &File| file.path == "shared/src/http.rs" || file.path.starts_with("shared/src/http/");
    // The emulators and the journal speak the wire of AWS, the service on one machine is a server, and what measures a start
    // is Lambda's side of it, beside the smallest function. Rotation is called by Secrets Manager, rollup and scans by the
    // table's stream: they take Lambda's runtime from where the edge has it. Tests are clients.
    let is_free = |file: &File| {
        let alone = [
            "functions/rollup/src/lib.rs",
            "functions/rotation/src/lib.rs",
            "functions/warehouses/src/scans.rs",
            "infra/hello/src/main.rs",
            "infra/local/src/journal.rs",
            "infra/local/src/service.rs",
            "infra/local/src/start/runtime.rs",
        ];
        file.is("infra/local/src/aws", "") || alone.contains(&file.path.as_str()) || file.is("tests/", "")
    };
    for file in files().iter().filter(|file| file.is("", ".rs") && !is_edge(file) && !is_free(file)) {
        for (line, text) in file.code() {
            for name in OF_HTTP.iter().filter(|name| words(text).any(|word| word == **name)) {
                let path = &file.path;
                broken
                    .push(format!("{path}:{line}: {name} belongs to shared/src/http: answer with a Reply or an Error"));
            }
        }
    }
    none(&broken);
}

#[test]
fn functions_and_shared_name_no_function() {
    let mut broken = Vec::new();
    let members = FUNCTIONS.map(|name| format!("functions/{name}/Cargo.toml"));
    for path in members.iter().map(String::as_str).chain(["shared/Cargo.toml"]) {
        for (line, text) in read(path).lines() {
            if let Some(name) = text.split(['.', ' ']).next().filter(|name| FUNCTIONS.contains(name)) {
                broken.push(format!("{path}:{line}: {name} is a function: what two of them need lives in shared"));
            }
        }
    }
    none(&broken);
}

#[test]
fn the_list_of_functions_is_complete() {
    let found: Vec<String> = files()
        .iter()
        .filter_map(|file| Some(file.path.strip_prefix("functions/")?.strip_suffix("/Cargo.toml")?.to_owned()))
        .collect();
    assert_eq!(
        found, FUNCTIONS,
        "add it to FUNCTIONS in tests/house/imports.rs, and its routes to local::service::functions"
    );
}

fn shared() -> Vec<File> {
    files().into_iter().filter(|file| file.is("shared/src/", ".rs")).collect()
}

/// `keys` for `shared/src/keys.rs` and for everything under `shared/src/keys/`.
fn module(file: &File) -> &str {
    let within = file.path.strip_prefix("shared/src/").unwrap();
    within.split(['/', '.']).next().unwrap()
}

fn layer(module: &str) -> Option<Layer> {
    match module {
        "http" => Some(Layer::Http),
        "app" => Some(Layer::App),
        domain if DOMAIN.contains(&domain) => Some(Layer::Domain),
        ground if GROUND.contains(&ground) => Some(Layer::Ground),
        _ => None,
    }
}

fn first(path: &str) -> &str {
    path.split("::").next().unwrap()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// What follows each `crate::` of a file, with the braces of imports written out, and the line.
fn crate_paths(file: &File) -> Vec<(usize, String)> {
    let code: Vec<(usize, &str)> = file.code().collect();
    let mut paths = Vec::new();
    for (index, (line, text)) in code.iter().enumerate() {
        for (at, found) in text.match_indices("crate::") {
            // An import may go on over many lines.
            let rest =
                code[index + 1..].iter().fold(text[at + found.len()..].to_owned(), |all, (_, next)| all + "\n" + next);
            let mut named = Vec::new();
            expand(&rest, "", &mut named);
            paths.extend(named.into_iter().map(|path| (*line, path)));
        }
    }
    paths
}

/// Reads one path, or one pair of braces with paths between them, and hands back what comes after.
fn expand<'a>(text: &'a str, before: &str, named: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches([',', ' ', '\n', '*']);
            match rest.strip_prefix('}') {
                Some(after) => return after,
                None if rest.is_empty() => return rest,
                None => rest = expand(rest, before, named),
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let path = if before.is_empty() { name.to_owned() } else { format!("{before}::{name}") };
    if let Some(deeper) = rest.strip_prefix("::") {
        return expand(deeper, &path, named);
    }
    named.push(path);
    // What is neither a name nor a brace, such as the asterisk of a glob, is passed over, so that braces come to an end.
    if name.is_empty() { rest.get(1..).unwrap_or("") } else { rest }
}

#[test]
fn the_braces_of_an_import_are_written_out() {
    let mut named = Vec::new();
    let rest = expand("{\n    keys::{Key, quota::*},\n    users::Users as U,\n    Result,\n};", "", &mut named);
    assert_eq!(named, ["keys::Key", "keys::quota::", "users::Users", "as", "U", "Result"]);
    assert_eq!(rest, ";");
}
