//! `template.yaml`, held to the code that it deploys.

use std::collections::{BTreeMap, BTreeSet};

use local::service;
use serde_yaml_ng::Value;

use crate::tree::{none, read};

/// Variables that the code reads and the template lacks, and why.
const NOT_IN_AWS: [(&str, &str); 9] = [
    ("ALTUS4_ALLOW_LOOPBACK", "in AWS there is nothing on the machine of a function that a customer may dial"),
    ("ALTUS4_AWS_ENDPOINT_ATHENA", "as for DynamoDB"),
    ("ALTUS4_AWS_ENDPOINT_BEDROCK", "as for DynamoDB"),
    (
        "ALTUS4_AWS_ENDPOINT_DYNAMODB",
        "the local runner has its emulators at two addresses; elsewhere ALTUS4_AWS_ENDPOINT is enough",
    ),
    ("ALTUS4_AWS_ENDPOINT_KMS", "as for DynamoDB"),
    ("ALTUS4_AWS_ENDPOINT_S3", "as for DynamoDB"),
    ("ALTUS4_AWS_ENDPOINT_SECRETS_MANAGER", "as for DynamoDB"),
    ("ALTUS4_CLOUD_ENDPOINT", "in AWS the services of other clouds are themselves"),
    ("ALTUS4_SQLITE_FOLDER", "in AWS a function has no folder in which a customer's files would be"),
];

/// What a function in a VPC may do with network interfaces, whichever they are.
const OF_A_VPC: [&str; 6] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

/// API Gateway gives up then, and its answer is not one of ours.
const GATEWAY_TIMEOUT_S: u64 = 29;

#[test]
fn every_route_of_the_template_is_one_of_its_function_and_the_other_way_round() {
    let in_code: BTreeSet<(String, String)> = service::functions()
        .iter()
        .flat_map(|(name, routes)| {
            let of_route =
                |route: &shared::http::Route| ((*name).to_owned(), format!("{} {}", route.method, route.path));
            routes.table().iter().map(of_route).collect::<Vec<_>>()
        })
        .collect();
    let template = template();
    let in_template: BTreeSet<(String, String)> = resources(&template, "AWS::ApiGatewayV2::Route")
        .values()
        .map(|route| (binary_behind(&template, route), text(&route["Properties"]["RouteKey"]).to_owned()))
        // What is no route of any function is answered by one of them, in our envelope.
        .filter(|route| *route != ("management".to_owned(), "$default".to_owned()))
        .collect();
    let missing = in_code.difference(&in_template).map(|(name, route)| format!("template.yaml: add {route} of {name}"));
    let extra = in_template.difference(&in_code).map(|(name, route)| format!("template.yaml: {name} has no {route}"));
    none(&missing.chain(extra).collect::<Vec<_>>());
}

#[test]
fn every_route_has_one_resource() {
    let template = template();
    let mut keys: Vec<&str> = resources(&template, "AWS::ApiGatewayV2::Route")
        .values()
        .map(|route| text(&route["Properties"]["RouteKey"]))
        .collect();
    keys.sort_unstable();
    let twice: Vec<String> = keys
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| format!("template.yaml: {} is there twice", pair[0]))
        .collect();
    none(&twice);
}

#[test]
fn every_function_may_be_called_by_one_service_and_ends_before_it_gives_up() {
    let template = template();
    // What reads a stream calls in the name of the function's own role.
    let callers =
        [resources(&template, "AWS::Lambda::Permission"), resources(&template, "AWS::Lambda::EventSourceMapping")];
    let called = callers.iter().flat_map(|callers| callers.values());
    let mut allowed: Vec<&str> = called.map(|caller| text(&caller["Properties"]["FunctionName"])).collect();
    allowed.sort_unstable();
    let functions = resources(&template, "AWS::Serverless::Function");
    assert_eq!(allowed, functions.keys().copied().collect::<Vec<_>>(), "one caller a function");
    for (name, function) in functions {
        let timeout_s = function["Properties"]["Timeout"].as_u64();
        assert!(
            timeout_s.is_some_and(|s| s < GATEWAY_TIMEOUT_S),
            "{name}: give it a Timeout under {GATEWAY_TIMEOUT_S}"
        );
    }
}

