//! What the log holds, and what it never does.

#![expect(clippy::expect_used, reason = "what panics here is a failed test")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tests::{Storage, TestApi};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::articles;
use crate::warehouses::connect_with_storage;

/// What production logs, and whatever our own crates could be made to say besides.
const FILTER: &str = "info,shared=trace,auth=trace,keys=trace,databases=trace,search=trace,analytics=trace,\
    warehouses=trace,mysql_async=trace,tokio_postgres=trace,russh=trace";

/// A log in memory. All tests of this run write into it, so what is looked for is different from anything of theirs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .finish()
            .with(FILTER.parse::<Targets>().expect("a filter"))
            .init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_line_of_the_log_holds_a_password_a_token_a_key_or_an_address() {
    let log = Log::start();
    let storage = Storage::start().await;
    let (api, schema) = (TestApi::with_storage(&storage).await, articles().await);
    let user = api.register("log-grep").await;
    let mut secrets =
        vec!["log-grep".to_owned(), "Name of".to_owned(), user.token.clone(), "secure_password".to_owned()];

    let login = |password: &str| {
        let body = json!({ "email": user.email, "password": password });
        let call = api.call("POST", "/api/v1/auth/login").json(&body);
        call.send()
    };
    login("wrong-log-password").await.expect_error(401, "INVALID_CREDENTIALS");
    let answer = login("secure_password").await;
    let cookie = answer.header("set-cookie").unwrap().split([';', '=']).nth(1).unwrap().to_owned();
    api.call("POST", "/api/v1/auth/refresh")
        .header("cookie", &format!("__Secure-altus4_refresh={cookie}"))
        .send()
        .await
        .expect(200);
    let connection = format!("/api/v1/databases/{}", user.connect(&schema).await);
    for change in [
        json!({ "password": "log-new-db-password" }),
        json!({ "ssh": { "host": "127.0.0.1", "port": 1, "username": "x", "password": "log-ssh-password" } }),
        json!({ "ssh": { "host": "127.0.0.1", "username": "x", "privateKey": "log-ssh-key", "passphrase": "log-open" } }),
        json!({ "ssl": { "ca": "log-ca", "cert": "log-cert", "key": "log-tls-key" } }),
    ] {
        let answer = user.call("PUT", &connection).json(&change).send().await;
        assert!(answer.status == 400 && !answer.body.to_string().contains("log-"), "{:#}", answer.body);
    }
    for (field, value) in [
        ("connection_uri", json!("mysql://u:log-uri-password@127.0.0.1:1/d")),
        ("connection_uri", json!("log-scheme://u:log-uri-password@h/d")),
        ("connection_uri", json!("databricks://token:log-uri-password@h?http_path=log-scheme")),
        ("connection_uri", json!("snowflake://u:log-uri-password@h")),
        ("connection_uri", json!("bigquery://log-scheme/log-scheme")),
        ("llm_api_key", json!("log-llm-key")),
        ("ssh_settings", json!({ "host": "127.0.0.1", "username": "x", "port": 1, "password": "log-ssh-password" })),
    ] {
        let mut body =
            json!({ "alias": "a", "use_ssh": field == "ssh_settings", "connection_uri": "mysql://u@127.0.0.1:1/d" });
        body[field] = value;
        let answer = user.call("POST", "/api/v1/database-connections").json(&body).send().await;
        assert!(answer.status == 400 && !answer.body.to_string().contains("log-"), "{:#}", answer.body);
    }
    // A storage that refuses the file, and one that takes it.
    for (secret, status) in [("log-storage-secret", 400), ("storage-secret-of-ursula", 201)] {
        let mut settings = storage.settings();
        settings["secret_access_key"] = json!(secret);
        let (_, table) = connect_with_storage(&user, &schema, &settings).await;
        let path = format!("/api/v1/table-descriptions/{table}/export");
        let answer = user.call("POST", &path).json(&json!({})).send().await;
        assert!(answer.status == status && !answer.body.to_string().contains(secret), "{:#}", answer.body);
    }
    let password = schema.connection()["password"].as_str().unwrap().to_owned();
    let key = user.search_key().await;
    let search = json!({ "query": "zebra-log-query" });
    api.call("POST", "/api/v1/search").bearer(&key).json(&search).send().await.expect(200);
    for broken in [format!("{key}x"), key[..40].to_owned(), user.token.replace('.', "-")] {
        api.call("POST", "/api/v1/search")
            .bearer(&broken)
            .json(&search)
            .send()
            .await
            .expect_error(401, "INVALID_API_KEY");
        secrets.push(broken);
    }
    let body = json!({ "currentPassword": "secure_password", "newPassword": "Log-New-Passw0rd!" });
    let data = user.call("POST", "/api/v1/auth/change-password").json(&body).send().await.expect(200);
    user.call("PUT", "/api/v1/auth/profile").json(&json!({ "email": "no" })).send().await;
    let fresh = data["token"].as_str().unwrap().to_owned();
    let taken =
        api.call("PUT", "/api/v1/auth/profile").bearer(&fresh).json(&json!({ "email": "log-grep-2@example.com" }));
    taken.send().await.expect(200);
    let dynamodb = shared::app::dynamodb(&api.service.aws, &api.service.app.config);
    dynamodb.delete_table().table_name("altus4").send().await.unwrap();
    login("Log-New-Passw0rd!").await.expect_error(503, "SERVICE_UNAVAILABLE");

    let text = log.text();
    assert!(text.contains(&user.id) && text.contains("/api/v1/auth/login"), "the log was caught");
    assert!(text.contains("\"cause\":"), "so was the cause of the failure");
    secrets.extend([cookie, key[15..].to_owned(), fresh]);
    secrets.extend(["wrong-log-password", "Log-New-Passw0rd!", "zebra-log-query"].map(str::to_owned));
    secrets.extend(["log-new-db-password", "log-ssh-", "log-open", "log-tls-key", "log-cert"].map(str::to_owned));
    secrets.extend(
        ["log-uri-password", "log-scheme", "log-llm-key", "log-storage-secret", "storage-secret-of-ursula"]
            .map(str::to_owned),
    );
    secrets.push(password);
    for secret in secrets {
        let line = text.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{secret:?} is in the log: {}", line.unwrap_or_default());
    }
}
