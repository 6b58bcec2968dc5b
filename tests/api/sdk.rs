//! The calls of the JavaScript SDK 0.2.0, as it sends them, and what its code and its types read of the answers. It is in no
//! registry, so that this is the SDK as `axios` puts it on the wire: one constant content type, also where there is no body,
//! `null` where it renews a session, and lists as `name[]=value`.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use serde_json::{Value, json};
use shared::id::RequestId;
use tests::contract::operations;
use tests::{Answer, Call, Schema, TestApi, TestUser};

use crate::articles;
use crate::contract::{Things, call_of};

/// Operations that end the session by which they are called.
const ENDS_SESSION: [&str; 3] = ["changePassword", "closeAccount", "logout"];

/// Whether a value is of a type.
type Is = fn(&Value) -> bool;

/// A client of the SDK: every call has its headers.
struct Sdk<'a> {
    api: &'a TestApi,
    token: String,
}

impl Sdk<'_> {
    fn call(&self, method: &str, path: &str) -> Call {
        let call = self.api.call(method, &format!("/api/v1{path}")).header("content-type", "application/json");
        let call = call.header("accept", "application/json, text/plain, */*").header("user-agent", "axios/1.12.0");
        let call = call.header("x-altus4-compat", "sdk");
        if self.token.is_empty() { call } else { call.bearer(&self.token) }
    }

    /// `data` of a call without a body: not even `null`.
    async fn get(&self, path: &str) -> Value {
        self.call("GET", path).send().await.expect(200)
    }

    /// `data` of a call with an empty body.
    async fn empty(&self, method: &str, path: &str, status: u16) -> Value {
        self.call(method, path).body("").send().await.expect(status)
    }

    /// `data` of a call with a body.
    async fn send(&self, method: &str, path: &str, body: Value, status: u16) -> Value {
        self.call(method, path).body(body.to_string()).send().await.expect(status)
    }
}

/// That an object has these fields, each of this type.
#[track_caller]
fn reads(object: &Value, fields: &[(&str, Is)]) {
    for (field, is_right) in fields {
        assert!(object.get(field).is_some_and(is_right), "{field}: {object:#}");
    }
}

const TEXT: Is = Value::is_string;
const NUMBER: Is = Value::is_number;
const TRUTH: Is = Value::is_boolean;
const LIST: Is = Value::is_array;
const OBJECT: Is = Value::is_object;
const TEXT_OR_NULL: Is = |value| value.is_string() || value.is_null();

const SESSION: [(&str, Is); 3] = [("user", OBJECT), ("token", TEXT), ("expiresIn", NUMBER)];
const USER: [(&str, Is); 6] =
    [("id", TEXT), ("email", TEXT), ("name", TEXT), ("role", TEXT), ("createdAt", TEXT), ("lastActive", TEXT)];
const KEY: [(&str, Is); 7] = [
    ("id", TEXT),
    ("name", TEXT),
    ("keyPrefix", TEXT),
    ("environment", TEXT),
    ("permissions", LIST),
    ("rateLimitTier", TEXT),
    ("isActive", TRUTH),
];
const CONNECTION: [(&str, Is); 8] = [
    ("id", TEXT),
    ("name", TEXT),
    ("host", TEXT),
    ("port", NUMBER),
    ("username", TEXT),
    ("ssl", TRUTH),
    ("isActive", TRUTH),
    ("status", TEXT),
];

async fn signed_in(api: &TestApi) -> Sdk<'_> {
    let user = api.register("ursula").await;
    let sdk = Sdk { api, token: String::new() };
    let body = json!({ "email": user.email, "password": "secure_password" });
    let session = sdk.send("POST", "/auth/login", body, 200).await;
    reads(&session, &SESSION);
    Sdk { token: session["token"].as_str().unwrap().to_owned(), ..sdk }
}

#[tokio::test]
async fn auth_registers_logs_in_reads_and_changes_the_profile_and_logs_out() {
    let api = TestApi::start().await;
    let email = format!("{}@example.com", RequestId::fresh());
    let body = json!({ "name": "Eve", "email": email, "password": "secure_password", "role": "admin" });
    let registered = Sdk { api: &api, token: String::new() }.send("POST", "/auth/register", body, 201).await;
    reads(&registered, &SESSION);
    assert_eq!(registered["user"]["role"], "user", "a role that is asked for is passed over");
    let sdk = signed_in(&api).await;
    reads(&sdk.get("/auth/profile").await, &USER);
    let changed = sdk.send("PUT", "/auth/profile", json!({ "name": "Ursula K." }), 200).await;
    reads(&changed, &USER);
    assert_eq!(changed["name"], "Ursula K.");
    assert_eq!(sdk.empty("POST", "/auth/logout", 200).await, json!({ "success": true }));
}

