//! How the template is deployed, and that nothing is which no test calls.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use local::service;
use tests::called;

use crate::template::template;
use crate::tree::{none, read};

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

/// Every panic would end its environment, and with it the requests after it: cargo-lambda says `abort` where we say nothing.
#[test]
fn what_is_deployed_survives_a_panic() {
    let text = read("Cargo.toml").text;
    let profile = text.split("\n[").find_map(|section| section.strip_prefix("profile.release]\n")).unwrap();
    assert!(profile.lines().any(|line| line == "panic = \"unwind\""), "Cargo.toml: {profile}");
}

#[test]
fn every_parameter_says_what_it_is_for_and_may_be_left_out() {
    for (name, parameter) in template()["Parameters"].as_mapping().unwrap() {
        assert!(parameter.get("Description").is_some() && parameter.get("Default").is_some(), "{name:?}");
    }
}

/// The tests of the API note what was answered with success, in the file that `./dev test` names to them and then to this.
/// `tests/api/matrix.rs` calls every route in ways that are refused, and `tests/deployed/routes.rs` every one as a program.
#[test]
#[ignore = "reads what the tests of the API have called: ./dev test runs it behind them"]
fn every_route_was_answered_with_success_in_a_black_box_test() {
    let file = called::file().expect("ALTUS4_TEST_CALLED, as ./dev test names it");
    let called = fs::read_to_string(file).expect("the tests of the API have run before");
    let called: BTreeSet<&str> = called.lines().collect();
    let mut broken = Vec::new();
    for (function, routes) in service::functions() {
        for route in routes.table() {
            let route = format!("{} {}", route.method, route.path);
            if !called.contains(route.as_str()) {
                broken.push(format!("{route} of {function}: no test in tests/api gets a good answer from it"));
            }
        }
    }
    none(&broken);
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
