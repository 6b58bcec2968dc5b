//! Schemathesis: requests generated from the document as it is served, good ones and bad ones, all with the same seed in every
//! run. No answer may be an error of ours, have a status or a header that is not documented, or a body that does not fit.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::path::Path;
use std::process::{Command, Stdio};

use admin::set_role;
use serde_json::json;
use shared::users::Role;
use tests::{TestApi, fetched};

use crate::articles;

/// Examples of each kind for each operation, besides those at the bounds of every field.
const EXAMPLES: usize = 5;

/// What would end the session, the key or the connection that all other requests need; and the page, which is no JSON.
const LEFT_OUT: [&str; 7] =
    ["changePassword", "closeAccount", "getDocs", "logout", "regenerateKey", "removeDatabase", "revokeKey"];

/// Two checks are not ours to pass: a wrong method is a 404 here, as the reference has it, and a schema can not say
/// which text is a cursor of ours or a query with a word in it.
const SETTINGS: &str = "
seed = 8
[checks]
unsupported_method.enabled = false
positive_data_acceptance.enabled = false
[phases.stateful]
enabled = false
";

#[tokio::test]
async fn generated_requests_get_only_documented_answers_and_no_error_of_ours() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    set_role(&api.service.app, &user.email, Role::Admin).await.unwrap();
    let user = user.log_in_again().await;
    // So many requests are more than the hour of a free account holds.
    let body = json!({ "name": "Generated", "rateLimitTier": "enterprise" });
    let key = user.call("POST", "/api/v1/keys").json(&body).send().await.expect(201);
    let id = user.connect(&schema).await;

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let settings = folder.join("schemathesis.toml");
    let named = format!("[parameters]\nkeyId = {}\nconnectionId = \"{id}\"\n", key["id"]);
    std::fs::write(&settings, format!("{SETTINGS}{named}")).unwrap();
    let mut command = Command::new(fetched("schemathesis").expect("./dev schemathesis fetches it"));
    // It keeps what it has found beside itself.
    command.current_dir(folder);
    command.arg("--config-file").arg(&settings).arg("run").arg(format!("{}/openapi.json", api.service.url()));
    command.args(["--no-color", "--max-examples", &EXAMPLES.to_string()]);
    command.args(["--header", &format!("Authorization: Bearer {}", user.token)]);
    for operation in LEFT_OUT {
        command.args(["--exclude-operation-id", operation]);
    }
    let ran = tokio::task::spawn_blocking(move || command.stderr(Stdio::inherit()).output().expect("it runs"));
    let output = ran.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
