//! The alarms and the dashboard, held to the functions that they watch and to the metrics that the code makes.

use serde_json::Value as Json;
use serde_yaml_ng::Value;

use crate::template::{each, resources, template, text};
use crate::tree::{none, read};

/// Of every function: how often it failed, how often there was no room for it, how long it took.
const WATCHED: [&str; 3] = ["Errors", "Throttles", "Duration"];

#[test]
fn every_function_has_its_alarms() {
    let template = template();
    let alarms = resources(&template, "AWS::CloudWatch::Alarm");
    let mut broken = Vec::new();
    for (name, function) in resources(&template, "AWS::Serverless::Function") {
        for metric in WATCHED {
            let of_it = |alarm: &&&Value| {
                let alarm = &alarm["Properties"];
                let dimensions: Vec<(&str, &str)> =
                    each(&alarm["Dimensions"]).iter().map(|one| (text(&one["Name"]), text(&one["Value"]))).collect();
                text(&alarm["Namespace"]) == "AWS/Lambda"
                    && text(&alarm["MetricName"]) == metric
                    && dimensions == [("FunctionName", name)]
            };
            let Some(alarm) = alarms.values().find(of_it) else {
                broken.push(format!("template.yaml: {name}: add an alarm on {metric}, as the other functions have"));
                continue;
            };
            let (threshold, timeout_s) = (&alarm["Properties"]["Threshold"], &function["Properties"]["Timeout"]);
            if metric == "Duration" && threshold.as_u64() >= timeout_s.as_u64().map(|s| s * 1000) {
                broken.push(format!("template.yaml: {name}: no request can take {threshold:?} ms, it ends before"));
            }
        }
    }
    none(&broken);
}

#[test]
fn whatever_lies_in_a_queue_sets_off_an_alarm() {
    let template = template();
    let alarms = resources(&template, "AWS::CloudWatch::Alarm");
    let queues = resources(&template, "AWS::SQS::Queue");
    assert!(!queues.is_empty(), "what reads the stream gives up into one");
    for name in queues.keys() {
        let is_of_it = |alarm: &&&Value| {
            let alarm = &alarm["Properties"];
            let dimensions: Vec<&str> = each(&alarm["Dimensions"]).iter().map(|one| text(&one["Value"])).collect();
            dimensions == [format!("{name}.QueueName")]
                && (text(&alarm["Namespace"]), text(&alarm["MetricName"]))
                    == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
        };
        let alarm =
            alarms.values().find(is_of_it).unwrap_or_else(|| panic!("{name}: no alarm watches what lies in it"));
        let alarm = &alarm["Properties"];
        assert_eq!((alarm["Threshold"].as_u64(), text(&alarm["Statistic"])), (Some(1), "Maximum"), "{name}");
        assert_eq!(text(&alarm["ComparisonOperator"]), "GreaterThanOrEqualToThreshold", "{name}");
    }
}

#[test]
fn every_alarm_tells_somebody_and_is_quiet_when_nobody_calls() {
    for (name, alarm) in resources(&template(), "AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        assert_eq!(alarm["AlarmActions"], alarm["OKActions"], "{name}");
        assert!(alarm["AlarmActions"].as_null().is_none(), "{name}: AlarmActions");
        assert_eq!(text(&alarm["TreatMissingData"]), "notBreaching", "{name}");
        assert!(!text(&alarm["AlarmDescription"]).is_empty(), "{name}");
    }
}

#[test]
fn alarms_and_dashboard_watch_metrics_that_the_code_makes() {
    let template = template();
    let code = read("shared/src/http/metrics.rs").text;
    let code = code.split("#[cfg(test)]").next().unwrap();
    let mut watched = Vec::new();
    for (name, alarm) in resources(&template, "AWS::CloudWatch::Alarm") {
        if text(&alarm["Properties"]["Namespace"]) == "Altus4" {
            watched.push((name.to_owned(), text(&alarm["Properties"]["MetricName"]).to_owned()));
        }
    }
    let on_dashboard = own_metrics(&dashboard(&template));
    assert!(watched.len() >= 3 && on_dashboard.len() >= 5, "{watched:?} {on_dashboard:?}");
    watched.extend(on_dashboard.into_iter().map(|metric| ("the dashboard".to_owned(), metric)));
    for (place, metric) in watched {
        assert!(code.contains(&format!("\"{metric}\"")), "{place}: shared/src/http/metrics.rs makes no {metric}");
    }
}

/// The body of the one dashboard. What `CloudFormation` puts into its blanks is left out of it here.
fn dashboard(template: &Value) -> Json {
    let dashboards = resources(template, "AWS::CloudWatch::Dashboard");
    assert_eq!(dashboards.len(), 1, "one dashboard");
    let body = text(&dashboards.values().next().unwrap()["Properties"]["DashboardBody"]);
    let (first, blanks) = body.split_once("${").unwrap();
    let rest: Vec<&str> = blanks.split("${").map(|part| part.split_once('}').unwrap().1).collect();
    serde_json::from_str(&format!("{first}{}", rest.concat())).unwrap()
}

/// The metrics of our own that widgets name: as a row of names, or within an expression that searches.
fn own_metrics(dashboard: &Json) -> Vec<String> {
    let mut found = Vec::new();
    for widget in dashboard["widgets"].as_array().unwrap() {
        for row in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            if row[0] == "Altus4" {
                found.push(row[1].as_str().unwrap().to_owned());
            }
            let expression = row[0]["expression"].as_str().filter(|text| text.contains("{Altus4,"));
            found.extend(expression.map(|text| text.split('"').nth(1).unwrap().to_owned()));
        }
    }
    found
}
