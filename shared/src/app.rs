//! Every client and store, made once a cold start.

mod closing;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_http_client::Connector as HttpConnector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

use crate::analytics::Analytics;
use crate::audit::Audit;
use crate::background::Background;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, Env, Semantics};
use crate::databases::{Connector, Databases, Dialer, Network, Policy, Vocabularies};
use crate::dynamo::Table;
use crate::keys::Keys;
use crate::limits::Addresses;
use crate::models::{Models, Source};
use crate::results::Results;
use crate::s3::S3;
use crate::users::{Sessions, Users};
use crate::vault::Vault;
use crate::warehouses::Warehouses;

/// How long AWS may take for an attempt before it is sent again on another connection. The SDK would wait for ever, and after a
/// long freeze of its environment a pooled connection may be one that the way there has forgotten. Answers take milliseconds;
/// it is far more than that because what was counted and not answered is counted again.
const ATTEMPT_MAX: Duration = Duration::from_secs(2);

/// How long AWS may take for an operation, with all attempts: two connections that were lost, and an answer on the third. The
/// shortest function ends after ten seconds, and a call of it may wait for two operations that are never answered.
const OPERATION_MAX: Duration = Duration::from_millis(4_500);

/// How long a model may say nothing. Who asks one has a limit of their own for all of it.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// What a handler works with. Cloning it costs a count.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of the application.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// When this process started.
    pub started_at: crate::clock::Timestamp,
    /// The table, for those who ask after its health.
    pub table: Table,
    /// The accounts.
    pub users: Users,
    /// Their sessions.
    pub sessions: Sessions,
    /// Their keys.
    pub keys: Keys,
    /// Their connections.
    pub databases: Databases,
    /// The words of these.
    pub vocabularies: Vocabularies,
    /// Their connections to warehouses.
    pub warehouses: Warehouses,
    /// Puts files into their buckets.
    pub s3: S3,
    /// What they searched.
    pub analytics: Analytics,
    /// What they were answered in the last minutes.
    pub results: Results,
    /// The models of a provider, if there is one.
    pub models: Models,
    /// Client addresses that nobody stands behind yet.
    pub addresses: Addresses,
    /// Work that no answer waits for.
    pub background: Background,
    /// Who changed what.
    pub audit: Audit,
    /// Seals and opens passwords.
    pub vault: Vault,
    /// Opens connections.
    pub connector: Connector,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// The application of this process, with its environment and the role of its function.
    pub async fn start() -> Result<Self, ConfigError> {
        let (config, aws) = of_process().await?;
        Ok(Self::new(config, &aws, Clock::system(), Network::system()))
    }

    /// The application with these settings. All clients share one configuration; each has connections of its own.
    pub fn new(config: Config, aws: &SdkConfig, clock: Clock, network: Network) -> Self {
        let table = Table { client: dynamodb(aws, &config), name: config.table.clone() };
        let policy =
            Policy { allowed_networks: config.allowed_networks.clone(), allow_loopback: config.allow_loopback };
        Self(Arc::new(Parts {
            started_at: clock.now(),
            users: Users::new(table.clone()),
            sessions: Sessions::new(secrets_manager(aws, &config), config.session_secret.clone(), clock.clone()),
            keys: Keys::new(table.clone()),
            addresses: Addresses::new(table.clone()),
            databases: Databases::new(table.clone()),
            vocabularies: Vocabularies::new(table.clone(), clock.clone()),
            warehouses: Warehouses::new(table.clone()),
            s3: S3::new(config.endpoints.s3.clone(), https, clock.clone()),
            analytics: Analytics::new(table.clone()),
            results: Results::new(table.clone()),
            models: Models::new(source(aws, &config), clock.clone()),
            background: Background::default(),
            audit: Audit::new(table.clone()),
            table,
            vault: Vault::new(kms(aws, &config), config.kms_key.clone(), clock.clone()),
            connector: Connector::new(Dialer::new(policy, network), config.database_timeout),
            clock,
            config,
        }))
    }
}

/// The settings of this process, and what its clients are made of.
pub async fn of_process() -> Result<(Config, SdkConfig), ConfigError> {
    let config = Config::from_env(&Env::of_process())?;
    #[expect(clippy::disallowed_methods, reason = "this is the place that makes clients")]
    let aws = aws_config::defaults(aws_config::BehaviorVersion::latest()).load().await;
    Ok((config, aws))
}

/// Whose models to ask.
fn source(aws: &SdkConfig, config: &Config) -> Option<Source> {
    match config.semantics.clone()? {
        Semantics::Secret(name) => Some(Source::Secret { name, secrets: secrets_manager(aws, config), https }),
        Semantics::Bedrock { model, writer } => Some(Source::Bedrock { client: bedrock(aws, config), model, writer }),
    }
}

/// A client for providers outside AWS, and for the buckets of customers: TLS is verified against the certificates of the
/// system, and a redirect is an answer like any other.
fn https() -> SharedHttpConnector {
    let provider = Provider::Rustls(CryptoMode::AwsLc);
    SharedHttpConnector::new(HttpConnector::builder().tls_provider(provider).build())
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
    ($(#[$doc:meta])* $name:ident, $sdk:ident, $patience:expr) => {
        $(#[$doc])*
        #[expect(clippy::disallowed_methods, reason = "this is the place that makes clients")]
        pub fn $name(aws: &SdkConfig, config: &Config) -> $sdk::Client {
            let mut settings = $sdk::config::Builder::from(aws);
            settings.set_endpoint_url(config.endpoints.$name.clone());
            settings.set_timeout_config(Some($patience));
            settings.set_retry_config(Some(attempts()));
            $sdk::Client::from_conf(settings.build())
        }
    };
}

client!(
    /// A client of Amazon Bedrock, at the configured endpoint.
    bedrock,
    aws_sdk_bedrockruntime,
    TimeoutConfig::builder().read_timeout(SILENCE_MAX).build()
);
client!(
    /// A client of DynamoDB, at the configured endpoint.
    dynamodb,
    aws_sdk_dynamodb,
    patience()
);
client!(
    /// A client of KMS, at the configured endpoint.
    kms,
    aws_sdk_kms,
    patience()
);
client!(
    /// A client of Secrets Manager, at the configured endpoint.
    secrets_manager,
    aws_sdk_secretsmanager,
    patience()
);
