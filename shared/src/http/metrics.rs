//! A request as figures for `CloudWatch`: one line of JSON a request, from which `CloudWatch` makes metrics by itself. See
//! "Specification: Embedded metric format" in its user guide.
//!
//! Every set of values of the dimensions is a metric that is paid for. The values are few by their kind: the service, the
//! routes of its tables, the codes of `http/reply.rs`.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::log::Seen;
use crate::clock::Timestamp;
use crate::metrics::{self, Counts};

const NAMESPACE: &str = "Altus4";

/// What is told of one request under some dimensions.
struct Group {
    dimensions: &'static [&'static str],
    metrics: Vec<(&'static str, &'static str, u64)>,
}

/// Writes the line of a request, under the name of the service. It goes to the log whatever the log's level is: alarms
/// hang on it.
pub(super) fn tell(service: &str, now: Timestamp, seen: &Seen) {
    let line = format!("{}\n", document(service, now, seen, metrics::take()));
    // One write a line, so that no other line begins in the middle of it. There is nobody to tell that it failed.
    let _ = io::stdout().lock().write_all(line.as_bytes());
}

fn document(service: &str, now: Timestamp, seen: &Seen, counts: Counts) -> Value {
    let route = format!("{} {}", seen.method, seen.route);
    let groups = groups(seen, counts);
    let directives: Vec<Value> = groups.iter().map(directive).collect();
    let mut root = Map::new();
    root.insert("_aws".to_owned(), json!({ "Timestamp": now.epoch_ms(), "CloudWatchMetrics": directives }));
    root.insert("Service".to_owned(), service.into());
    root.insert("Route".to_owned(), route.into());
    root.extend(seen.code.map(|code| ("Code".to_owned(), code.into())));
    let values = groups.into_iter().flat_map(|group| group.metrics);
    root.extend(values.map(|(name, _, value)| (name.to_owned(), value.into())));
    Value::Object(root)
}

fn groups(seen: &Seen, counts: Counts) -> Vec<Group> {
    let rare = [
        ("ColdStarts", u64::from(seen.is_cold_start)),
        ("KeyRefusals", u64::from(seen.code == Some("INVALID_API_KEY"))),
        ("KmsDenials", counts.kms_denials),
        ("RecordingFailures", counts.recording_failures),
    ];
    let happened = rare.into_iter().filter(|(_, times)| *times > 0).map(|(name, times)| (name, "Count", times));
    let mut groups = vec![
        Group { dimensions: &["Service", "Route"], metrics: vec![("Duration", "Milliseconds", seen.duration_ms)] },
        Group { dimensions: &["Service"], metrics: [("Requests", "Count", 1)].into_iter().chain(happened).collect() },
    ];
    if seen.code.is_some() {
        groups.push(Group { dimensions: &["Service", "Code"], metrics: vec![("Errors", "Count", 1)] });
    }
    groups
}

fn directive(group: &Group) -> Value {
    let metrics: Vec<Value> =
        group.metrics.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
    json!({ "Namespace": NAMESPACE, "Dimensions": [group.dimensions], "Metrics": metrics })
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;
    use crate::id::RequestId;

    fn seen() -> Seen {
        Seen::new(RequestId::fresh(), &Method::POST, "/api/v1/search".to_owned())
    }

    /// What the specification asks of a document, besides being JSON.
    fn expect_valid(document: &Value) {
        let root = document.as_object().unwrap();
        let aws = root["_aws"].as_object().unwrap();
        assert!(aws.len() == 2 && aws["Timestamp"].is_i64(), "{document}");
        for directive in aws["CloudWatchMetrics"].as_array().unwrap() {
            assert_eq!(directive.as_object().unwrap().len(), 3, "{document}");
            assert!(directive["Namespace"].as_str().is_some_and(|name| (1..=255).contains(&name.len())));
            for set in directive["Dimensions"].as_array().unwrap() {
                let names = set.as_array().unwrap();
                assert!(names.len() <= 30);
                assert!(names.iter().all(|name| root[name.as_str().unwrap()].is_string()), "{document}");
            }
            let metrics = directive["Metrics"].as_array().unwrap();
            assert!((1..=100).contains(&metrics.len()), "{document}");
            for metric in metrics {
                assert!(root[metric["Name"].as_str().unwrap()].is_u64(), "{document}");
                assert!(["Count", "Milliseconds"].contains(&metric["Unit"].as_str().unwrap()));
            }
        }
    }

    #[test]
    fn a_good_request_is_a_valid_document_with_its_time_and_nothing_that_did_not_happen() {
        let seen = Seen { duration_ms: 12, ..seen() };
        let document = document("altus4-dev", Timestamp::from_epoch_ms(1_700_000_000_123), &seen, Counts::default());
        expect_valid(&document);
        assert_eq!(document["_aws"]["Timestamp"], 1_700_000_000_123_i64);
        assert_eq!((&document["Route"], &document["Duration"]), (&json!("POST /api/v1/search"), &json!(12)));
        for name in ["Code", "Errors", "ColdStarts", "KeyRefusals", "KmsDenials", "RecordingFailures"] {
            assert!(document.get(name).is_none(), "{document}");
        }
    }

    #[test]
    fn what_went_wrong_is_counted_by_its_code_and_under_the_service_alone() {
        let seen = Seen { code: Some("INVALID_API_KEY"), is_cold_start: true, ..seen() };
        let counts = Counts { kms_denials: 2, recording_failures: 1 };
        let document = document("altus4", Timestamp::from_epoch_ms(0), &seen, counts);
        expect_valid(&document);
        assert_eq!((&document["Code"], &document["Errors"]), (&json!("INVALID_API_KEY"), &json!(1)));
        for (name, times) in [("ColdStarts", 1), ("KeyRefusals", 1), ("KmsDenials", 2), ("RecordingFailures", 1)] {
            assert_eq!(document[name], times, "{document}");
        }
    }
}
