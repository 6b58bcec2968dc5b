//! Every function on one port, with the emulators behind it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use dynoxide::Database;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::request::RequestContext;
use shared::app::App;
use shared::clock::Clock;
use shared::config::{Config, Env};
use shared::databases::Network;
use shared::http::{Routes, edge};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::aws::Emulator;
use crate::dynamodb::{Records, open};
use crate::journal::Journal;
use crate::provision::{Refused, provision};
use crate::semantics::{self, Semantics};
use crate::stream::Stream;

/// Browsers on a developer's own machine, which the reference always let in.
const LOCAL_ORIGINS: [&str; 8] = [
    "http://localhost:3000",
    "http://localhost:3001",
    "http://localhost:4173",
    "http://localhost:5173",
    "http://localhost:5174",
    "http://localhost:8080",
    "http://127.0.0.1:3000",
    "http://127.0.0.1:5174",
];

/// How often DynamoDB's time to live is applied.
const SWEEP: Duration = Duration::from_mins(1);

/// What a service on this machine is to be.
pub struct Settings {
    /// The port; any free one when it is 0.
    pub port: u16,
    /// Where its state is kept; in memory when there is none.
    pub folder: Option<PathBuf>,
    /// The time.
    pub clock: Clock,
    /// How long a customer's database may take.
    pub database_timeout: Duration,
    /// How customers' databases are reached.
    pub network: Network,
    /// Whose models it asks.
    pub semantics: Option<Semantics>,
    /// Where SQLite files are that may be connected.
    pub sqlite_folder: Option<PathBuf>,
}

/// A service that is running. It ends when this is dropped.
pub struct Service {
    /// Where it answers.
    pub address: SocketAddr,
    /// What it asks of AWS.
    pub journal: Journal,
    /// What its handlers work with.
    pub app: App,
    /// What its clients are made of, for whoever works beside it, such as the rotation of the secret.
    pub aws: SdkConfig,
    /// What becomes of searches behind their answers.
    pub stream: Stream,
    tasks: JoinSet<()>,
}

/// Why a service could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else has the port.
    #[error("port {port} on 127.0.0.1 can not be listened on: choose another with --port")]
    Port {
        /// Which.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The state of an earlier run can not be taken up.
    #[error("the state in {} can not be used: move the folder away to start anew", folder.display())]
    State {
        /// Where it is.
        folder: PathBuf,
        /// What is wrong with it.
        source: Refused,
    },
    /// Anything else, which should not happen.
    #[error("the emulators could not be set up")]
    Emulators(#[from] Refused),
}

impl Service {
    /// Starts everything, and answers when it answers.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let mut tasks = JoinSet::new();
        let (dynamodb, database) = dynamodb(&settings, &mut tasks).await?;
        let keys_and_secrets = keys_and_secrets(&settings, &mut tasks).await?;
        let [ai_secret, bedrock, model, writer] = semantics::variables(settings.semantics.as_ref());
        let env = Env::from([
            ai_secret,
            bedrock,
            model,
            writer,
            ("ALTUS4_TABLE", "altus4".to_owned()),
            ("ALTUS4_KMS_KEY", "alias/altus4".to_owned()),
            ("ALTUS4_SESSION_SECRET", "altus4/session".to_owned()),
            ("ALTUS4_AWS_ENDPOINT", format!("http://{keys_and_secrets}")),
            ("ALTUS4_AWS_ENDPOINT_DYNAMODB", format!("http://{dynamodb}")),
            ("ALTUS4_ALLOW_LOOPBACK", "true".to_owned()),
            ("ALTUS4_ALLOWED_ORIGINS", LOCAL_ORIGINS.join(",")),
            ("ALTUS4_DATABASE_TIMEOUT_MS", settings.database_timeout.as_millis().to_string()),
            ("ALTUS4_SQLITE_FOLDER", folder_name(settings.sqlite_folder.as_deref())),
        ]);
        let config = Config::from_env(&env).map_err(|e| StartError::Emulators(e.into()))?;
        let journal = Journal::default();
        let aws = aws_of(&journal).await;
        provision(&config, &aws).await?;
        semantics::provision(settings.semantics.as_ref(), &config, &aws).await?;
        journal.take();

        let app = App::new(config.clone(), &aws, settings.clock.clone(), settings.network.clone());
        app.background.goes_on();
        // The functions `rollup` and `scans` are others than those of the API, and have clients of their own.
        let behind = App::new(config, &aws_of(&Journal::default()).await, settings.clock, settings.network);
        let stream = Stream::of(database, behind, app.background.clone())?;
        tasks.spawn(stream.clone().follow());
        let listener = listen(settings.port).await?;
        let address = listener.local_addr().map_err(|e| StartError::Emulators(e.into()))?;
        let router = edge(routes(), app.clone()).layer(map_request(as_the_gateway));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tasks.spawn(async move { drop(axum::serve(listener, service).await) });
        Ok(Self { address, journal, app, aws, stream, tasks })
    }

    /// Where it answers, as the beginning of a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it ends, which it does not do by itself.
    pub async fn wait(&mut self) {
        self.tasks.join_next().await;
    }
}

/// The routes of every function.
pub fn routes() -> Routes {
    functions().into_iter().fold(Routes::default(), |all, (_, routes)| all.merge(routes))
}

/// Every function of the template with its routes.
pub fn functions() -> [(&'static str, Routes); 7] {
    [
        ("auth", auth::routes()),
        ("management", management::routes()),
        ("keys", keys::routes()),
        ("databases", databases::routes()),
        ("search", search::routes()),
        ("analytics", analytics::routes()),
        ("warehouses", warehouses::routes()),
    ]
}

/// As the environment has it: nothing where there is none.
fn folder_name(folder: Option<&Path>) -> String {
    folder.map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Says who calls, as the gateway does: with the peer of the connection, whatever the headers say.
async fn as_the_gateway(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.http.source_ip = Some(peer.ip().to_string());
    request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
    request
}

async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| StartError::Port { port, source })
}

/// A configuration of the SDK that reaches nothing but this machine.
async fn aws_of(journal: &Journal) -> SdkConfig {
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
    tasks.spawn(async move { drop(axum::serve(listener, emulator.router()).await) });
    Ok(address)
}

fn unusable(settings: &Settings, source: impl Into<Refused>) -> StartError {
    StartError::State { folder: settings.folder.clone().unwrap_or_default(), source: source.into() }
}
