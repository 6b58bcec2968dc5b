//! What operators do to a stack, as `docs/operations.md` has it, done to the one that `./dev ministack` has deployed.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::process::{Command, Output};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PointInTimeRecoverySpecification, TimeToLiveSpecification};
use serde_json::{Value, json};
use shared::config::Config;
use shared::dynamo::{Item, key};
use tests::{Gateway, Programs, TestApi, TestMySql, TestUser};

/// What the restored table is called.
const RESTORED: &str = "altus4-restored";

/// The commands of "Restoring", but for the import into the stack.
async fn restore(dynamodb: &Client, table: &str) {
    let restore = dynamodb.restore_table_to_point_in_time().source_table_name(table).target_table_name(RESTORED);
    restore.use_latest_restorable_time(true).send().await.expect("a restored table");
    let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("ttl").build().unwrap();
    dynamodb.update_time_to_live().table_name(RESTORED).time_to_live_specification(ttl).send().await.unwrap();
    let recovery = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build().unwrap();
    let backups = dynamodb.update_continuous_backups().table_name(RESTORED);
    backups.point_in_time_recovery_specification(recovery).send().await.unwrap();
}

/// The operator's command, with the settings of the stack and the restored table.
fn admin(programs: &Programs, config: &Config, words: &[&str]) -> Output {
    let endpoint = config.endpoints.dynamodb.clone().unwrap();
    Command::new(programs.program("altus4-admin"))
        .args(words)
        .env_clear()
        .envs([("ALTUS4_TABLE", &config.table), ("ALTUS4_KMS_KEY", &config.kms_key)])
        .envs([("ALTUS4_SESSION_SECRET", &config.session_secret), ("ALTUS4_AWS_ENDPOINT", &endpoint)])
        .envs([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local")])
        .output()
        .expect("the operator's command")
}

/// The sealed credentials of a connection, in this table.
async fn credentials(dynamodb: &Client, table: &str, user: &TestUser<'_>, id: &str) -> Option<AttributeValue> {
    let item =
        dynamodb.get_item().table_name(table).set_key(Some(key(format!("USER#{}", user.id), format!("DB#{id}"))));
    let item: Option<Item> = item.send().await.unwrap().item;
    item.map(|mut item| item.remove("credentials").expect("credentials"))
}

async fn answer(gateway: &Gateway, user: &TestUser<'_>, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("http://{}{path}", gateway.address);
    let call = reqwest::Client::new().request(method.parse().unwrap(), url).bearer_auth(&user.token).json(body);
    let answer = call.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Ministack restores what is in the table at that moment, whatever moment is named: that a restore is of the past is for
/// AWS to keep.
#[tokio::test]
async fn on_a_table_that_was_restored_and_rewrapped_sessions_keys_and_searches_go_on() {
    let api = TestApi::start().await;
    let stack = api.stack().expect("a stack, as ./dev ministack deploys it");
    let programs = Programs::of_this_run().expect("the emulator of the runtime interface, as ./dev ministack names it");
    let mysql = TestMySql::shared(env!("CARGO_TARGET_TMPDIR"));
    let schema = mysql
        .schema(&[
            "CREATE TABLE articles (id INT PRIMARY KEY, title TEXT, FULLTEXT (title))",
            "INSERT INTO articles VALUES (1, 'A zebra of the past')",
        ])
        .await;
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let secret = user.search_key().await;
    let search = json!({ "query": "zebra", "cache": false });

    let dynamodb = stack.dynamodb();
    restore(&dynamodb, stack.table()).await;
    // What happens to the lost table from now on is nothing to the restored one.
    user.call("DELETE", &format!("/api/v1/databases/{id}")).send().await.expect(200);
    let before = credentials(&dynamodb, RESTORED, &user, &id).await.expect("the connection is restored");
    let config = stack.config(RESTORED);
    let done = admin(&programs, &config, &["rewrap"]);
    let told = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && told.contains(" sealed anew, 0 removed meanwhile, 0 left as they were"), "{told}");
    let after = credentials(&dynamodb, RESTORED, &user, &id).await;
    assert!(after.is_some_and(|after| after != before), "the credentials are sealed anew");

    let restored = Gateway::start(programs, config).await;
    let (status, body) = answer(&restored, &user, "POST", "/api/v1/search", &search).await;
    assert_eq!((status, &body["data"]["totalCount"]), (200, &json!(1)), "by the session of before: {body:#}");
    let by_key = TestUser { token: secret, email: user.email.clone(), id: user.id.clone(), api: &api };
    let (status, body) = answer(&restored, &by_key, "POST", "/api/v1/search", &search).await;
    assert_eq!((status, &body["data"]["totalCount"]), (200, &json!(1)), "by the key of before: {body:#}");
    let (_, audit) = answer(&restored, &user, "GET", "/api/v1/management/audit", &json!({})).await;
    assert!(audit.to_string().contains("connection.rewrapped"), "{audit:#}");
    dynamodb.delete_table().table_name(RESTORED).send().await.unwrap();
}
