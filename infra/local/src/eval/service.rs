//! The service as a client sees it, by a key that may ask as often as an evaluation does.

use serde_json::json;

use super::LIMIT;
use super::store::Store;
use crate::demo::{Client, Failed};
use crate::operator::Account;
use crate::server::Server;
use crate::service::Service;

/// A client with a key.
pub struct Searcher {
    client: Client,
    key: String,
}

impl Searcher {
    /// An account with the table connected. Its key is one that an operator gives: a free one ends after 1,000 queries.
    pub async fn open(service: &Service, server: &Server, store: &Store) -> Result<Self, Failed> {
        let client = Client::new(service.url());
        let Account { token, key } = Account::open(&client, service, "eval", &server.secret("account")?).await?;
        let connection = json!({
            "name": "collection",
            "host": "127.0.0.1",
            "port": server.port(),
            "database": Store::DATABASE,
            "username": Store::USERNAME,
            "password": store.password,
        });
        client.must("POST", "/api/v1/databases", &token, connection).await?;
        Ok(Self { client, key })
    }

    /// The ids of the best rows, best first.
    pub async fn search(&self, query: &str, mode: &str) -> Result<Vec<u32>, Failed> {
        // A query of the collection may be longer than the service takes.
        let query: String = query.chars().take(500).collect();
        let body = json!({ "query": query, "searchMode": mode, "limit": LIMIT });
        let answer = self.client.must("POST", "/api/v1/search", &self.key, body).await?;
        let results = answer["data"]["results"].as_array().into_iter().flatten();
        let ids = results.filter_map(|result| result["primaryKey"]["id"].as_u64());
        Ok(ids.filter_map(|id| u32::try_from(id).ok()).collect())
    }
}