#[tokio::test]
async fn auth_renews_by_null_by_nothing_and_by_the_cookie_and_finds_the_token_at_the_top() {
    let api = TestApi::start().await;
    let sdk = signed_in(&api).await;
    let has_token = |answer: Answer| {
        assert!(answer.body["token"].is_string() && answer.body["expiresIn"].is_u64(), "{:#}", answer.body);
        reads(&answer.expect(200), &SESSION);
    };
    has_token(sdk.call("POST", "/auth/refresh").body("null").send().await);
    has_token(sdk.call("POST", "/auth/refresh").body("").send().await);
    let profile = sdk.get("/auth/profile").await;
    let body = json!({ "email": profile["email"], "password": "secure_password" });
    let cookie = api.call("POST", "/api/v1/auth/login").json(&body).send().await.cookie().to_owned();
    let stranger = Sdk { api: &api, token: String::new() };
    has_token(stranger.call("POST", "/auth/refresh").header("cookie", &cookie).body("null").send().await);
}

#[tokio::test]
async fn api_keys_are_made_listed_read_changed_replaced_and_revoked() {
    let api = TestApi::start().await;
    let sdk = signed_in(&api).await;
    for environment in ["test", "live"] {
        let body = json!({ "name": "Of the SDK", "environment": environment });
        let made = sdk.send("POST", "/keys", body, 201).await;
        reads(&made, &[("apiKey", OBJECT), ("secretKey", TEXT), ("key", TEXT)]);
        reads(&made["apiKey"], &KEY);
    }
    let list = sdk.get("/keys").await;
    assert_eq!(list.as_array().unwrap().len(), 2, "the list alone: {list:#}");
    reads(&list[0], &KEY);
    let path = format!("/keys/{}", list[0]["id"].as_str().unwrap());
    reads(&sdk.get(&path).await, &KEY);
    let body = json!({ "name": "Another", "permissions": ["search"], "rateLimitTier": "free", "expiresAt": null });
    let changed = sdk.send("PUT", &path, body, 200).await;
    reads(&changed, &KEY);
    assert_eq!(changed["name"], "Another");
    let usage = sdk.get(&format!("{path}/usage")).await;
    let figures: [(&str, Is); 6] = [
        ("keyId", TEXT),
        ("totalRequests", NUMBER),
        ("requestsThisMonth", NUMBER),
        ("rateLimitTier", TEXT),
        ("quotaUsed", NUMBER),
        ("quotaLimit", NUMBER),
    ];
    reads(&usage, &figures);
    reads(&sdk.empty("POST", &format!("{path}/regenerate"), 200).await, &[("secretKey", TEXT)]);
    let path = format!("/keys/{}", list[1]["id"].as_str().unwrap());
    assert_eq!(sdk.empty("DELETE", &path, 200).await["success"], true);
}

#[tokio::test]
async fn databases_are_added_listed_read_changed_tested_explored_and_removed() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let sdk = signed_in(&api).await;
    let added = sdk.send("POST", "/databases", schema.connection(), 201).await;
    reads(&added, &CONNECTION);
    let list = sdk.get("/databases").await;
    reads(&list[0], &CONNECTION);
    let path = format!("/databases/{}", added["id"].as_str().unwrap());
    reads(&sdk.get(&path).await, &CONNECTION);
    let changed = sdk.send("PUT", &path, json!({ "name": "Another", "isActive": false }), 200).await;
    reads(&changed, &CONNECTION);
    assert_eq!((&changed["name"], &changed["isActive"]), (&json!("Another"), &json!(false)));
    sdk.send("PUT", &path, json!({ "isActive": true }), 200).await;
    let tested = sdk.empty("POST", &format!("{path}/test"), 200).await;
    reads(&tested, &[("connected", TRUTH), ("responseTime", NUMBER), ("version", TEXT)]);
    let explored = sdk.get(&format!("{path}/schema")).await;
    reads(&explored, &[("tables", LIST), ("recommendations", LIST)]);
    sdk.empty("DELETE", &path, 200).await;
    assert_eq!(sdk.get("/databases").await, json!([]));
}

