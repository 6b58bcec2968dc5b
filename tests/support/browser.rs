//! A real browser without a window, driven by the protocol of its developer tools.
//!
//! It reads the protocol from its third file and writes it to its fourth (`--remote-debugging-pipe`), each message ended by a
//! zero, so that nothing listens on a port. `./dev browser` fetches it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use shared::id::RequestId;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::fetched::fetched;

/// How it runs. Its sandbox needs rights that a container does not give, and it opens nothing but pages of ours; whatever has
/// another address than this machine is not found.
const OPTIONS: [&str; 6] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
];

/// What is listened to: what a page asks for, what a browser says of it, and where it breaks a policy.
const DOMAINS: [&str; 5] = ["Page", "Network", "Log", "Runtime", "Audits"];

/// Events by which a browser complains of a page.
const COMPLAINTS: [&str; 4] =
    ["Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Audits.issueAdded"];

/// How long anything may take that a browser does.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running browser with one page. It ends when this is dropped.
pub struct Browser {
    _process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    folder: PathBuf,
    page: Option<String>,
    calls: u64,
    events: Vec<Value>,
}

impl Browser {
    /// Starts one that keeps its own files under `folder`; none where it could not be fetched, which is said.
    pub async fn start(folder: &str) -> Option<Self> {
        let Some(programs) = fetched("browser") else {
            // Not by a macro: what those print of a test that passes nobody sees.
            let _ = writeln!(std::io::stderr(), "!! NOT RUN in a browser: ./dev browser has fetched none");
            return None;
        };
        let folder = Path::new(folder).join(format!("browser_{}", RequestId::fresh()));
        let mut process = spawn(Path::new(&programs), &folder);
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        let (calls, events) = (0, Vec::new());
        let mut browser = Self { _process: process, input, output, folder, page: None, calls, events };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let page = browser.call("Target.attachToTarget", attach).await;
        browser.page = Some(page["sessionId"].as_str().expect("an id").to_owned());
        for domain in DOMAINS {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
        Some(browser)
    }

    /// Opens a page, and waits until it has loaded.
    pub async fn open(&mut self, url: &str) {
        let opened = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(opened.get("errorText").is_none(), "{opened:#}");
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.read().await;
            self.events.push(event);
        }
        // What it says of the page comes before its answer to another question.
        self.evaluate("0").await;
    }

    /// The value of this expression on the page.
    pub async fn evaluate(&mut self, expression: &str) -> Value {
        let evaluated = self.call("Runtime.evaluate", json!({ "expression": expression, "returnByValue": true })).await;
        assert!(evaluated.get("exceptionDetails").is_none(), "{evaluated:#}");
        evaluated["result"]["value"].clone()
    }

    /// The addresses that it has asked for.
    pub fn requested(&self) -> Vec<&str> {
        let requests = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        requests.filter_map(|event| event["params"]["request"]["url"].as_str()).collect()
    }

    /// What it complained of.
    pub fn complaints(&self) -> Vec<&Value> {
        let is_complaint = |event: &&Value| COMPLAINTS.iter().any(|method| event["method"] == *method);
        self.events.iter().filter(is_complaint).map(|event| &event["params"]).collect()
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let mut call = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(page) = &self.page {
            call["sessionId"] = json!(page);
        }
        self.input.write_all(format!("{call}\0").as_bytes()).await.expect("it reads");
        loop {
            let message = self.read().await;
            if message["id"] == self.calls {
                assert!(message.get("error").is_none(), "{method}: {message:#}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    async fn read(&mut self) -> Value {
        let mut message = Vec::new();
        let read = timeout(PATIENCE, self.output.read_until(0, &mut message)).await;
        read.expect("it says something in time").expect("it writes");
        assert_eq!(message.pop(), Some(0), "the browser has ended");
        serde_json::from_slice(&message).expect("a message")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn spawn(programs: &Path, folder: &Path) -> Child {
    let libraries = libraries(programs);
    let path = format!("{0}:{0}/pulseaudio", libraries.display());
    let mut command = Command::new("sh");
    command.args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 < /dev/null > /dev/null"#]);
    command.arg(programs.join("usr/lib/chromium/chromium-headless-shell")).args(OPTIONS);
    command.arg(format!("--user-data-dir={}", folder.display()));
    command.env("LD_LIBRARY_PATH", path).env("HOME", folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().expect("sh runs")
}

/// The folder of the libraries, which is named after the processor.
fn libraries(programs: &Path) -> PathBuf {
    let folders = fs::read_dir(programs.join("usr/lib")).expect("the libraries");
    let mut folders = folders.map(|entry| entry.expect("an entry").path());
    folders.find(|folder| folder.to_string_lossy().ends_with("-linux-gnu")).expect("a folder of libraries")
}
