//! Every client and store, made once a cold start.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_http_client::Connector as HttpConnector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_types::timeout::TimeoutConfig;

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
use crate::users::{Sessions, Users};
use crate::vault::Vault;
use crate::warehouses::Warehouses;

/// How long AWS may say nothing to a request before it is sent again on another connection. The SDK would wait for ever, and
/// after a long freeze of its environment a pooled connection may be one that the way there has forgotten. Answers take
/// milliseconds; it is far more than that because what was counted and not answered is counted again, and half of the
/// shortest timeout of a function, 10 seconds.
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

    /// The application with these settings. All clients share one configuration, and with it one pool of connections.
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
    let patience = TimeoutConfig::builder().read_timeout(SILENCE_MAX).build();
    #[expect(clippy::disallowed_methods, reason = "this is the place that makes clients")]
    let aws = aws_config::defaults(aws_config::BehaviorVersion::latest()).timeout_config(patience).load().await;
    Ok((config, aws))
}

/// Whose models to ask.
fn source(aws: &SdkConfig, config: &Config) -> Option<Source> {
    match config.semantics.clone()? {
        Semantics::Secret(name) => Some(Source::Secret { name, secrets: secrets_manager(aws, config), https }),
        Semantics::Bedrock { model, writer } => Some(Source::Bedrock { client: bedrock(aws, config), model, writer }),
    }
}

/// A client for providers outside AWS: TLS is verified against the certificates of the system, and a redirect is an
/// answer like any other.
fn https() -> SharedHttpConnector {
    let provider = Provider::Rustls(CryptoMode::AwsLc);
    SharedHttpConnector::new(HttpConnector::builder().tls_provider(provider).build())
}

macro_rules! client {
    ($(#[$doc:meta])* $name:ident, $sdk:ident) => {
        $(#[$doc])*
        #[expect(clippy::disallowed_methods, reason = "this is the place that makes clients")]
        pub fn $name(aws: &SdkConfig, config: &Config) -> $sdk::Client {
            let mut settings = $sdk::config::Builder::from(aws);
            settings.set_endpoint_url(config.endpoints.$name.clone());
            $sdk::Client::from_conf(settings.build())
        }
    };
}

client!(
    /// A client of Amazon Bedrock, at the configured endpoint.
    bedrock,
    aws_sdk_bedrockruntime
);
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