#[tokio::test]
async fn analytics_answers_all_six_calls_with_lists_as_axios_writes_them() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let sdk = signed_in(&api).await;
    let id = sdk.send("POST", "/databases", schema.connection(), 201).await["id"].as_str().unwrap().to_owned();
    sdk.send("POST", "/search", json!({ "query": "zebra", "databases": [id] }), 200).await;
    let dashboard = sdk.get("/analytics/dashboard?period=week&includeInsights=true&includeTrends=true").await;
    reads(&dashboard, &[("summary", OBJECT), ("trends", OBJECT), ("insights", LIST), ("totalSearches", NUMBER)]);
    let summary: [(&str, Is); 5] = [
        ("totalQueries", NUMBER),
        ("averageResponseTime", NUMBER),
        ("successRate", NUMBER),
        ("activeUsers", NUMBER),
        ("databasesSearched", NUMBER),
    ];
    reads(&dashboard["summary"], &summary);
    let trends = sdk.get("/analytics/trends?period=week&startDate=2026-01-01&endDate=2026-01-31").await;
    reads(&trends, &[("period", TEXT), ("queryVolume", NUMBER), ("topQueries", LIST), ("dailyBreakdown", LIST)]);
    let insights = sdk.get("/analytics/insights?period=week&categories[]=trends&categories[]=usage&limit=5").await;
    reads(&insights, &[("insights", LIST)]);
    reads(&sdk.get(&format!("/analytics/performance?period=week&databases[]={id}")).await, &[("summary", OBJECT)]);
    let history = sdk.get(&format!("/analytics/history?period=week&database={id}&limit=10")).await;
    let entry: [(&str, Is); 7] = [
        ("id", TEXT),
        ("query", TEXT),
        ("searchMode", TEXT),
        ("resultCount", NUMBER),
        ("executionTime", NUMBER),
        ("database", TEXT_OR_NULL),
        ("timestamp", TEXT),
    ];
    reads(&history[0], &entry);
    reads(&sdk.get("/analytics/usage").await, &[("period", TEXT), ("totalRequests", NUMBER)]);
}

#[tokio::test]
async fn management_answers_health_status_metrics_setup_and_migration() {
    let api = TestApi::start().await;
    let sdk = signed_in(&api).await;
    reads(&sdk.get("/health").await, &[("connected", TRUTH), ("status", TEXT), ("version", TEXT), ("services", LIST)]);
    let status = sdk.get("/status").await;
    reads(&status, &[("status", TEXT), ("timestamp", TEXT), ("services", LIST), ("uptime", NUMBER), ("version", TEXT)]);
    reads(&status["services"][0], &[("name", TEXT), ("status", TEXT)]);
    assert!(sdk.get("/metrics").await.is_object());
    let migration = sdk.get("/management/migration-status").await;
    reads(&migration, &[("hasMigrated", TRUTH)]);
    reads(&sdk.empty("POST", "/management/setup-initial-api-key", 201).await, &[("key", TEXT), ("secretKey", TEXT)]);
    let body = json!({ "environment": "test", "features": ["search"] });
    sdk.call("POST", "/management/setup").body(body.to_string()).send().await.expect_error(409, "API_KEY_EXISTS");
}

#[tokio::test]
async fn a_list_is_understood_in_all_five_ways_that_clients_write_it() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let (a, b) = (user.connect(&schema).await, user.connect(&schema).await);
    user.search(&json!({ "query": "zebra", "databases": [a] })).await;
    let count = async |query: String| {
        let path = format!("/api/v1/search/suggestions?query=ze&{query}");
        user.call("GET", &path).send().await.expect(200)["suggestions"].as_array().unwrap().len()
    };
    let both = count(format!("databases={a}&databases={b}")).await;
    assert!(both > 0);
    for query in [
        format!("databases[]={a}&databases[]={b}"),
        format!("databases[0]={a}&databases[1]={b}"),
        format!("databases={a},{b}"),
        format!("databases={a}"),
    ] {
        assert_eq!(count(query.clone()).await, both, "{query}");
    }
}

/// Every way in which a call can be wrong, but for who makes it.
async fn wrong(user: &TestUser<'_>, schema: &Schema) -> Vec<(String, u16)> {
    let none = "00000000-0000-4000-8000-000000000000".to_owned();
    let (warehouse, table) = ("0".repeat(24), "0".repeat(24));
    let missing = Things { key: none.clone(), connection: none.clone(), search: none, warehouse, table };
    user.connect(schema).await;
    let mut statuses = Vec::new();
    for operation in operations() {
        let name = operation.definition()["operationId"].as_str().unwrap();
        if name == "login" || ENDS_SESSION.contains(&name) {
            continue;
        }
        let call = || call_of(user.api, operation, &missing).bearer(&user.token);
        if !operation.is_page() {
            statuses.push((name.to_owned(), call().send().await.status));
        }
        if operation.definition().get("requestBody").is_some() {
            for body in ["{", "[]", "{\"name\": 5, \"query\": 5}"] {
                statuses.push((format!("{name} {body}"), call().body(body).send().await.status));
            }
        }
    }
    statuses
}

/// The SDK throws its session away at a 401, and waits for ever at the next (its flag is never put back).
#[tokio::test]
async fn who_is_signed_in_is_never_answered_401_whatever_else_is_wrong() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let statuses = wrong(&user, &schema).await;
    assert!(statuses.len() > operations().len());
    let refused: Vec<_> = statuses.iter().filter(|(_, status)| *status == 401).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let body = json!({ "currentPassword": "a wrong one", "newPassword": "Str0ng!password" });
    let answer = user.call("POST", "/api/v1/auth/change-password").json(&body).send().await;
    answer.expect_error(400, "PASSWORD_CHANGE_FAILED");
}
