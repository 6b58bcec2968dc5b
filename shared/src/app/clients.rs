//! The clients of AWS, and what they are made of.

use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

use super::https;
use crate::config::Config;
use crate::later::Later;

/// How long AWS may take for an attempt before it is sent again on another connection. The SDK would wait for ever, and after a
/// long freeze of its environment a pooled connection may be one that the way there has forgotten. Answers take milliseconds;
/// it is far more than that because what was counted and not answered is counted again.
const ATTEMPT_MAX: Duration = Duration::from_secs(2);

/// How long AWS may take for an operation, with all attempts: two connections that were lost, and an answer on the third. The
/// shortest function ends after ten seconds, and a call of it may wait for two operations that are never answered.
const OPERATION_MAX: Duration = Duration::from_millis(4_500);

/// What clients of AWS are made of.
pub struct Aws {
    /// Who asks, where and how.
    pub settings: SdkConfig,
    connector: Later<SharedHttpConnector>,
}

impl Aws {
    /// That of a function. Lambda puts its region and the credentials of its role into the environment ("Using Lambda environment
    /// variables" in its developer guide), so that nothing is made that would look for them elsewhere.
    pub async fn of_function() -> Self {
        let connector = Later::new(https::to_aws);
        let settings = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(EnvironmentVariableRegionProvider::new().region().await)
            .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
            .http_client(https::client_of(connector.clone()))
            .build();
        Self { settings, connector }
    }

    /// That of an operator at a machine of their own.
    pub(super) async fn of_operator() -> Self {
        let connector = Later::new(https::to_aws);
        #[expect(clippy::disallowed_methods, reason = "this is the place that makes clients")]
        let settings = aws_config::defaults(BehaviorVersion::latest());
        let settings = settings.http_client(https::client_of(connector.clone())).load().await;
        Self { settings, connector }
    }
}

/// The clients of AWS that every application has. Each parses the SDK's list of the partitions of AWS for itself, with a regular
/// expression for each, so that they are made later than the application is.
#[derive(Clone)]
pub(super) struct Clients {
    pub(super) dynamodb: Later<aws_sdk_dynamodb::Client>,
    pub(super) secrets_manager: Later<aws_sdk_secretsmanager::Client>,
    pub(super) kms: Later<aws_sdk_kms::Client>,
}

impl Clients {
    pub(super) fn new(aws: &SdkConfig, config: &Config) -> Self {
        Self {
            dynamodb: later(dynamodb, aws, config),
            secrets_manager: later(secrets_manager, aws, config),
            kms: later(kms, aws, config),
        }
    }

    /// Makes them, and then what they send by, beside the rest of a start. In one thread, which leaves a second core to the rest;
    /// and first what a request needs first.
    pub(super) fn make_beside(&self, aws: Aws) {
        let clients = self.clone();
        std::thread::spawn(move || {
            clients.dynamodb.make();
            clients.secrets_manager.make();
            clients.kms.make();
            aws.connector.make();
        });
    }
}

/// A client that is made when it is needed.
fn later<C: 'static>(make: fn(&SdkConfig, &Config) -> C, aws: &SdkConfig, config: &Config) -> Later<C> {
    let (aws, config) = (aws.clone(), config.clone());
    Later::new(move || make(&aws, &config))
}

/// What a client of Amazon Bedrock is made of, at the configured endpoint. Who asks it has a limit of their own for all of it.
pub(super) fn of_bedrock(aws: &SdkConfig, config: &Config) -> SdkConfig {
    let settings = aws.to_builder().timeout_config(TimeoutConfig::builder().build()).retry_config(attempts());
    match config.endpoints.bedrock.clone() {
        None => settings.build(),
        Some(endpoint) => settings.endpoint_url(endpoint).build(),
    }
}

fn patience() -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_MAX).operation_timeout(OPERATION_MAX).build()
}

/// Three attempts, as the SDK has it, but the first pauses are of up to 50 and 100 ms instead of one and two seconds: a search
/// is to be answered in less.
fn attempts() -> RetryConfig {
    RetryConfig::standard().with_initial_backoff(Duration::from_millis(50))
}

macro_rules! client {
    ($(#[$doc:meta])* $name:ident, $sdk:ident) => {
        $(#[$doc])*
        #[expect(clippy::disallowed_methods, reason = "this is the place that makes clients")]
        pub fn $name(aws: &SdkConfig, config: &Config) -> $sdk::Client {
            let mut settings = $sdk::config::Builder::from(aws);
            settings.set_endpoint_url(config.endpoints.$name.clone());
            settings.set_timeout_config(Some(patience()));
            settings.set_retry_config(Some(attempts()));
            $sdk::Client::from_conf(settings.build())
        }
    };
}

client!(
    /// A client of DynamoDB, at the configured endpoint.
    dynamodb,
    aws_sdk_dynamodb
);
client!(
    /// A client of KMS, at the configured endpoint.
    kms,
    aws_sdk_kms
);
client!(
    /// A client of Secrets Manager, at the configured endpoint.
    secrets_manager,
    aws_sdk_secretsmanager
);
