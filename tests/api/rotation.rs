//! The rotation of the secret that signs sessions, as Secrets Manager does it.

use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use rotation::{Request, Step, rotate};
use serde_json::json;
use shared::app::App;
use shared::databases::Network;
use tests::{TestApi, TestUser, forge};
use uuid::Uuid;

const STEPS: [Step; 4] = [Step::CreateSecret, Step::SetSecret, Step::TestSecret, Step::FinishSecret];

/// Longer than a version has to be known before it signs.
const A_WHILE: Duration = Duration::from_mins(11);

fn secrets(api: &TestApi) -> Client {
    shared::app::secrets_manager(&api.service.aws, &api.service.app.config)
}

fn request(step: Step, version: &str) -> Request {
    Request { step, secret_id: "altus4/session".to_owned(), client_request_token: version.to_owned() }
}

#[expect(clippy::unwrap_used, reason = "what panics here is a failed test")]
async fn rotate_once(api: &TestApi) -> String {
    let version = fresh_version();
    for step in STEPS {
        rotate(&secrets(api), request(step, &version)).await.unwrap();
    }
    version
}

#[expect(clippy::disallowed_methods, reason = "Secrets Manager names its versions like this")]
fn fresh_version() -> String {
    Uuid::new_v4().to_string()
}

/// Another environment of a function: it shares the secret, and knows nothing of what this one has read.
fn another_environment(api: &TestApi) -> App {
    App::new(api.service.app.config.clone(), &api.service.aws, api.service.app.clock.clone(), Network::system())
}

async fn profile(user: &TestUser<'_>) -> u16 {
    user.call("GET", "/api/v1/auth/profile").send().await.status
}

#[tokio::test]
async fn a_rotation_under_load_logs_nobody_out() {
    let api = TestApi::start().await;
    let users = [api.register("a").await, api.register("b").await, api.register("c").await];
    let load = async {
        let mut refused = Vec::new();
        for round in 0..40 {
            let user = &users[round % users.len()];
            let refreshed = user.call("POST", "/api/v1/auth/refresh").send().await.expect(200);
            let fresh = api.call("GET", "/api/v1/auth/profile").bearer(refreshed["token"].as_str().unwrap());
            refused
                .extend([profile(user).await, fresh.send().await.status].into_iter().filter(|status| *status != 200));
        }
        refused
    };
    let rotation = async {
        let version = fresh_version();
        for step in STEPS {
            rotate(&secrets(&api), request(step, &version)).await.unwrap();
            // So long that every environment reads the secret anew within this step.
            api.advance(Duration::from_mins(6));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        version
    };
    let (refused, version) = tokio::join!(load, rotation);
    assert_eq!(refused, Vec::<u16>::new());

    api.advance(A_WHILE);
    for user in &users {
        assert_eq!(profile(user).await, 200);
        let refreshed = user.call("POST", "/api/v1/auth/refresh").send().await.expect(200);
        assert_eq!(forge::kid(refreshed["token"].as_str().unwrap()), version, "the new version signs by now");
    }
}

#[tokio::test]
async fn no_environment_meets_a_version_that_it_does_not_know() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let account = api.service.app.users.get(user.id.parse().unwrap()).await.unwrap().unwrap();
    let other = another_environment(&api);
    // Minute by minute through a rotation: whatever a new environment signs, one that has read the secret long ago knows.
    for minute in 0..30 {
        api.advance(Duration::from_mins(1));
        other.sessions.verify(&user.token).await.unwrap();
        if minute == 3 {
            rotate_once(&api).await;
        }
        let issued = another_environment(&api).sessions.issue(&account).await.unwrap();
        api.service.journal.take();
        other.sessions.verify(&issued.token).await.unwrap();
        assert_eq!(api.service.journal.take(), Vec::<String>::new(), "minute {minute}");
    }
}

#[tokio::test]
async fn a_token_of_two_rotations_ago_is_refused() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    rotate_once(&api).await;
    api.advance(A_WHILE);
    assert_eq!(profile(&user).await, 200);
    let renewed = user.call("POST", "/api/v1/auth/refresh").send().await.expect(200);
    rotate_once(&api).await;
    api.advance(A_WHILE);
    user.call("GET", "/api/v1/auth/profile").send().await.expect_error(401, "INVALID_TOKEN");
    let call = api.call("GET", "/api/v1/auth/profile").bearer(renewed["token"].as_str().unwrap());
    call.send().await.expect(200);
}

#[tokio::test]
async fn unknown_versions_make_us_read_the_secret_once_and_not_once_a_call() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    api.advance(Duration::from_mins(1));
    api.service.journal.take();
    let forged: Vec<_> = (0..20).map(|_| forge::with_kid(&user.token, &fresh_version())).collect();
    for token in &forged {
        let call = api.call("GET", "/api/v1/auth/profile").bearer(token);
        call.send().await.expect_error(401, "INVALID_TOKEN");
    }
    // The current version, the previous and the pending one.
    assert_eq!(api.service.journal.take(), ["secretsmanager.GetSecretValue"; 3]);
    assert_eq!(profile(&user).await, 200);
}

#[tokio::test]
async fn a_secret_that_was_set_by_hand_is_known_at_the_first_token_that_it_signed() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let account = api.service.app.users.get(user.id.parse().unwrap()).await.unwrap().unwrap();
    // Twice, as after a leak: neither of the versions before is good any more.
    for secret in ["a".repeat(48), "b".repeat(48)] {
        secrets(&api).put_secret_value().secret_id("altus4/session").secret_string(secret).send().await.unwrap();
    }
    api.advance(Duration::from_secs(11));
    let issued = another_environment(&api).sessions.issue(&account).await.unwrap();
    api.call("GET", "/api/v1/auth/profile").bearer(&issued.token).send().await.expect(200);
    assert_eq!(profile(&user).await, 401);
}

#[tokio::test]
async fn every_step_can_be_done_again() {
    let api = TestApi::start().await;
    let version = fresh_version();
    let mut before = None;
    for step in STEPS.into_iter().flat_map(|step| [step, step]).chain(STEPS) {
        rotate(&secrets(&api), request(step, &version)).await.unwrap();
        let value = secrets(&api).get_secret_value().secret_id("altus4/session").version_id(&version).send().await;
        let value = value.unwrap().secret_string;
        assert!(before.is_none() || before == value, "{step:?} has changed the version");
        before = value;
    }
    let current = secrets(&api).get_secret_value().secret_id("altus4/session").send().await.unwrap();
    assert_eq!(current.version_id, Some(version));
}

#[tokio::test]
async fn what_could_not_sign_does_not_pass_the_test_and_keeps_nobody_out() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let version = fresh_version();
    assert!(rotate(&secrets(&api), request(Step::TestSecret, &version)).await.is_err(), "nothing was made");
    let put = secrets(&api).put_secret_value().secret_id("altus4/session").client_request_token(&version);
    put.secret_string("short").version_stages("AWSPENDING").send().await.unwrap();
    assert!(rotate(&secrets(&api), request(Step::TestSecret, &version)).await.is_err());
    api.advance(A_WHILE);
    assert_eq!(profile(&user).await, 200);
}

#[test]
fn the_event_of_secrets_manager_is_understood() {
    for (text, step) in ["createSecret", "setSecret", "testSecret", "finishSecret"].into_iter().zip(STEPS) {
        let event = json!({ "Step": text, "SecretId": "arn", "ClientRequestToken": "id", "RotationToken": "x" });
        assert_eq!(serde_json::from_value::<Request>(event).unwrap().step, step);
    }
}
