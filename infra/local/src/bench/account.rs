//! An account with a key that may search a hundred thousand times an hour.

use serde_json::json;

use crate::demo::{Client, Failed};
use crate::operator;
use crate::service::Service;

/// The account, which lives as long as the service.
pub(super) struct Account {
    /// The session's token.
    pub(super) token: String,
    /// The key.
    pub(super) key: String,
}

impl Account {
    /// Registers, and gets a key of the operator's.
    pub(super) async fn open(client: &Client, service: &Service, password: &str) -> Result<Self, Failed> {
        let account = json!({ "email": "bench@example.com", "name": "Bench", "password": password });
        let registered = client.must("POST", "/api/v1/auth/register", "", account).await?;
        let text =
            |pointer| registered.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Ok(Self { token: text("/data/token"), key: operator::key(service, &text("/data/user/id")).await? })
    }
}
