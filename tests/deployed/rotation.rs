//! The function that Secrets Manager calls, beside environments that go on meanwhile.

use serde_json::json;

use crate::{deployed, gateway};

/// The version that the rotation makes.
const VERSION: &str = "5c5d1a4e-8b0f-4f0c-9a55-0d4f0f5c7a10";

#[tokio::test]
async fn a_secret_that_is_rotated_meanwhile_logs_nobody_out() {
    let api = deployed().await;
    let user = api.register("ursula").await;
    for step in ["createSecret", "setSecret", "testSecret", "finishSecret"] {
        let event = json!({ "Step": step, "SecretId": "altus4/session", "ClientRequestToken": VERSION });
        let answer = gateway(&api).invoke("rotation", &event).await;
        assert!(answer.is_null(), "{step}: {answer}");
        user.call("GET", "/api/v1/auth/profile").send().await.expect(200);
    }
    let user = user.log_in_again().await;
    user.call("GET", "/api/v1/keys").send().await.expect(200);
}

#[tokio::test]
async fn a_rotation_that_can_not_be_fails_and_says_so() {
    let api = deployed().await;
    for event in [json!({}), json!({ "Step": "createSecret", "SecretId": "none", "ClientRequestToken": VERSION })] {
        let answer = gateway(&api).invoke("rotation", &event).await;
        assert!(answer["errorType"].is_string(), "{answer}");
    }
}
