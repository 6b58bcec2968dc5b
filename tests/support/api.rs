//! A service of its own for a test, and the users who call it.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::types::StreamSpecification;
use local::faults::Faults;
use local::semantics::Semantics;
use local::service::{Service, Settings};
use local::stream::Stream;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use shared::analytics::Analytics;
use shared::clock::{Clock, Timestamp};
use shared::databases::Network;
use shared::id::UserId;

use crate::answer::Answer;
use crate::contract::Sent;
use crate::gateway::Gateway;
use crate::lambda::Programs;
use crate::remote::Remote;
use crate::storage::Storage;
use crate::user::TestUser;

/// How long a customer's database may take in the tests: long enough for a busy machine, short enough to wait for.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(5);

/// A whole service: every function, DynamoDB, KMS and Secrets Manager, with a clock that the test can move.
pub struct TestApi {
    /// The service.
    pub service: Service,
    /// Its functions as they are deployed, where this run is about them. The service is then only the emulators.
    pub gateway: Option<Gateway>,
    /// Where this run's stack was deployed to, if it is about one.
    remote: Option<Remote>,
    /// What goes wrong between the service and AWS, where it was started with faults.
    pub faults: Faults,
    http: reqwest::Client,
    ahead_ms: Arc<AtomicI64>,
}

impl TestApi {
    /// Starts one, in memory, on a free port.
    pub async fn start() -> Self {
        Self::with_network(Network::system()).await
    }

    /// Starts one that reaches customers' databases in this way.
    pub async fn with_network(network: Network) -> Self {
        Self::with(network, None, None, Vec::new()).await
    }

    /// Starts one with this provider of embeddings.
    pub async fn with_semantics(semantics: Semantics) -> Self {
        Self::with(Network::system(), Some(semantics), None, Vec::new()).await
    }

    /// Starts one whose users may connect SQLite files of this folder.
    pub async fn with_sqlite_folder(folder: &Path) -> Self {
        Self::with_variables(vec![("ALTUS4_SQLITE_FOLDER", folder.to_string_lossy().into_owned())]).await
    }

