//! How the template is deployed, and that nothing is which no test calls.

use std::collections::BTreeMap;

use local::service;

use crate::template::template;
use crate::tree::{File, files, none, read};

#[test]
fn every_setting_of_a_deployment_is_a_parameter_of_the_template_and_can_have_its_value() {
    let template = template();
    let mut broken = Vec::new();
    for (environment, parameters) in overrides() {
        for (name, value) in parameters {
            let parameter = &template["Parameters"][name.as_str()];
            let Some(kind) = parameter["Type"].as_str() else {
                broken.push(format!("samconfig.toml: {environment}: the template has no parameter {name}"));
                continue;
            };
            let allowed = parameter["AllowedValues"].as_sequence();
            let is_allowed = allowed.is_none_or(|all| all.iter().any(|one| plain(one) == value));
            let number = value.parse::<i64>();
            let is_number = kind != "Number"
                || number.is_ok_and(|number| {
                    parameter["MinValue"].as_i64().is_none_or(|least| least <= number)
                        && parameter["MaxValue"].as_i64().is_none_or(|most| number <= most)
                });
            if !is_allowed || !is_number {
                broken.push(format!("samconfig.toml: {environment}: {name} can not be {value}"));
            }
        }
    }
    none(&broken);
}

#[test]
fn both_deployments_are_whole_and_only_that_for_people_to_use_asks_first() {
    let text = read("samconfig.toml").text;
    let sections: BTreeMap<&str, &str> = text.split("\n[").filter_map(|section| section.split_once("]\n")).collect();
    for (environment, asks) in [("dev", "false"), ("prod", "true")] {
        let deploy = sections[format!("{environment}.deploy.parameters").as_str()];
        for line in ["capabilities = \"CAPABILITY_IAM\"", "resolve_s3 = true", &format!("confirm_changeset = {asks}")] {
            assert!(deploy.contains(line), "samconfig.toml: {environment}: {line}");
        }
        assert!(sections[format!("{environment}.global.parameters").as_str()].contains("stack_name = "));
    }
}

#[test]
fn every_parameter_says_what_it_is_for_and_may_be_left_out() {
    for (name, parameter) in template()["Parameters"].as_mapping().unwrap() {
        assert!(parameter.get("Description").is_some() && parameter.get("Default").is_some(), "{name:?}");
    }
}

/// A test in `tests/api` names a route by its path, or by the end of it where a helper puts the beginning before that, with
/// anything in the place of ids. That it is named is not that all it promises is held, but that it is not is that nothing is.
/// `tests/deployed` calls every route of the tables.
#[test]
fn every_route_is_named_by_a_black_box_test() {
    let files = files();
    let tests = files.iter().filter(|file| file.is("tests/api/", ".rs") || file.is("tests/support/", ".rs"));
    let named: Vec<String> = tests.flat_map(literals).collect();
    let mut broken = Vec::new();
    for (function, routes) in service::functions() {
        for route in routes.table() {
            let path = without_ids(route.path);
            let is_named = |name: &String| path == *name || path.ends_with(&format!("/{name}"));
            if !named.iter().any(is_named) {
                let (method, path) = (&route.method, route.path);
                broken.push(format!("{method} {path} of {function}: no test in tests/api names it"));
            }
        }
    }
    none(&broken);
}

/// The texts in the code of a file, as paths without what may stand in the place of an id. An id alone names nothing.
fn literals(file: &File) -> Vec<String> {
    let code: Vec<&str> = file.code().map(|(_, line)| line).collect();
    let texts: Vec<String> = code.join("\n").split('"').skip(1).step_by(2).map(without_ids).collect();
    texts.into_iter().filter(|text| !text.is_empty() && text != "{}").collect()
}

/// A path without its query, and with `{}` in the place of each id.
fn without_ids(path: &str) -> String {
    let path = path.split('?').next().unwrap();
    path.split('{').enumerate().fold(String::new(), |all, (index, part)| match part.split_once('}') {
        Some((_, rest)) if index > 0 => format!("{all}{{}}{rest}"),
        _ => all + part,
    })
}

/// What `samconfig.toml` gives the parameters, by deployment.
fn overrides() -> BTreeMap<String, Vec<(String, String)>> {
    let mut found: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut environment = String::new();
    for line in read("samconfig.toml").text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            section.split('.').next().unwrap().clone_into(&mut environment);
        }
        let given =
            line.strip_prefix('"').and_then(|rest| rest.strip_suffix("\",")).and_then(|rest| rest.split_once('='));
        if let Some((name, value)) = given {
            found.entry(environment.clone()).or_default().push((name.to_owned(), value.to_owned()));
        }
    }
    assert!(found.contains_key("dev") && found.contains_key("prod"), "{found:?}");
    found
}

/// A value of YAML as it is written on the command line.
fn plain(value: &serde_yaml_ng::Value) -> String {
    value.as_str().map_or_else(|| value.as_i64().unwrap().to_string(), str::to_owned)
}
