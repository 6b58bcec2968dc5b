//! How quickly a function starts: from its process to the first time it asks for work, and to its first answer. The other side
//! is the runtime API of Lambda ("Using the Lambda runtime API" in its developer guide), as much of it as a start needs.

use std::fmt::Write as _;
use std::future::pending;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Value, json};
use shared::config::Config;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::demo::Failed;
use crate::service::{Service, Settings, functions};

/// How often each is started.
const ROUNDS: usize = 15;

/// How long one may take.
const LIMIT: Duration = Duration::from_secs(30);

/// The smallest function that there is, against which the others are measured.
const SMALLEST: &str = "hello";

/// Starts every program of the folder often, and prints the medians. They take turns, so that what else the machine does
/// falls on all of them.
pub async fn run(settings: Settings, folder: &Path) -> Result<(), Failed> {
    let service = Service::start(settings).await?;
    let mut programs = programs(folder, &service.app.config);
    for _ in 0..ROUNDS {
        for program in &mut programs {
            let round = start(&program.path, &program.event, &service.app.config).await?;
            program.rounds.push(round);
        }
    }
    println!("{}", table(&programs)?);
    Ok(())
}

/// A function as it was built, the first event that it gets, and what its starts have taken.
struct Program {
    label: &'static str,
    path: PathBuf,
    event: Value,
    rounds: Vec<Round>,
}

/// Every function of the template, after the smallest that there is. cargo-lambda puts each into a folder of its own.
fn programs(folder: &Path, config: &Config) -> Vec<Program> {
    let rotation =
        json!({ "Step": "setSecret", "SecretId": config.session_secret, "ClientRequestToken": "no-version-of-it" });
    let of_routes = [SMALLEST].into_iter().chain(functions().map(|(name, _)| name)).map(|name| (name, event()));
    let nothing = json!({ "Records": [] });
    let others = [("rollup", nothing.clone()), ("scans", nothing), ("rotation", rotation)];
    let program = |(label, name, event): (&'static str, &str, Value)| {
        let path = folder.join(name).join("bootstrap");
        Program { label, path, event, rounds: Vec::new() }
    };
    let usual = of_routes.chain(others).map(|(name, event)| (name, name, event));
    usual.chain([("search, by an unknown key", "search", by_unknown_key())]).map(program).collect()
}

/// The figures as a table of Markdown, with what the bars are about as ratios to the smallest.
fn table(programs: &[Program]) -> Result<String, Failed> {
    let mut table =
        "| function | zipped, MB | size, MB | to the first question, ms | ÷ hello | to the first answer, ms | ÷ hello \
                     | most memory, MB |\n|---|---|---|---|---|---|---|---|\n"
            .to_owned();
    let smallest = programs.first().ok_or("no programs")?;
    let (asked_ms, answered_ms) = (smallest.median(|r| r.asked_ms), smallest.median(|r| r.answered_ms));
    for program in programs {
        let (asked, answered) = (program.median(|r| r.asked_ms), program.median(|r| r.answered_ms));
        let (asked_times, answered_times) = (asked / asked_ms, answered / answered_ms);
        let (bytes, memory) = (std::fs::read(&program.path)?, program.median(|r| r.memory_mb));
        let (zipped, size) = (megabytes(zipped(&bytes)?), megabytes(bytes.len()));
        writeln!(
            table,
            "| {} | {zipped:.2} | {size:.1} | {asked:.1} | {asked_times:.2} | {answered:.1} | {answered_times:.2} | {memory:.1} |",
            program.label
        )?;
    }
    Ok(table)
}

impl Program {
    fn median(&self, figure: fn(&Round) -> f64) -> f64 {
        let mut all: Vec<f64> = self.rounds.iter().map(figure).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    }
}

