//! What a search costs when one of its databases is dead.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::measure::{Figures, measure};
use super::{Bench, search};
use crate::demo::Failed;
use crate::proxy::Proxy;

/// What each database may take here, in milliseconds.
pub(super) const TIMEOUT_MS: u64 = 3_000;

/// As long as ten such searches take.
const SPAN: Duration = Duration::from_secs(30);

/// Searches one after the other, in these schemas, the last of which accepts connections and says nothing.
pub(super) async fn one_of(bench: &Bench, schemas: &[String], password: &str, query: &str) -> Result<Figures, Failed> {
    let proxy = Proxy::to(bench.server.port()).await?;
    let mut ids = Vec::new();
    for (number, schema) in schemas.iter().enumerate() {
        let port = if number + 1 == schemas.len() { proxy.port() } else { bench.server.port() };
        ids.push(bench.connect_by(port, schema, password, json!({ "timeout": TIMEOUT_MS })).await?);
    }
    let body = json!({ "query": query, "databases": ids, "cache": false });
    // The schema and the words of each are read by the first search.
    search(&bench.client, &bench.account.key, body.clone(), false).await?;
    proxy.hold();
    let (client, key) = (Arc::clone(&bench.client), bench.account.key.clone());
    measure(1, SPAN, None, move || {
        let (client, key, body) = (Arc::clone(&client), key.clone(), body.clone());
        async move { search(&client, &key, body, true).await }
    })
    .await
}
