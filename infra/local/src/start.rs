//! How quickly a function starts: from its process to the first time it asks for work, and to its first answer.

mod runtime;

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Value, json};
use shared::config::Config;

use crate::demo::Failed;
use crate::service::{Service, Settings, functions};
pub use runtime::{Runtime, Times};

/// How often each is started.
const ROUNDS: usize = 41;

/// How long one may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Where Debian has the certificates of the system in one file, as Amazon Linux has. Debian has each of them in a file of its own
/// as well, which are read too where nothing else is said, and Amazon Linux has not.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What a function is called that finds the certificates as Debian has them.
const ON_DEBIAN: &str = "search, each certificate in a file too";

/// The smallest function that there is, against which the others are measured.
const SMALLEST: &str = "hello";

/// Starts every program of the folder often, and prints the medians. They take turns, so that what else the machine does
/// falls on all of them.
pub async fn run(settings: Settings, folder: &Path) -> Result<(), Failed> {
    let service = Service::start(settings).await?;
    let mut programs = programs(folder, &service.app.config);
    for _ in 0..ROUNDS {
        for program in &mut programs {
            let round = start(program, &service.app.config).await?;
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
    let also = [("search, by an unknown key", "search", by_unknown_key()), (ON_DEBIAN, "search", event())];
    usual.chain(also).map(program).collect()
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

async fn start(program: &Program, config: &Config) -> Result<Round, Failed> {
    let runtime = Runtime::with(&program.event).await?;
    let mut command = command(&program.path, runtime.address, config);
    if program.label != ON_DEBIAN && Path::new(CERTIFICATES).exists() {
        command.env("SSL_CERT_FILE", CERTIFICATES);
    }
    let began = Instant::now();
    let mut process = command.spawn()?;
    let done = tokio::time::timeout(LIMIT, runtime.answered()).await;
    let memory_mb = memory_mb(&process);
    process.kill()?;
    process.wait()?;
    let times = done.map_err(|_| format!("{} has not answered", program.label))?;
    let ms = |at: Option<Instant>| at.map_or(f64::NAN, |at| at.duration_since(began).as_secs_f64() * 1e3);
    Ok(Round { asked_ms: ms(times.asked), answered_ms: ms(times.answered), memory_mb: memory_mb.unwrap_or(f64::NAN) })
}

/// What starts a program, with the environment that Lambda and the template give a function.
pub fn command(program: &Path, runtime: SocketAddr, config: &Config) -> Command {
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
    command
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
