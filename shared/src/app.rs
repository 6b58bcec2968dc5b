//! Every client and store, made once a cold start.

mod clients;
mod closing;
mod https;

use std::ops::Deref;
use std::sync::Arc;

use aws_config::SdkConfig;

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

use clients::Clients;
pub use clients::{Aws, dynamodb, kms, secrets_manager};

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
    clients: Clients,
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
        Self::on_this_machine(config, Aws::of_function().await)
    }

    /// The application of an operator at a machine of their own, who is whom AWS's command line takes them for.
    pub async fn of_operator() -> Result<Self, ConfigError> {
        Ok(Self::on_this_machine(Config::of_process()?, Aws::of_operator().await))
    }

    fn on_this_machine(config: Config, aws: Aws) -> Self {
        let app = Self::new(config, &aws.settings, Clock::system(), Network::system());
        app.clients.make_beside(aws);
        app
    }

    /// The application with these settings. All clients share one configuration, and with it the connections to AWS.
    pub fn new(config: Config, aws: &SdkConfig, clock: Clock, network: Network) -> Self {
        let clients = Clients::new(aws, &config);
        let table = Table { client: clients.dynamodb.clone(), name: config.table.clone() };
        let policy =
            Policy { allowed_networks: config.allowed_networks.clone(), allow_loopback: config.allow_loopback };
        Self(Arc::new(Parts {
            started_at: clock.now(),
            users: Users::new(table.clone()),
            sessions: Sessions::new(clients.secrets_manager.clone(), config.session_secret.clone(), clock.clone()),
            keys: Keys::new(table.clone()),
            addresses: Addresses::new(table.clone()),
            databases: Databases::new(table.clone()),
            vocabularies: Vocabularies::new(table.clone(), clock.clone()),
            warehouses: Warehouses::new(table.clone()),
            s3: S3::new(config.endpoints.s3.clone(), https::to_others, clock.clone()),
            analytics: Analytics::new(table.clone()),
            results: Results::new(table.clone()),
            models: Models::new(source(&clients, aws, &config), clock.clone()),
            background: Background::default(),
            audit: Audit::new(table.clone()),
            table,
            vault: Vault::new(clients.kms.clone(), config.kms_key.clone(), clock.clone()),
            connector: Connector::new(Dialer::new(policy, network), config.database_timeout),
            clients,
            clock,
            config,
        }))
    }
}

/// Whose models to ask.
fn source(clients: &Clients, aws: &SdkConfig, config: &Config) -> Option<Source> {
    Some(match config.semantics.clone()? {
        Semantics::Secret(name) => {
            Source::Secret { name, secrets: clients.secrets_manager.clone(), https: https::to_others }
        }
        Semantics::Bedrock { model, writer } => {
            Source::Bedrock { settings: Box::new(clients::of_bedrock(aws, config)), model, writer }
        }
    })
}
