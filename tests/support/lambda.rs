//! A function as it is deployed: its program behind Lambda's own runtime interface emulator.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use local::ports::free_port;
use serde_json::Value;
use shared::config::{Config, Env};

/// How long a program may take to be there. It takes a tenth of a second where nothing else is going on.
const START_MAX: Duration = Duration::from_secs(20);

/// The file in the folder of the logs that says how far the clock of the programs is ahead, in seconds.
pub const CLOCK: &str = "clock";

/// Where the emulator and the programs of the functions are.
#[derive(Clone)]
pub struct Programs {
    emulator: PathBuf,
    folder: PathBuf,
    clock: Option<(PathBuf, Monotonic)>,
}

/// What a freeze does to the clock that measures spans. Lambda does not say; both are to be lived with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Monotonic {
    /// It goes on, like that of the time of day.
    GoesOn,
    /// It has not moved.
    StandsStill,
}

impl Programs {
    /// What `./dev lambda` names in `ALTUS4_TEST_RIE` and, if they are not beside this test, in `ALTUS4_TEST_PROGRAMS`. None
    /// where the functions are to be called as they are.
    pub fn of_this_run() -> Option<Self> {
        let env = Env::of_process();
        let emulator = PathBuf::from(env.optional("ALTUS4_TEST_RIE")?);
        let beside_tests = || Some(std::env::current_exe().ok()?.parent()?.parent()?.to_owned());
        let folder = env.optional("ALTUS4_TEST_PROGRAMS").map(PathBuf::from).or_else(beside_tests);
        Some(Self { emulator, folder: folder.expect("a folder of programs"), clock: None })
    }

    /// The same with a clock that can be moved, by the library that `./dev lambda` names in `ALTUS4_TEST_FAKETIME`.
    #[must_use]
    pub fn with_clock(self, monotonic: Monotonic) -> Self {
        let library = Env::of_process().required("ALTUS4_TEST_FAKETIME").expect("as ./dev lambda does").into();
        Self { clock: Some((library, monotonic)), ..self }
    }

    /// A program that was built with the functions.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What makes the clock one that can be moved (faketime(1), "Advanced time specification options").
    fn variables(&self, folder: &Path) -> Vec<(&'static str, PathBuf)> {
        let Some((library, monotonic)) = &self.clock else { return Vec::new() };
        let (file, stands_still) = (folder.join(CLOCK), *monotonic == Monotonic::StandsStill);
        if !file.exists() {
            std::fs::write(&file, "+0").expect("the clock of the environments");
        }
        let all =
            [("LD_PRELOAD", library.clone()), ("FAKETIME_TIMESTAMP_FILE", file), ("FAKETIME_NO_CACHE", "1".into())];
        all.into_iter().chain(stands_still.then(|| ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()))).collect()
    }
}

/// One environment of a function. It ends when this is dropped.
pub struct Environment {
    emulator: Child,
    url: String,
    log: PathBuf,
}

impl Environment {
    /// Starts one. The program itself starts with the first call, as in Lambda.
    pub async fn start(programs: &Programs, function: &str, config: &Config, folder: &Path) -> Self {
        let [api, runtime] = [(); 2].map(|()| free_port().expect("a free port"));
        let log = folder.join(format!("{function}-{api}.log"));
        let file = File::create(&log).expect("a log");
        let emulator = Command::new(&programs.emulator)
            .args(["--log-level", "error", "--runtime-interface-emulator-address", &format!("127.0.0.1:{api}")])
            .args(["--runtime-api-address", &format!("127.0.0.1:{runtime}")])
            .arg(programs.program(function))
            .env_clear()
            .envs(variables(function, config))
            .envs(programs.variables(folder))
            .stdin(Stdio::null())
            .stderr(file.try_clone().expect("a log"))
            .stdout(file)
            .spawn()
            .expect("the runtime interface emulator starts");
        let environment = Self { emulator, url: format!("http://127.0.0.1:{api}"), log };
        // The emulator starts a program with the first call even where the API that the program asks is not listening yet.
        for port in [api, runtime] {
            environment.wait_for(port).await;
        }
        environment
    }

    /// What the function answers to this event.
    pub async fn invoke(&self, event: &Value) -> Value {
        let url = format!("{}/2015-03-31/functions/function/invocations", self.url);
        let call = reqwest::Client::new().post(url).header("x-amzn-trace-id", TRACE).body(event.to_string());
        let answer = call.send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("a whole answer"));
        serde_json::from_str(&text).unwrap_or_else(|e| {
            let log = std::fs::read_to_string(&self.log).expect("a log");
            panic!("{e} in an answer of Lambda, {status}: {text}\n{log}")
        })
    }

    /// Sends a signal to the program, such as `-STOP`.
    pub fn signal(&self, name: &str) {
        let id = self.emulator.id().to_string();
        let children = Command::new("pgrep").args(["--parent", &id]).output().expect("the programs of the emulator");
        let programs = String::from_utf8(children.stdout).expect("numbers");
        assert!(!programs.trim().is_empty(), "the emulator runs a program");
        let sent = Command::new("kill").arg(name).args(programs.split_whitespace()).status();
        assert!(sent.expect("a signal").success(), "{name} to {programs}");
    }

    async fn wait_for(&self, port: u16) {
        // Not by `patience`: this is waited for in tasks, and the future of a closure that borrows is not seen to be `Send`.
        let connected = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(START_MAX, connected).await.expect("the emulator listens");
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        // Asked to end, the emulator ends its program too; killed, it would leave it behind.
        let asked = Command::new("kill").arg(self.emulator.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.emulator.kill();
        }
        let _ = self.emulator.wait();
    }
}

/// The trace that every call is a part of.
pub const TRACE: &str = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1";

/// What Lambda and the template give a function.
fn variables(function: &str, config: &Config) -> [(&'static str, String); 15] {
    let endpoint = |at: &Option<String>| at.clone().expect("an emulator");
    [
        ("AWS_LAMBDA_FUNCTION_NAME", function.to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("ALTUS4_TABLE", config.table.clone()),
        ("ALTUS4_KMS_KEY", config.kms_key.clone()),
        ("ALTUS4_SESSION_SECRET", config.session_secret.clone()),
        ("ALTUS4_AWS_ENDPOINT", endpoint(&config.endpoints.kms)),
        ("ALTUS4_AWS_ENDPOINT_DYNAMODB", endpoint(&config.endpoints.dynamodb)),
        ("ALTUS4_ALLOW_LOOPBACK", config.allow_loopback.to_string()),
        ("ALTUS4_ALLOWED_ORIGINS", config.allowed_origins.join(",")),
        ("ALTUS4_DATABASE_TIMEOUT_MS", config.database_timeout.as_millis().to_string()),
        ("ALTUS4_LOG", "info".to_owned()),
        ("ALTUS4_SERVICE", "altus4-test".to_owned()),
    ]
}