#[test]
fn every_function_has_a_role_and_a_log_of_its_own() {
    let template = template();
    let functions = resources(&template, "AWS::Serverless::Function");
    let role = |function: &&Value| text(&function["Properties"]["Role"]).to_owned();
    let log = |function: &&Value| text(&function["Properties"]["LoggingConfig"]["LogGroup"]).to_owned();
    let roles: BTreeSet<String> = functions.values().map(role).collect();
    let logs: BTreeSet<String> = functions.values().map(log).collect();
    assert_eq!((roles.len(), logs.len()), (functions.len(), functions.len()), "{roles:?} {logs:?}");
    for name in roles {
        let role = &template["Resources"][name.strip_suffix(".Arn").unwrap()];
        assert_eq!(text(&role["Type"]), "AWS::IAM::Role", "{name}");
        // A policy that AWS wrote allows what AWS thought of.
        assert!(role["Properties"].get("ManagedPolicyArns").is_none(), "{name}: write out what it may");
    }
}

#[test]
fn no_policy_has_a_wildcard() {
    let mut broken = Vec::new();
    for (place, statement) in statements(&template()) {
        // In the policy of a key, the asterisk stands for that key and nothing else can.
        let fields = if place.contains("KeyPolicy") { &["Action"][..] } else { &["Action", "Resource"] };
        // Of the network interfaces of a VPC nobody knows the names, and EC2 lets nobody ask for some of them only
        // ("Lambda VPC access", IAM reference of EC2). No data of ours is reached by these.
        if each(&statement["Action"]).into_iter().map(text).eq(OF_A_VPC) {
            continue;
        }
        for field in fields {
            let named: Vec<&str> = each(&statement[*field]).into_iter().map(text).collect();
            let has_wildcard = named.iter().any(|name| name.contains('*'));
            if named.is_empty() && !place.contains("AssumeRolePolicyDocument") || has_wildcard {
                broken.push(format!("template.yaml: {place}: {field} is {named:?}: name each"));
            }
        }
    }
    none(&broken);
}

#[test]
fn the_functions_have_the_variables_that_the_code_reads() {
    let config = read("shared/src/config.rs").text;
    let code = config.split("#[cfg(test)]").next().unwrap();
    let read_by_code: BTreeSet<&str> =
        code.split('"').skip(1).step_by(2).filter(|literal| literal.starts_with("ALTUS4_")).collect();
    let template = template();
    let in_template: BTreeSet<&str> =
        template["Globals"]["Function"]["Environment"]["Variables"].as_mapping().unwrap().keys().map(text).collect();
    let elsewhere: BTreeSet<&str> = NOT_IN_AWS.iter().map(|(name, _)| *name).collect();
    let expected: BTreeSet<&str> = read_by_code.difference(&elsewhere).copied().collect();
    assert_eq!(in_template, expected, "the template's variables are those that shared/src/config.rs reads");
    assert!(elsewhere.is_subset(&read_by_code), "NOT_IN_AWS names a variable that no code reads: {elsewhere:?}");
    for (name, function) in resources(&template, "AWS::Serverless::Function") {
        assert!(function["Properties"].get("Environment").is_none(), "{name}: all functions read the same variables");
    }
}

#[test]
fn a_browser_may_read_the_same_headers_behind_the_gateway_as_on_one_machine() {
    let code = read("shared/src/http/cors.rs").text;
    let exposed = code.split(".expose_headers(").nth(1).unwrap().split(".map(").next().unwrap();
    let exposed: BTreeSet<&str> = exposed.split('"').skip(1).step_by(2).collect();
    let template = template();
    let api = resources(&template, "AWS::ApiGatewayV2::Api").into_values().next().unwrap();
    let cors = &api["Properties"]["CorsConfiguration"][1];
    let of_gateway: BTreeSet<&str> = each(&cors["ExposeHeaders"]).into_iter().map(text).collect();
    assert_eq!(of_gateway, exposed, "ExposeHeaders in template.yaml, and shared/src/http/cors.rs");
}

#[test]
fn what_the_policies_ask_of_the_encryption_context_is_what_the_vault_gives() {
    let vault = read("shared/src/vault.rs").text;
    let mut asked = 0;
    for (place, statement) in statements(&template()) {
        let conditions = statement["Condition"].as_mapping().into_iter().flatten();
        for name in conditions.flat_map(|(_, keys)| keys.as_mapping().unwrap().keys().map(text).collect::<Vec<_>>()) {
            let Some(field) = name.strip_prefix("kms:EncryptionContext:") else { continue };
            assert!(vault.contains(&format!("(\"{field}\", ")), "{place}: the vault has no {field} in its context");
            asked += 1;
        }
    }
    assert_eq!(
        asked, 6,
        "databases, search, warehouses and scans open credentials, keys and management new keys, and nobody else does"
    );
}

