//! Counts what the service asks of AWS: an HTTP client for the SDK that writes down the operation of every request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// How many operations are kept for who takes them: nobody does where the service just runs.
const KEPT: usize = 10_000;

/// The last operations, in the order in which they were asked for, such as `DynamoDB_20120810.UpdateItem`.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Mutex<VecDeque<String>>>);

impl Journal {
    /// Takes what has been written down since the last time.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }

    /// A client without TLS, for loopback, that writes here.
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Recording { inner: Builder::new().build_http(), journal: self.clone() })
    }

    fn write(&self, operation: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(operation.to_owned());
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
        self.journal.write(request.headers().get("x-amz-target").unwrap_or("unknown"));
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_takes_does_not_fill_the_memory() {
        let journal = Journal::default();
        for number in 0..KEPT + 3 {
            journal.write(&number.to_string());
        }
        let taken = journal.take();
        assert_eq!((taken.len(), taken[0].as_str()), (KEPT, "3"));
        assert!(journal.take().is_empty());
    }
}