/// What a program becomes in the archive that is deployed, but for about a hundred bytes of its directory: `sam` deflates
/// at the usual level.
fn zipped(bytes: &[u8]) -> Result<usize, Failed> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[expect(clippy::cast_precision_loss, reason = "a size in megabytes, with two digits behind the point")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// What one start has taken.
struct Round {
    asked_ms: f64,
    answered_ms: f64,
    memory_mb: f64,
}

/// The runtime API for one start.
#[derive(Clone)]
struct Runtime {
    event: Arc<str>,
    times: Arc<Mutex<Times>>,
    done: Arc<Notify>,
}

#[derive(Default)]
struct Times {
    asked: Option<Instant>,
    answered: Option<Instant>,
}

async fn start(program: &Path, event: &Value, config: &Config) -> Result<Round, Failed> {
    let runtime = Runtime { event: event.to_string().into(), times: Arc::default(), done: Arc::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = router(runtime.clone());
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let began = Instant::now();
    let mut process = spawn(program, address, config)?;
    let done = tokio::time::timeout(LIMIT, runtime.done.notified()).await;
    let memory_mb = memory_mb(&process);
    process.kill()?;
    process.wait()?;
    server.abort();
    done.map_err(|_| format!("{} has not answered", program.display()))?;
    let times = runtime.times.lock().unwrap_or_else(PoisonError::into_inner);
    let ms = |at: Option<Instant>| at.map_or(f64::NAN, |at| at.duration_since(began).as_secs_f64() * 1e3);
    Ok(Round { asked_ms: ms(times.asked), answered_ms: ms(times.answered), memory_mb: memory_mb.unwrap_or(f64::NAN) })
}

/// With the environment that Lambda and the template give a function.
fn spawn(program: &Path, runtime: SocketAddr, config: &Config) -> Result<Child, Failed> {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.envs([
        ("AWS_LAMBDA_RUNTIME_API", runtime.to_string().as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "measured"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "measured"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("ALTUS4_TABLE", &config.table),
        ("ALTUS4_KMS_KEY", &config.kms_key),
        ("ALTUS4_SESSION_SECRET", &config.session_secret),
        ("ALTUS4_AWS_ENDPOINT", config.endpoints.kms.as_deref().unwrap_or_default()),
        ("ALTUS4_AWS_ENDPOINT_DYNAMODB", config.endpoints.dynamodb.as_deref().unwrap_or_default()),
    ]);
    Ok(command.spawn()?)
}

fn router(runtime: Runtime) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        // A function that does something after its answer is an extension of its own; the event that it waits for is the
        // same call, whose end is of no interest here.
        .route("/2020-01-01/extension/register", post(|| async { [("lambda-extension-identifier", "measured")] }))
        .route("/2020-01-01/extension/event/next", get(|| async { pending::<StatusCode>().await }))
        .with_state(runtime)
}

/// The one event, for the first who asks.
async fn next(State(runtime): State<Runtime>) -> Response {
    let is_first = {
        let mut times = runtime.times.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = times.asked.is_none();
        times.asked.get_or_insert_with(Instant::now);
        is_first
    };
    if !is_first {
        return pending().await;
    }
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:measured";
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", arn),
        ("content-type", "application/json"),
    ];
    (headers, runtime.event.to_string()).into_response()
}

async fn answered(State(runtime): State<Runtime>, _: HeaderMap) -> StatusCode {
    runtime.times.lock().unwrap_or_else(PoisonError::into_inner).answered = Some(Instant::now());
    runtime.done.notify_one();
    StatusCode::ACCEPTED
}

/// A request that asks nobody for anything: no route has this path.
fn event() -> Value {
    let http = json!({
        "method": "GET", "path": "/nothing", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "measured",
    });
    let context = json!({
        "accountId": "123456789012", "apiId": "measured", "domainName": "measured", "domainPrefix": "measured",
        "http": http, "requestId": "measured", "routeKey": "$default", "stage": "$default",
        "time": "10/Mar/2020:05:16:23 +0000", "timeEpoch": 1_583_817_383_220_i64,
    });
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/nothing", "rawQueryString": "",
        "headers": { "host": "measured" }, "requestContext": context, "isBase64Encoded": false,
    })
}

/// A search by a key that nobody has: what a start leaves to do until a client of AWS is first used counts here.
fn by_unknown_key() -> Value {
    let mut event = event();
    let (path, key) = ("/api/v1/search", format!("Bearer altus4_sk_test_{}", "0".repeat(48)));
    event["rawPath"] = path.into();
    event["requestContext"]["http"]["method"] = "POST".into();
    event["headers"]["authorization"] = key.into();
    event
}

/// The most memory that a process has had (`VmHWM` in proc(5)).
fn memory_mb(process: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}
