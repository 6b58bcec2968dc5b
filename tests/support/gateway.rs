//! API Gateway in front of the functions as they are deployed: HTTP in, events to the function of the route, HTTP out.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use local::service;
use serde_json::{Map, Value};
use shared::config::Config;
use shared::id::RequestId;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::event::{event, path, response};
use crate::lambda::{CLOCK, Environment, Programs};

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
    let (function, route, parameters) = functions.route(parts.method.as_str(), &path(&parts));
    let event = event(&parts, &body, peer, (&route, parameters));
    // A function is not told that its client has left.
    let answer = tokio::spawn(async move { functions.invoke(function, &event).await });
    response(&answer.await.expect("the function is called"))
}
