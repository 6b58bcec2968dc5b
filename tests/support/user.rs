//! Who calls the service.

use serde_json::{Value, json};

use crate::api::{Call, TestApi};
use crate::mysql::Schema;

/// A user with a session.
pub struct TestUser<'a> {
    /// The service.
    pub api: &'a TestApi,
    /// The user's id.
    pub id: String,
    /// The user's address.
    pub email: String,
    /// The session's token.
    pub token: String,
}

impl TestUser<'_> {
    /// The same user with a new session.
    #[must_use]
    pub async fn log_in_again(self) -> Self {
        let body = json!({ "email": self.email, "password": "secure_password" });
        let data = self.api.call("POST", "/api/v1/auth/login").json(&body).send().await.expect(200);
        Self { token: data["token"].as_str().expect("text").to_owned(), ..self }
    }

    /// A call with the user's session.
    pub fn call(&self, method: &str, path: &str) -> Call {
        self.api.call(method, path).bearer(&self.token)
    }

    /// A new key with these permissions: its secret and its id.
    pub async fn create_key(&self, permissions: &[&str]) -> (String, String) {
        let body = json!({ "name": "A key", "permissions": permissions });
        let data = self.call("POST", "/api/v1/keys").json(&body).send().await.expect(201);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (text(&data["secretKey"]), text(&data["apiKey"]["id"]))
    }

    /// A key that may search.
    pub async fn search_key(&self) -> String {
        self.create_key(&["search"]).await.0
    }

    /// Connects a schema; the id of the connection.
    pub async fn connect(&self, schema: &Schema) -> String {
        let data = self.call("POST", "/api/v1/databases").json(&schema.connection()).send().await.expect(201);
        data["id"].as_str().expect("an id").to_owned()
    }

    /// Searches with a session, and asks the databases even if the same was asked just before.
    pub async fn search(&self, body: &Value) -> Value {
        let mut body = body.clone();
        body["cache"] = Value::Bool(false);
        self.call("POST", "/api/v1/search").json(&body).send().await.expect(200)
    }
}
