//! Counts what the service asks of AWS: an HTTP client for the SDK that writes down the operation of every request.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::watch;

/// What was asked, and what is held up.
#[derive(Debug, Default)]
struct Written {
    operations: Mutex<Vec<String>>,
    held: watch::Sender<Option<&'static str>>,
}

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
            journal.write(operation).await;
            inner.call(request).await
        })
    }
}
