//! Every client and store, made once a cold start.

mod closing;
mod https;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;

use crate::analytics::Analytics;
use crate::audit::Audit;
use crate::background::Background;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, Semantics};
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
    /// The application of a function of Lambda, which has the role of this function.
    pub async fn of_function(config: Config) -> Self {
        Self::on_this_machine(config, &of_function().await)
    }

    /// The application of an operator at a machine of their own, who is whom AWS's command line takes them for.
    pub async fn of_operator() -> Result<Self, ConfigError> {
        Ok(Self::on_this_machine(Config::of_process()?, &of_operator().await))
    }

    fn on_this_machine(config: Config, aws: &SdkConfig) -> Self {
        Self::new(config, aws, Clock::system(), Network::system())
    }

    /// The application with these settings. All clients share one configuration, and with it the connections to AWS.
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
            s3: S3::new(config.endpoints.s3.clone(), https::to_others, clock.clone()),
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

/// What the clients of a function are made of. Lambda puts its region and the credentials of its role into the environment
/// ("Using Lambda environment variables" in its developer guide), so that nothing is made that would look for them elsewhere.
pub async fn of_function() -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .http_client(https::to_aws())
        .build()
}

/// What the clients of an operator are made of.
async fn of_operator() -> SdkConfig {
    #[expect(clippy::disallowed_methods, reason = "this is the place that makes clients")]
    aws_config::defaults(BehaviorVersion::latest()).http_client(https::to_aws()).load().await
}

/// Whose models to ask.
fn source(aws: &SdkConfig, config: &Config) -> Option<Source> {
    match config.semantics.clone()? {
        Semantics::Secret(name) => {
            Some(Source::Secret { name, secrets: secrets_manager(aws, config), https: https::to_others })
        }
        Semantics::Bedrock { model, writer } => Some(Source::Bedrock { client: bedrock(aws, config), model, writer }),
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
    /// A client of Amazon Bedrock, at the configured endpoint. Who asks it has a limit of their own for all of it.
    bedrock,
    aws_sdk_bedrockruntime,
    TimeoutConfig::builder().build()
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
