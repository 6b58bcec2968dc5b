//! What stands for AWS: DynamoDB, and KMS with Secrets Manager, each on a port of loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use dynoxide::Database;
use shared::config::Endpoints;
use tokio::task::JoinSet;

use super::{Settings, StartError, listen, serve};
use crate::aws::Emulator;
use crate::dynamodb::{Records, open};
use crate::faults::Faults;
use crate::journal::Journal;
use crate::provision::Refused;
use crate::proxy::Proxy;

/// How often DynamoDB's time to live is applied.
const SWEEP: Duration = Duration::from_mins(1);

/// The emulators, while they run.
pub(super) struct Emulators {
    /// What is behind DynamoDB.
    pub(super) database: (Database, Option<Records>),
    /// DynamoDB, and the other two.
    ports: [u16; 2],
    /// What is dialled instead of them, where something is to go wrong.
    proxies: Option<[Proxy; 2]>,
    _tasks: JoinSet<()>,
}

impl Emulators {
    pub(super) async fn start(settings: &Settings) -> Result<Self, StartError> {
        let mut tasks = JoinSet::new();
        let (dynamodb, database) = dynamodb(settings, &mut tasks).await?;
        let keys_and_secrets = keys_and_secrets(settings, &mut tasks).await?;
        Ok(Self { database, ports: [dynamodb.port(), keys_and_secrets.port()], proxies: None, _tasks: tasks })
    }

    /// From now on these befall what is asked of them.
    pub(super) async fn meet(&mut self, faults: &Faults) -> Result<(), StartError> {
        let [dynamodb, others] = self.ports;
        let broken = |e: std::io::Error| StartError::Emulators(e.into());
        let dynamodb = Proxy::to_aws(dynamodb, faults.clone()).await.map_err(broken)?;
        let others = Proxy::to_aws(others, faults.clone()).await.map_err(broken)?;
        self.proxies = Some([dynamodb, others]);
        Ok(())
    }

    /// Where they are.
    pub(super) fn urls(&self) -> [String; 2] {
        self.ports.map(url)
    }

    /// Where the service finds them.
    pub(super) fn endpoints(&self, else_: Endpoints) -> Endpoints {
        let ports = self.proxies.as_ref().map_or(self.ports, |[dynamodb, others]| [dynamodb.port(), others.port()]);
        at(ports, else_)
    }

    /// Where they are found without anything in between.
    pub(super) fn direct(&self, else_: Endpoints) -> Endpoints {
        at(self.ports, else_)
    }
}

fn at([dynamodb, others]: [u16; 2], else_: Endpoints) -> Endpoints {
    let others = Some(url(others));
    Endpoints { dynamodb: Some(url(dynamodb)), kms: others.clone(), secrets_manager: others, ..else_ }
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// A configuration of the SDK that reaches nothing but this machine.
pub(super) async fn aws(journal: &Journal) -> SdkConfig {
    #[expect(clippy::disallowed_methods, reason = "this is no function of the service: it stands for the role of one")]
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .http_client(journal.client())
        .load()
        .await
}

/// Where it answers, and the database behind it.
type Dynamodb = (SocketAddr, (Database, Option<Records>));

async fn dynamodb(settings: &Settings, tasks: &mut JoinSet<()>) -> Result<Dynamodb, StartError> {
    let (database, records) = open(settings.folder.as_deref(), &settings.clock).map_err(|e| unusable(settings, e))?;
    let listener = listen(0).await?;
    let address = listener.local_addr().map_err(|e| StartError::Emulators(e.into()))?;
    tasks.spawn(dynoxide::server::serve_on(listener, database.clone()));
    let swept = database.clone();
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(SWEEP).await;
            // An item that stays a little longer harms nobody; the next round tries again.
            let _ = swept.sweep_ttl();
        }
    });
    Ok((address, (database, records)))
}

async fn keys_and_secrets(settings: &Settings, tasks: &mut JoinSet<()>) -> Result<SocketAddr, StartError> {
    let clock = settings.clock.clone();
    let now: crate::aws::Now = Arc::new(move || clock.now().epoch_ms());
    let emulator = match &settings.folder {
        None => Emulator::in_memory(now),
        Some(folder) => {
            Emulator::open(&folder.join("keys-and-secrets.json"), now).map_err(|e| unusable(settings, e))?
        }
    };
    let listener = listen(0).await?;
    let address = listener.local_addr().map_err(|e| StartError::Emulators(e.into()))?;
    tasks.spawn(serve(listener, emulator.router()));
    Ok(address)
}

fn unusable(settings: &Settings, source: impl Into<Refused>) -> StartError {
    StartError::State { folder: settings.folder.clone().unwrap_or_default(), source: source.into() }
}
