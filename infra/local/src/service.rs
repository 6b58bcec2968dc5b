//! Every function on one port, with the emulators behind it.

mod emulators;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use aws_config::SdkConfig;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::request::RequestContext;
use shared::app::App;
use shared::clock::Clock;
use shared::config::{Config, Env};
use shared::databases::Network;
use shared::http::{Routes, edge};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::faults::Faults;
use crate::journal::Journal;
use crate::provision::{Refused, provision};
use crate::semantics::{self, Semantics};
use crate::stream::Stream;
use emulators::Emulators;

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
    /// What else its environment has, such as where SQLite files are that may be connected.
    pub variables: Vec<(&'static str, String)>,
    /// What goes wrong between the service and AWS, where anything is to.
    pub faults: Option<Faults>,
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
    emulators: Emulators,
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
        let mut emulators = Emulators::start(&settings).await?;
        let config = config(&settings, &emulators)?;
        let journal = Journal::default();
        let aws = emulators::aws(&journal).await;
        provision(&config, &aws).await?;
        semantics::provision(settings.semantics.as_ref(), &config, &aws).await?;
        journal.take();

        // The functions `rollup` and `scans` are others than those of the API, and have clients of their own. Nothing befalls
        // them.
        let own = emulators::aws(&Journal::default()).await;
        let behind = App::new(config.clone(), &own, settings.clock.clone(), settings.network.clone());
        if let Some(faults) = &settings.faults {
            emulators.meet(faults).await?;
        }
        let config = Config { endpoints: emulators.endpoints(config.endpoints), ..config };
        let app = App::new(config, &aws, settings.clock, settings.network);
        let database = emulators.database.clone();
        let stream = Stream::of(database, behind, app.background.clone())?;
        let mut tasks = JoinSet::new();
        tasks.spawn(stream.clone().follow());
        let listener = listen(settings.port).await?;
        let address = listener.local_addr().map_err(|e| StartError::Emulators(e.into()))?;
        let router = edge(routes(), app.clone()).layer(map_request(as_the_gateway));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tasks.spawn(async move { drop(axum::serve(listener, service).await) });
        Ok(Self { address, journal, app, aws, stream, tasks, emulators })
    }

    /// Where it answers, as the beginning of a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The settings with which AWS is reached and nothing goes wrong on the way, for whoever looks at what was stored.
    pub fn direct(&self) -> Config {
        let endpoints = self.emulators.direct(self.app.config.endpoints.clone());
        Config { endpoints, ..self.app.config.clone() }
    }

    /// Waits until it ends, which it does not do by itself.
    pub async fn wait(&mut self) {
        self.tasks.join_next().await;
    }
}

fn config(settings: &Settings, emulators: &Emulators) -> Result<Config, StartError> {
    let [ai_secret, bedrock, model, writer] = semantics::variables(settings.semantics.as_ref());
    let [dynamodb, keys_and_secrets] = emulators.urls();
    let mut env = Env::from([
        ai_secret,
        bedrock,
        model,
        writer,
        ("ALTUS4_TABLE", "altus4".to_owned()),
        ("ALTUS4_KMS_KEY", "alias/altus4".to_owned()),
        ("ALTUS4_SESSION_SECRET", "altus4/session".to_owned()),
        ("ALTUS4_AWS_ENDPOINT", keys_and_secrets),
        ("ALTUS4_AWS_ENDPOINT_DYNAMODB", dynamodb),
        ("ALTUS4_ALLOW_LOOPBACK", "true".to_owned()),
        ("ALTUS4_ALLOWED_ORIGINS", LOCAL_ORIGINS.join(",")),
        ("ALTUS4_DATABASE_TIMEOUT_MS", settings.database_timeout.as_millis().to_string()),
    ]);
    env.extend(settings.variables.clone());
    Config::from_env(&env).map_err(|e| StartError::Emulators(e.into()))
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

/// Says who calls, as the gateway does: with the peer of the connection, whatever the headers say.
async fn as_the_gateway(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.http.source_ip = Some(peer.ip().to_string());
    request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
    request
}

/// Serves until the listener ends, which it does not do by itself.
async fn serve(listener: TcpListener, router: axum::Router) {
    drop(axum::serve(listener, router).await);
}

async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| StartError::Port { port, source })
}
