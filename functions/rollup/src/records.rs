use serde::{Deserialize, Serialize};
use shared::Error;
use shared::analytics::{Analytics, Batch, EventKey};

/// What the stream brings. Fields that nothing here needs are passed over.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Records {
    /// Each change, in the order of the changes.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// A change of one item.
#[derive(Debug, Clone, Deserialize)]
pub struct Record {
    /// `INSERT`, `MODIFY` or `REMOVE`.
    #[serde(rename = "eventName")]
    pub kind: String,
    /// What was changed.
    pub dynamodb: Changed,
}

/// Which item, and where in the stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Changed {
    /// Its key.
    pub keys: Keys,
    /// The place in the stream.
    pub sequence_number: String,
}

/// The key of an item.
#[derive(Debug, Clone, Deserialize)]
pub struct Keys {
    /// The partition.
    pub pk: Text,
    /// The place in it.
    pub sk: Text,
}

/// A text of DynamoDB.
#[derive(Debug, Clone, Deserialize)]
pub struct Text {
    /// The text.
    #[serde(rename = "S")]
    pub text: String,
}

/// What is to be delivered again. Lambda goes back to the first of them.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failures {
    /// The records.
    pub batch_item_failures: Vec<Failed>,
}

/// A record by its place in the stream.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// The place.
    pub item_identifier: String,
}

/// Adds the searches among these records to the figures. What fails is told, and is to be delivered again.
pub async fn roll_up(analytics: &Analytics, records: &Records, mut told: impl FnMut(&Error)) -> Failures {
    let searches: Vec<(EventKey, &str)> = records.records.iter().filter_map(Record::search).collect();
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

impl Record {
    /// The search that was put by this, and the place of this in the stream.
    fn search(&self) -> Option<(EventKey, &str)> {
        let Changed { keys, sequence_number } = &self.dynamodb;
        let event = EventKey::of(&keys.pk.text, &keys.sk.text).filter(|_| self.kind == "INSERT")?;
        Some((event, sequence_number))
    }
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
        let searches: Vec<_> = records.records.iter().filter_map(Record::search).map(|(_, place)| place).collect();
        assert_eq!(searches, ["11"]);
    }

    #[test]
    fn the_answer_is_as_lambda_reads_it() {
        let failed = Failures { batch_item_failures: vec![Failed { item_identifier: "11".to_owned() }] };
        assert_eq!(serde_json::to_value(failed).unwrap(), json!({ "batchItemFailures": [{ "itemIdentifier": "11" }] }));
    }
}
