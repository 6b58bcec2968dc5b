//! API Gateway in front of the functions as they are deployed: HTTP in, events of an HTTP API (payload format 2.0) to the
//! function of the route, HTTP out. See "Working with AWS Lambda proxy integrations for HTTP APIs" in its developer guide.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use local::service;
use serde_json::{Map, Value, json};
use shared::config::Config;
use shared::id::RequestId;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::lambda::{CLOCK, Environment, Programs, TRACE};

/// The most environments of one function at once.
const ENVIRONMENTS_MAX: u32 = 3;

/// Who answers where no route fits (`$default` in the template).
const ELSE: &str = "management";

/// The gateway with the functions behind it. They end when it is dropped.
pub struct Gateway {
    /// Where it answers.
    pub address: SocketAddr,
    functions: Arc<Functions>,
    task: JoinHandle<()>,
}

impl Gateway {
    /// Starts it on a free port. A function starts with the first request for it.
    pub async fn start(programs: Programs, config: Config) -> Self {
        let functions = Arc::new(Functions::new(programs, config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(pass_on).with_state(Arc::clone(&functions));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move { axum::serve(listener, service).await.expect("a gateway") });
        Self { address, functions, task }
    }

    /// What a function answers to an event, whatever that is.
    pub async fn invoke(&self, function: &str, event: &Value) -> Value {
        self.functions.invoke(function, event).await
    }

    /// Stops every environment, as Lambda does between two calls. Waits for those that are at work.
    pub async fn freeze(&self) {
        for pool in self.functions.pools() {
            let _all = pool.places.acquire_many(ENVIRONMENTS_MAX).await.expect("places");
            pool.idle.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|at_rest| at_rest.signal("-STOP"));
        }
    }

    /// Lets every environment go on, so much later by their clock.
    pub fn thaw(&self, later: Duration) {
        std::fs::write(self.functions.clock(), format!("+{}", later.as_secs())).expect("the clock of the environments");
        for pool in self.functions.pools() {
            pool.idle.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|at_rest| at_rest.signal("-CONT"));
        }
    }

    /// Waits until somebody has called a function for the first time.
    pub async fn at_work(&self, function: &str) {
        while !self.functions.pools.lock().unwrap_or_else(PoisonError::into_inner).contains_key(function) {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until no environment of a function is at work, also for those who have left meanwhile.
    pub async fn at_rest(&self, function: &str) {
        drop(self.functions.pool(function).places.acquire_many(ENVIRONMENTS_MAX).await.expect("places"));
    }

    /// What the environments of a function have written so far.
    pub fn log(&self, function: &str) -> String {
        let logs = std::fs::read_dir(&self.functions.folder)
            .expect("a folder of logs")
            .map(|entry| entry.expect("a log").path());
        let of_it = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(function));
        logs.filter(of_it).map(|path| std::fs::read_to_string(path).expect("a log")).collect()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
        let _ = std::fs::remove_dir_all(&self.functions.folder);
    }
}

/// The environments of every function.
struct Functions {
    programs: Programs,
    config: Config,
    folder: PathBuf,
    routes: Vec<(&'static str, shared::http::Route)>,
    pools: Mutex<BTreeMap<String, Pool>>,
}

#[derive(Clone)]
struct Pool {
    idle: Arc<Mutex<Vec<Environment>>>,
    places: Arc<Semaphore>,
}

impl Functions {
    fn new(programs: Programs, config: Config) -> Self {
        let folder = std::env::temp_dir().join(format!("altus4-{}", RequestId::fresh()));
        std::fs::create_dir(&folder).expect("a folder of logs");
        let all = service::functions();
        let routes = all.iter().flat_map(|(name, routes)| routes.table().iter().map(|route| (*name, route.clone())));
        let (routes, pools) = (routes.collect(), Mutex::default());
        Self { programs, config, folder, routes, pools }
    }

    /// Calls one environment that is at rest, or a new one, or waits for one.
    async fn invoke(&self, function: &str, event: &Value) -> Value {
        let pool = self.pool(function);
        let _place = pool.places.acquire().await.expect("places");
        let at_rest = pool.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let environment = match at_rest {
            Some(environment) => environment,
            None => Environment::start(&self.programs, function, &self.config, &self.folder).await,
        };
        let answer = environment.invoke(event).await;
        pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(environment);
        answer
    }

    /// The function of a route, with the route as the gateway names it, and what stands in the place of its parameters.
    fn route(&self, method: &str, path: &str) -> (&'static str, String, Map<String, Value>) {
        let fits = |(function, route): &(&'static str, shared::http::Route)| {
            let parameters = (route.method == method).then(|| parameters(route.path, path))??;
            let named = route.path.matches('{').count();
            Some((named, (*function, format!("{} {}", route.method, route.path), parameters)))
        };
        // Of two that fit, the one that names more of the path.
        let found = self.routes.iter().filter_map(fits).min_by_key(|(named, _)| *named);
        found.map_or_else(|| (ELSE, "$default".to_owned(), Map::new()), |(_, found)| found)
    }