#[test]
fn the_table_is_the_one_that_the_local_runner_makes() {
    let template = template();
    let table = &template["Resources"]["Table"]["Properties"];
    let keys: Vec<(&str, &str)> =
        each(&table["KeySchema"]).iter().map(|key| (text(&key["AttributeName"]), text(&key["KeyType"]))).collect();
    assert_eq!(keys, [("pk", "HASH"), ("sk", "RANGE")]);
    let ttl = text(&table["TimeToLiveSpecification"]["AttributeName"]);
    let local = read("infra/local/src/provision.rs").text;
    for made in ["key(\"pk\", KeyType::Hash)", "key(\"sk\", KeyType::Range)", &format!("attribute_name(\"{ttl}\")")] {
        assert!(local.contains(made), "infra/local/src/provision.rs lacks {made}");
    }
    assert_eq!(text(&table["StreamSpecification"]["StreamViewType"]), "KEYS_ONLY");
    assert!(local.contains("StreamViewType::KeysOnly"), "infra/local/src/provision.rs makes another stream");
    assert_eq!(table.get("GlobalSecondaryIndexes"), None, "the local runner makes none");
}

#[test]
fn what_reads_the_stream_gives_up_late_and_says_where() {
    let template = template();
    let sources = resources(&template, "AWS::Lambda::EventSourceMapping");
    assert_eq!(sources.len(), 2, "figures, and what is known of tables");
    for (name, source) in sources {
        let settings = &source["Properties"];
        assert_eq!(settings["BisectBatchOnFunctionError"].as_bool(), Some(true), "{name}");
        assert!(each(&settings["FunctionResponseTypes"]).contains(&&Value::from("ReportBatchItemFailures")), "{name}");
        assert!(settings["MaximumRetryAttempts"].as_u64().is_some_and(|attempts| attempts >= 5), "{name}");
        let queue = text(&settings["DestinationConfig"]["OnFailure"]["Destination"]).trim_end_matches(".Arn");
        assert_eq!(text(&template["Resources"][queue]["Type"]), "AWS::SQS::Queue", "{name}");
    }
}

#[test]
fn what_is_kept_outlives_the_stack() {
    let template = template();
    for kind in ["AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::SecretsManager::Secret"] {
        let kept = resources(&template, kind);
        assert!(!kept.is_empty(), "there is no {kind}");
        for (name, resource) in kept {
            for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
                assert_eq!(text(&resource[policy]), "Retain", "{name}: {policy}");
            }
        }
    }
}

/// The template as `sam` writes it out: with everything merged that it merges.
pub fn template() -> Value {
    let mut template: Value = serde_yaml_ng::from_str(&read("template.yaml").text).unwrap();
    // What is merged may have been merged itself.
    for _ in 0..3 {
        template.apply_merge().unwrap();
    }
    template
}

/// The resources of a kind, by their names.
pub fn resources<'a>(template: &'a Value, kind: &str) -> BTreeMap<&'a str, &'a Value> {
    let all = template["Resources"].as_mapping().unwrap().iter();
    all.filter(|(_, resource)| text(&resource["Type"]) == kind).map(|(name, resource)| (text(name), resource)).collect()
}

/// From a route over its integration to the binary of its function.
fn binary_behind(template: &Value, route: &Value) -> String {
    let target = text(&route["Properties"]["Target"]);
    let integration = target.strip_prefix("integrations/${").and_then(|rest| rest.strip_suffix('}')).unwrap();
    let uri = text(&template["Resources"][integration]["Properties"]["IntegrationUri"]);
    let function = &template["Resources"][uri.strip_suffix(".Arn").unwrap()];
    text(&function["Metadata"]["BuildProperties"]["Binary"]).to_owned()
}

/// Every statement of every policy, with the place where it stands.
fn statements(template: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    walk(&template["Resources"], "Resources", &mut found);
    assert!(found.len() > resources(template, "AWS::Serverless::Function").len(), "the policies were not found");
    found
}

fn walk(value: &Value, place: &str, found: &mut Vec<(String, Value)>) {
    if value.get("Effect").is_some() {
        found.push((place.to_owned(), value.clone()));
    }
    for (name, inner) in value.as_mapping().into_iter().flatten() {
        walk(inner, &format!("{place}.{}", text(name)), found);
    }
    for (index, inner) in value.as_sequence().into_iter().flatten().enumerate() {
        walk(inner, &format!("{place}[{index}]"), found);
    }
}

/// A list, or the one thing that stands for a list of one.
pub fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Sequence(values) => values.iter().collect(),
        one => vec![one],
    }
}

/// The text of a value, also where a tag such as `!Ref` stands before it.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value:?} is no text"))
}
