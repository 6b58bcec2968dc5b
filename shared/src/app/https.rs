//! How requests leave this process, but for those to hosts that a customer names.

use std::ops::Deref;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};

use crate::later::Later;

/// How long AWS may take to take a connection, as the SDK has it.
const CONNECT_MAX: Duration = Duration::from_millis(3_100);

/// How long a model may say nothing. Requests to others end sooner.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// What all clients of AWS send by: one connector, and so one pool of connections and one look at the certificates of the
/// system. Left to itself the SDK makes a connector for each client, and one more for each only to have seen the certificates
/// (`HyperClient` of `aws-smithy-http-client`), which was half of what a start took.
pub(super) fn client_of(connector: Later<SharedHttpConnector>) -> SharedHttpClient {
    http_client_fn(move |_, _| connector.deref().clone())
}

/// A connector to AWS.
pub(super) fn to_aws() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_MAX).read_timeout(SILENCE_MAX).build();
    let connector = Connector::builder().connector_settings(settings).proxy_config(ProxyConfig::from_env());
    SharedHttpConnector::new(connector.tls_provider(tls()).build())
}

/// A connector to providers outside AWS, and to the buckets of customers: a redirect is an answer like any other.
pub(super) fn to_others() -> SharedHttpConnector {
    SharedHttpConnector::new(Connector::builder().tls_provider(tls()).build())
}

/// TLS is verified against the certificates of the system.
fn tls() -> Provider {
    Provider::Rustls(CryptoMode::AwsLc)
}
