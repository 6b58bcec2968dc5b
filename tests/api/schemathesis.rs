//! Schemathesis: requests generated from the document as it is served, good ones and bad ones, all with the same seed in every
//! run. No answer may be an error of ours, have a status or a header that is not documented, or a body that does not fit.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use admin::set_role;
use serde_json::json;
use shared::users::Role;
use tests::{Schema, TestApi, fetched};

use crate::articles;

/// Examples of each kind for each operation, besides those at the bounds of every field.
const EXAMPLES: usize = 5;

/// What ends the session, the key or the connection that all other requests need. They are tried afterwards, each group for an
/// account of its own: the first request that is accepted is the last but for refusals.
const LAST: [&[&str]; 3] =
    [&["changePassword", "regenerateKey", "removeDatabase", "revokeKey"], &["logout"], &["closeAccount"]];

/// One check is not ours to pass: a wrong method is a 404 here, as the reference has it. Another is not passed where a schema
/// can not say what is good: hosts and credentials that somebody has, columns of tables, days that are still to come or that
/// figures are kept of, words in a query, and cursors of ours.
const SETTINGS: &str = r#"
seed = 8
[checks]
unsupported_method.enabled = false
[phases.stateful]
enabled = false
[[operations]]
include-operation-id = [
  "addDatabase", "updateDatabase", "addWarehouse", "testWarehouse", "replaceWarehouse",
  "search", "analyzeSearch", "suggest",
  "createKey", "updateKey", "setup", "setupInitialApiKey",
  "getSearchHistory", "getAnalyticsHistory", "getAnalyticsHistoryList", "exportHistory", "listChanges",
  "getDashboard", "getAnalyticsTrendList", "getAnalyticsTrends", "getAnalyticsPerformance", "getPopularQueries", "getUsage",
  "getInsights", "getSystemOverview", "getUserActivity", "getSystemPerformance",
]
[operations.checks]
positive_data_acceptance.enabled = false
"#;

#[tokio::test]
async fn generated_requests_get_only_documented_answers_and_no_error_of_ours() {
    let (api, schema) = (TestApi::start().await, articles().await);
    run(&api, &schema, "all", "--exclude-operation-id", &LAST.concat()).await;
    for operations in LAST {
        run(&api, &schema, operations[0], "--include-operation-id", operations).await;
    }
}

/// Requests of these operations, or of all but these, by an account of its own with a key and a connection.
async fn run(api: &TestApi, schema: &Schema, name: &str, option: &str, operations: &[&str]) {
    // What was generated before has used up what its address may try in a minute.
    api.advance(Duration::from_mins(2));
    let user = api.register(&name.to_lowercase()).await;
    set_role(&api.service.app, &user.email, Role::Admin).await.unwrap();
    let user = user.log_in_again().await;
    // So many requests are more than the hour of a free account holds.
    let body = json!({ "name": "Generated", "rateLimitTier": "enterprise" });
    let key = user.call("POST", "/api/v1/keys").json(&body).send().await.expect(201);
    let id = user.connect(schema).await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let settings = folder.join(format!("schemathesis-{name}.toml"));
    let named = format!("[parameters]\nkeyId = {}\nconnectionId = \"{id}\"\n", key["apiKey"]["id"]);
    std::fs::write(&settings, format!("{SETTINGS}{named}")).unwrap();
    let mut command = Command::new(fetched("schemathesis").expect("./dev schemathesis fetches it"));
    // It keeps what it has found beside itself.
    command.current_dir(folder);
    command.arg("--config-file").arg(&settings).arg("run").arg(format!("{}/openapi.json", api.service.url()));
    command.args(["--no-color", "--max-examples", &EXAMPLES.to_string()]);
    command.args(["--header", &format!("Authorization: Bearer {}", user.token)]);
    for operation in operations {
        command.args([option, operation]);
    }
    if operations == ["logout"] {
        // A cookie that is no session's is no error there: who brings it is logged out.
        command.args(["--exclude-checks", "ignored_auth"]);
    }
    let ran = tokio::task::spawn_blocking(move || command.stderr(Stdio::inherit()).output().expect("it runs"));
    let output = ran.await.unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
}
