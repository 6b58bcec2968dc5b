//! `docs/openapi.yaml`, held to the routers, to the page of errors, and to itself.

use std::collections::BTreeSet;

use local::service;
use serde_json::Value;
use tests::contract::{document, misfits, operations};

use crate::tree::{none, read};

#[test]
fn the_document_has_every_route_and_no_other() {
    let documented: BTreeSet<String> =
        operations().iter().map(|operation| format!("{} {}", operation.method, operation.path)).collect();
    let functions = service::functions();
    let routes = functions.iter().flat_map(|(_, routes)| routes.table());
    let served: BTreeSet<String> = routes.map(|route| format!("{} {}", route.method, route.path)).collect();
    let missing = served.difference(&documented).map(|route| format!("docs/openapi.yaml: describe {route}"));
    let extra = documented.difference(&served).map(|route| format!("docs/openapi.yaml: no function has {route}"));
    none(&missing.chain(extra).collect::<Vec<_>>());
}

#[test]
fn what_is_kept_for_old_clients_is_deprecated_and_nothing_else_is() {
    let functions = service::functions();
    let aliases = functions.iter().flat_map(|(_, routes)| routes.aliases());
    let served: BTreeSet<&str> = aliases.clone().map(|(path, _)| *path).collect();
    let deprecated = operations().iter().filter(|operation| operation.definition()["deprecated"] == true);
    let documented: BTreeSet<&str> = deprecated.map(|operation| operation.path.as_str()).collect();
    assert_eq!(documented, served, "`deprecated` in docs/openapi.yaml, and the aliases of the routes");
    for (alias, successor) in aliases {
        let is_there = operations().iter().any(|operation| operation.path == *successor);
        assert!(is_there && !served.contains(successor), "{alias}: {successor} has to be a path that stays");
    }
}

#[test]
fn every_operation_has_a_name_a_tag_and_says_who_may_call() {
    let tags: Vec<&Value> = document()["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut names = BTreeSet::new();
    let mut broken = Vec::new();
    for operation in operations() {
        let definition = operation.definition();
        let place = format!("docs/openapi.yaml: {} {}", operation.method, operation.path);
        if !names.insert(definition["operationId"].as_str().unwrap_or_default()) {
            broken.push(format!("{place}: give it an operationId of its own"));
        }
        if !definition["tags"].as_array().is_some_and(|named| named.iter().all(|tag| tags.contains(&tag))) {
            broken.push(format!("{place}: its tag is not in the list of tags"));
        }
        if !definition["security"].is_array() || !definition["summary"].is_string() {
            broken.push(format!("{place}: say in security and summary who may call it, and what for"));
        }
    }
    none(&broken);
}

#[test]
fn every_parameter_says_what_it_is() {
    let mut broken = Vec::new();
    for operation in operations() {
        for (_, parameter) in operation.parameters().filter(|(_, parameter)| !parameter["description"].is_string()) {
            broken.push(format!(
                "docs/openapi.yaml: {} {}: describe {}",
                operation.method, operation.path, parameter["name"]
            ));
        }
    }
    none(&broken);
}

#[test]
fn every_good_answer_has_an_example() {
    let mut broken = Vec::new();
    for operation in operations().iter().filter(|operation| !operation.is_page()) {
        let answers = operation.definition()["responses"].as_object().unwrap();
        for status in answers.keys().filter(|status| status.starts_with('2')) {
            let answer = document().pointer(&operation.answer(status.parse().unwrap()).unwrap()).unwrap();
            if answer["content"]["application/json"]["example"].is_null() {
                broken.push(format!(
                    "docs/openapi.yaml: {} {}: show an answer {status}",
                    operation.method, operation.path
                ));
            }
        }
    }
    none(&broken);
}

#[test]
fn every_example_fits_its_schema() {
    let mut examples = Vec::new();
    find_examples(document(), "", &mut examples);
    assert!(examples.len() > 10, "the examples were not found");
    let broken = examples.into_iter().flat_map(|(place, example)| {
        let misfits = misfits(&format!("{place}/schema"), example).into_iter();
        misfits.map(move |misfit| format!("docs/openapi.yaml: {place}: {misfit}"))
    });
    none(&broken.collect::<Vec<_>>());
}

#[test]
fn the_codes_are_those_of_the_page_of_errors() {
    let mut documented = BTreeSet::new();
    find_codes(&document()["components"]["schemas"]["Problem"]["oneOf"], &mut documented);
    let page = read("docs/errors.md");
    let rows = page.text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let of_page: BTreeSet<String> = rows
        .filter(|(_, rest)| rest.split(" | ").next().is_some_and(|status| status.parse::<u16>().is_ok()))
        .map(|(code, _)| code.to_owned())
        .collect();
    assert_eq!(documented, of_page, "Problem in docs/openapi.yaml, and docs/errors.md");
}

/// The examples of bodies, each with the place where its schema stands.
fn find_examples<'a>(value: &'a Value, place: &str, examples: &mut Vec<(String, &'a Value)>) {
    if value.get("schema").is_some() {
        let several = value["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
        examples.extend(value.get("example").into_iter().chain(several).map(|example| (place.to_owned(), example)));
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        find_examples(inner, &format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), examples);
    }
    for (number, inner) in value.as_array().into_iter().flatten().enumerate() {
        find_examples(inner, &format!("{place}/{number}"), examples);
    }
}

fn find_codes(value: &Value, codes: &mut BTreeSet<String>) {
    for variant in value.as_array().unwrap() {
        let code = &variant["properties"]["code"];
        let several = code["enum"].as_array().into_iter().flatten();
        codes.extend(several.chain(code.get("const")).filter_map(Value::as_str).map(str::to_owned));
    }
}