    fn pools(&self) -> Vec<Pool> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The file that says how far the clock of the environments is ahead.
    fn clock(&self) -> PathBuf {
        self.folder.join(CLOCK)
    }

    fn pool(&self, function: &str) -> Pool {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Pool { idle: Arc::default(), places: Arc::new(Semaphore::new(ENVIRONMENTS_MAX as usize)) };
        pools.entry(function.to_owned()).or_insert_with(fresh).clone()
    }
}

/// What stands in the place of the parameters of a route, if the path is one of its.
fn parameters(route: &str, path: &str) -> Option<Map<String, Value>> {
    let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    let mut found = Map::new();
    for (expected, part) in (route.len() == path.len()).then(|| route.into_iter().zip(path))? {
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !part.is_empty() => drop(found.insert(name.to_owned(), part.into())),
            _ if expected == part => {}
            _ => return None,
        }
    }
    Some(found)
}

async fn pass_on(
    State(functions): State<Arc<Functions>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        // Who has left in the middle of a request hears of nothing, and no function hears of the request.
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (function, route, parameters) = functions.route(parts.method.as_str(), parts.uri.path());
    let event = event(&parts, &body, peer, (&route, parameters));
    // A function is not told that its client has left.
    let answer = tokio::spawn(async move { functions.invoke(function, &event).await });
    response(&answer.await.expect("the function is called"))
}

/// The event of a request.
fn event(parts: &Parts, body: &[u8], peer: SocketAddr, (route, parameters): (&str, Map<String, Value>)) -> Value {
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let names: BTreeSet<&str> = parts.headers.keys().map(|name| name.as_str()).collect();
    let mut headers: Map<String, Value> = names
        .into_iter()
        .filter(|name| *name != "cookie")
        .map(|name| (name.to_owned(), joined(&parts.headers, name)))
        .collect();
    headers.insert("x-amzn-trace-id".to_owned(), TRACE.into());
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "r3pmxmplak",
            "domainName": "r3pmxmplak.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "r3pmxmplak",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": peer.ip().to_string(),
                "userAgent": joined(&parts.headers, "user-agent"),
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "time": "10/Mar/2020:05:16:23 +0000",
            "timeEpoch": 1_583_817_383_220_i64,
        },
        "isBase64Encoded": false,
    });
    if !parameters.is_empty() {
        event["pathParameters"] = parameters.into();
    }
    let cookies =
        parts.headers.get_all(header::COOKIE).iter().flat_map(|value| value.to_str().expect("text").split("; "));
    let cookies: Vec<&str> = cookies.collect();
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if let Some((text, is_base64)) = encoded(&parts.headers, body) {
        (event["body"], event["isBase64Encoded"]) = (text.into(), is_base64.into());
    }
    event
}

/// The body as the gateway sends it on: as it is where its type says that it is text, else in base64.
fn encoded(headers: &HeaderMap, body: &[u8]) -> Option<(String, bool)> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_text = ["text/", "application/json", "application/javascript", "application/xml"].iter();
    let text = is_text.into_iter().any(|text| kind.starts_with(text)).then(|| String::from_utf8(body.to_vec()).ok());
    let encoded = text.flatten().map_or_else(|| (BASE64.encode(body), true), |text| (text, false));
    (!body.is_empty()).then_some(encoded)
}

/// The values of a header, as one.
fn joined(headers: &HeaderMap, name: &str) -> Value {
    let values: Vec<String> =
        headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
    values.join(",").into()
}

/// What the client gets. Where a function fails the gateway says so in words of its own.
fn response(answer: &Value) -> Response {
    let Some(status) = answer["statusCode"].as_u64() else {
        return failed(answer);
    };
    let mut response = Response::builder().status(u16::try_from(status).expect("a status"));
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        response = response.header(name, text(value));
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        response = response.header(header::SET_COOKIE, text(cookie));
    }
    let body = answer["body"].as_str().unwrap_or_default();
    let is_base64 = answer["isBase64Encoded"] == true;
    let body = if is_base64 { BASE64.decode(body.as_bytes()).expect("base64") } else { body.as_bytes().to_vec() };
    response.body(Body::from(body)).expect("an answer")
}

fn failed(answer: &Value) -> Response {
    eprintln!("the function failed: {answer}");
    let body = Body::from("{\"message\":\"Internal Server Error\"}");
    Response::builder().status(500).body(body).expect("an answer")
}
