//! Records as the stream of the table brings them to a function.

use serde_json::Value;
use shared::dynamo::{Item, text};
use tests::TestApi;

/// A record of the stream of a table: recorded in the developer guide of Lambda, without what is different in each.
const RECORDED: &str = include_str!("stream.json");

/// That the item of this key was put, at this place in the stream.
pub fn record(key: &Item, place: usize) -> Value {
    let mut record: Value = serde_json::from_str(RECORDED).unwrap();
    for name in ["pk", "sk"] {
        record["dynamodb"]["Keys"][name]["S"] = key[name].as_s().unwrap().as_str().into();
    }
    record["dynamodb"]["SequenceNumber"] = place.to_string().into();
    record
}

/// What is stored under this partition key.
pub async fn items(api: &TestApi, pk: String) -> Vec<Item> {
    let dynamodb = shared::app::dynamodb(&api.service.aws, &api.service.app.config);
    let query = dynamodb.query().table_name("altus4").key_condition_expression("pk = :pk");
    query.expression_attribute_values(":pk", text(pk)).send().await.unwrap().items.unwrap()
}