    /// Starts one that has this in its environment besides.
    pub async fn with_variables(variables: Vec<(&'static str, String)>) -> Self {
        Self::with(Network::system(), None, None, variables).await
    }

    /// Starts one whose users' buckets are all in this storage.
    pub async fn with_storage(storage: &Storage) -> Self {
        Self::with_variables(vec![("ALTUS4_AWS_ENDPOINT_S3", storage.url())]).await
    }

    /// Starts one whose calls to AWS meet what the test orders.
    pub async fn with_faults() -> Self {
        Self::with(Network::system(), None, Some(Faults::default()), Vec::new()).await
    }

    /// Starts one for which this address is every service of Google, Databricks and Snowflake.
    pub async fn with_clouds(address: SocketAddr) -> Self {
        Self::with_variables(vec![("ALTUS4_CLOUD_ENDPOINT", format!("http://{address}"))]).await
    }

    async fn with(
        network: Network,
        semantics: Option<Semantics>,
        faults: Option<Faults>,
        variables: Vec<(&'static str, String)>,
    ) -> Self {
        let orders = faults.clone().unwrap_or_default();
        let ahead_ms = Arc::new(AtomicI64::new(0));
        let system = Clock::system();
        let ahead = Arc::clone(&ahead_ms);
        let clock =
            Clock::from_fn(move || Timestamp::from_epoch_ms(system.now().epoch_ms() + ahead.load(Ordering::Relaxed)));
        let settings = Settings {
            port: 0,
            folder: None,
            clock,
            database_timeout: DATABASE_TIMEOUT,
            network,
            semantics,
            faults,
            variables,
        };
        let service = Service::start(settings).await.expect("the service starts");
        let gateway = match Programs::of_this_run() {
            Some(programs) => Some(Gateway::start(programs, service.app.config.clone()).await),
            None => None,
        };
        let remote = Remote::of_this_run(&service.aws, &service.app.config);
        let http = remote.as_ref().map_or_else(reqwest::Client::new, Remote::client);
        Self { service, gateway, remote, faults: orders, http, ahead_ms }
    }

    /// Lets time pass.
    pub fn advance(&self, span: Duration) {
        let span_ms = i64::try_from(span.as_millis()).expect("a span of this age");
        self.ahead_ms.fetch_add(span_ms, Ordering::Relaxed);
    }

    /// The time of the service.
    pub fn now(&self) -> Timestamp {
        self.service.app.clock.now()
    }

    /// The searches and figures of this run's service, read where it keeps them.
    pub fn analytics(&self) -> Analytics {
        self.remote.as_ref().map_or_else(|| self.service.app.analytics.clone(), Remote::analytics)
    }

    /// The stack that was deployed, if this run is about one.
    pub fn stack(&self) -> Option<&Remote> {
        self.remote.as_ref()
    }

    /// Whether a function of what was deployed adds searches to the figures, at its own time.
    pub fn rolls_up_by_itself(&self) -> bool {
        self.remote.is_some()
    }

    /// Waits until all searches of this account that were answered before are recorded and in the figures, and nobody is looking
    /// into its tables.
    pub async fn settle(&self, owner: UserId) {
        match &self.remote {
            Some(remote) => remote.settle(owner).await,
            None => self.service.stream.settle().await.expect("the figures"),
        }
    }

    /// Switches the stream of the table off, for who hands searches to the roll-up by themselves.
    pub async fn without_stream(&self) {
        let dynamodb = shared::app::dynamodb(&self.service.aws, &self.service.app.config);
        let off = StreamSpecification::builder().stream_enabled(false).build().expect("a specification");
        dynamodb.update_table().table_name("altus4").stream_specification(off).send().await.expect("no stream");
        self.service.journal.take();
    }

    /// A client at this address of the loopback network, which the service sees as its peer.
    pub fn at(&self, address: [u8; 4]) -> reqwest::Client {
        reqwest::Client::builder().local_address(IpAddr::from(address)).build().expect("a client")
    }

    /// A call from this client.
    pub fn call_from(&self, client: &reqwest::Client, method: &str, path: &str) -> Call {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let address = self.gateway.as_ref().map_or(self.service.address, |gateway| gateway.address);
        let url = self.remote.as_ref().map_or_else(|| format!("http://{address}"), Remote::url);
        let stream = self.service.stream.clone();
        Call { request: client.request(method, format!("{url}{path}")), stream, remote: self.remote.clone() }
    }

    /// A call with this method, such as `GET`.
    pub fn call(&self, method: &str, path: &str) -> Call {
        self.call_from(&self.http, method, path)
    }

    /// A new user with a session. The name is for the eye: in a service that others use too, another address has it.
    pub async fn register(&self, name: &str) -> TestUser<'_> {
        let mut email = format!("{name}@example.com");
        if self.remote.is_some() {
            email = format!("{name}-{}@example.com", shared::id::RequestId::fresh());
        }
        let body = json!({ "email": email, "password": "secure_password", "name": format!("Name of {name}") });
        let data = self.call("POST", "/api/v1/auth/register").json(&body).send().await.expect(201);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        TestUser { api: self, id: text(&data["user"]["id"]), email, token: text(&data["token"]) }
    }
}

/// A call that is being put together.
pub struct Call {
    request: reqwest::RequestBuilder,
    stream: Stream,
    remote: Option<Remote>,
}

impl Call {
    /// With this token or key.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        Self { request: self.request.bearer_auth(token), ..self }
    }

    /// With this header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// With this body, as JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        Self { request: self.request.json(body), ..self }
    }

    /// With this body, as it is.
    #[must_use]
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { request: self.request.body(body.into()), ..self }
    }

    /// Sends it, for an answer that is a file and wears no envelope: its status, its headers and its text.
    pub async fn download(self) -> (u16, HeaderMap, String) {
        let (status, headers, bytes) = self.bytes().await;
        (status, headers, String::from_utf8(bytes).expect("a text"))
    }

    /// Sends it, for an answer that may be packed or empty: its status, its headers and its bytes as they came.
    pub async fn bytes(self) -> (u16, HeaderMap, Vec<u8>) {
        let (sent, status, headers, bytes) = self.exchange().await;
        sent.check_text(status, &headers);
        (status, headers, bytes)
    }

    /// Sends it, and waits for what it leaves to do behind the answer, so that the next call finds it done.
    pub async fn send(self) -> Answer {
        let stream = self.stream.clone();
        let answer = self.send_alone().await;
        stream.settle().await.expect("the figures");
        answer
    }

    /// Sends it, and waits for the answer alone. Request and answer have to be as `docs/openapi.yaml` says.
    pub async fn send_alone(self) -> Answer {
        let (sent, status, headers, bytes) = self.exchange().await;
        let text = String::from_utf8(bytes).expect("a text");
        let answer = Answer::new(status, headers, &text, sent.url.path());
        sent.check(&answer);
        answer
    }

    async fn exchange(self) -> (Sent, u16, HeaderMap, Vec<u8>) {
        let (client, request) = self.request.build_split();
        let request = request.expect("a request");
        let sent = Sent {
            method: request.method().to_string(),
            url: request.url().clone(),
            headers: request.headers().clone(),
            body: request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec(),
        };
        if let Some(remote) = self.remote.filter(|_| sent.url.path().starts_with("/api/v1/auth/")) {
            remote.forget_attempts().await;
        }
        let response = client.execute(request).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (sent, status, headers, response.bytes().await.expect("a whole answer").to_vec())
    }
}
