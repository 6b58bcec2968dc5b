use shared::Error;
use shared::analytics::{Analytics, Batch, EventKey};
use shared::dynamo::events::{Changed, Failed, Failures, Record, Records};

/// Adds the searches among these records to the figures. What fails is told, and is to be delivered again.
pub async fn roll_up(analytics: &Analytics, records: &Records, mut told: impl FnMut(&Error)) -> Failures {
    let searches: Vec<(EventKey, &str)> = records.records.iter().filter_map(search_of).collect();
    let mut failed = Vec::new();
    for batch in Batch::all(searches.iter().map(|(event, _)| *event)) {
        // In a box, because the compiler looks no deeper into futures than so far.
        if let Err(error) = Box::pin(analytics.roll_up(&batch)).await {
            told(&error);
            failed.extend(batch.events);
        }
    }
    let first = searches.iter().find(|(event, _)| failed.contains(event));
    let again = |(_, place): &(EventKey, &str)| Failed { item_identifier: (*place).to_owned() };
    Failures { batch_item_failures: first.map(again).into_iter().collect() }
}

/// The search that was put by this change, and the place of this in the stream.
fn search_of(record: &Record) -> Option<(EventKey, &str)> {
    let Changed { keys, sequence_number } = &record.dynamodb;
    let event = EventKey::of(&keys.pk.text, &keys.sk.text).filter(|_| record.is_new())?;
    Some((event, sequence_number))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_put_into_a_history_is_a_search() {
        let id = "0191e7c4-9d3c-7abc-8def-0123456789ab";
        let (history, search) = (format!("USER#{id}#H"), format!("2026-11-22T05:19:18.123Z#{id}"));
        let (figures, account) = (format!("USER#{id}#R"), format!("USER#{id}"));
        let record = |(kind, pk, sk, place): (&str, &str, &str, &str)| {
            let keys = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
            let changed = json!({ "Keys": keys, "SequenceNumber": place, "StreamViewType": "KEYS_ONLY" });
            json!({ "eventID": "1", "eventName": kind, "awsRegion": "eu-west-1", "dynamodb": changed })
        };
        let records = [
            ("INSERT", history.as_str(), search.as_str(), "11"),
            ("MODIFY", &history, &search, "12"),
            ("REMOVE", &history, &search, "13"),
            ("INSERT", &figures, "DAY#2026-11-22", "14"),
            ("INSERT", &account, "USER", "15"),
        ];
        let records: Records = serde_json::from_value(json!({ "Records": records.map(record) })).unwrap();
        let searches: Vec<_> = records.records.iter().filter_map(search_of).map(|(_, place)| place).collect();
        assert_eq!(searches, ["11"]);
    }

    #[test]
    fn the_answer_is_as_lambda_reads_it() {
        let failed = Failures { batch_item_failures: vec![Failed { item_identifier: "11".to_owned() }] };
        assert_eq!(serde_json::to_value(failed).unwrap(), json!({ "batchItemFailures": [{ "itemIdentifier": "11" }] }));
    }
}
