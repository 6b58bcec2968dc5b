//! `/health` and `/api/v1/management`

use serde_json::json;
use tests::TestApi;

#[tokio::test]
async fn health_answers_anybody_and_says_what_it_checked() {
    let api = TestApi::start().await;
    let answer = api.call("GET", "/health").send().await;
    assert_eq!(answer.body["status"], "healthy");
    assert!(answer.body["uptime"].is_f64(), "{:#}", answer.body);
    let data = answer.expect(200);
    assert_eq!((&data["connected"], &data["services"][0]["name"]), (&json!(true), &json!("dynamodb")));
    let data = api.call("GET", "/api/v1/management/health").send().await.expect(200);
    assert_eq!(data["authenticationMethods"], json!(["jwt", "api-key"]));
}

#[tokio::test]
async fn the_setup_makes_the_first_key_and_only_the_first() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let before = user.call("GET", "/api/v1/management/migration-status").send().await.expect(200);
    assert_eq!((&before["hasMigrated"], &before["keyCount"]), (&json!(false), &json!(0)));

    let data = user.call("POST", "/api/v1/management/setup").send().await.expect(201);
    let key = &data["apiKey"];
    assert_eq!((&key["name"], &key["environment"]), (&json!("Initial API Key"), &json!("test")));
    assert_eq!((&key["permissions"], &key["rateLimitTier"]), (&json!(["search"]), &json!("free")));
    let secret = data["secretKey"].as_str().unwrap();
    assert!(secret.starts_with("altus4_sk_test_") && secret.len() == 58, "{secret}");
    assert_eq!(key["keyPrefix"], secret[..30]);
    assert_eq!(data["key"], data["secretKey"]);

    user.call("POST", "/api/v1/management/setup").send().await.expect_error(409, "API_KEY_EXISTS");
    let after = user.call("GET", "/api/v1/management/migration-status").send().await.expect(200);
    assert_eq!((&after["hasMigrated"], &after["keyCount"]), (&json!(true), &json!(1)));
}

#[tokio::test]
async fn of_many_setups_at_once_one_makes_a_key() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let setup = || async { user.call("POST", "/api/v1/management/setup").send().await.status };
    let (a, b, c, d) = tokio::join!(setup(), setup(), setup(), setup());
    assert_eq!([a, b, c, d].iter().filter(|status| **status == 201).count(), 1, "{:?}", [a, b, c, d]);
}

#[tokio::test]
async fn the_setup_honours_what_it_is_asked_and_passes_over_the_rest() {
    let api = TestApi::start().await;
    for (name, environment, expected) in
        [("a", "production", "live"), ("b", "live", "live"), ("c", "staging", "test"), ("d", "development", "test")]
    {
        let user = api.register(name).await;
        let body = json!({
            "name": "My key", "environment": environment, "permissions": ["search", "analytics"], "features": ["x"], "apiKey": "y",
        });
        let data = user.call("POST", "/api/v1/management/setup").json(&body).send().await.expect(201);
        assert_eq!((&data["name"], &data["environment"]), (&json!("My key"), &json!(expected)));
        assert_eq!(data["permissions"], json!(["search", "analytics"]));
    }
}

#[tokio::test]
async fn the_paths_that_only_the_sdk_knows_are_answered() {
    let api = TestApi::start().await;
    let health = api.call("GET", "/api/v1/health").send().await.expect(200);
    assert_eq!((&health["connected"], &health["status"]), (&json!(true), &json!("healthy")));
    let status = api.call("GET", "/api/v1/status").send().await.expect(200);
    assert_eq!((&status["status"], &status["services"][0]["status"]), (&json!("healthy"), &json!("healthy")));

    let user = api.register("ursula").await;
    let body = "null";
    let data = user.call("POST", "/api/v1/management/setup-initial-api-key").body(body).send().await.expect(201);
    assert!(data["key"].as_str().is_some_and(|key| key.starts_with("altus4_sk_test_")), "{data:#}");
    let metrics = user.call("GET", "/api/v1/metrics").send().await.expect(200);
    assert_eq!(metrics, json!({ "apiKeys": 1, "databases": 0, "searches": 0 }));
    api.call("GET", "/api/v1/metrics").send().await.expect_error(401, "NO_TOKEN");
}
