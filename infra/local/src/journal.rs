//! Counts what the service asks of AWS: an HTTP client for the SDK that writes down the operation of every request.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::json;
use tokio::sync::watch;

/// What was asked, and what is held up.
#[derive(Debug, Default)]
struct Written {
    operations: Mutex<Vec<String>>,
    held: watch::Sender<Option<&'static str>>,
    conflicts: Mutex<usize>,
}

/// What DynamoDB calls it when it makes several changes or none.
const TRANSACTION: &str = "DynamoDB_20120810.TransactWriteItems";

/// The operations, in the order in which they were asked for, such as `DynamoDB_20120810.UpdateItem`.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Written>);

impl Journal {
    /// Takes what has been written down since the last time.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.operations.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Holds requests for this operation up, until `release`: AWS has become slow.
    pub fn hold(&self, operation: &'static str) {
        self.0.held.send_replace(Some(operation));
    }

    /// Lets everything through again.
    pub fn release(&self) {
        self.0.held.send_replace(None);
    }

    /// Has the next so many transactions meet others: DynamoDB refuses them, and they may be made again.
    pub fn conflict(&self, transactions: usize) {
        *self.0.conflicts.lock().unwrap_or_else(PoisonError::into_inner) = transactions;
    }

    /// A client without TLS, for loopback, that writes here.
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Recording { inner: Builder::new().build_http(), journal: self.clone() })
    }

    /// Writes an operation down, and waits while it is held up.
    async fn write(&self, operation: String) {
        self.0.operations.lock().unwrap_or_else(PoisonError::into_inner).push(operation.clone());
        // The sender lives as long as this does.
        let _ = self.0.held.subscribe().wait_for(|held| held.is_none_or(|held| held != operation)).await;
    }

    /// Whether this one meets another.
    fn meets(&self, operation: &str) -> bool {
        let mut left = self.0.conflicts.lock().unwrap_or_else(PoisonError::into_inner);
        let meets = operation == TRANSACTION && *left > 0;
        *left -= usize::from(meets);
        meets
    }
}

#[derive(Debug)]
struct Recording<T> {
    inner: T,
    journal: Journal,
}

impl HttpClient for Recording<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, parts);
        SharedHttpConnector::new(Recording { inner, journal: self.journal.clone() })
    }
}

impl HttpConnector for Recording<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").unwrap_or("unknown").to_owned();
        let (journal, inner) = (self.journal.clone(), self.inner.clone());
        HttpConnectorFuture::new(async move {
            let meets = journal.meets(&operation);
            journal.write(operation).await;
            if meets { refusal() } else { inner.call(request).await }
        })
    }
}

/// As DynamoDB says that another transaction has the item in hand ("Amazon DynamoDB API reference", `TransactWriteItems`).
fn refusal() -> Result<HttpResponse, ConnectorError> {
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
        "CancellationReasons": [{ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }],
    });
    let status = 400.try_into().map_err(|e| ConnectorError::other(Box::new(e), None))?;
    Ok(HttpResponse::new(status, SdkBody::from(body.to_string())))
}
