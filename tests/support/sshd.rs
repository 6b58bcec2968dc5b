//! A real OpenSSH server for a test, with an account, keys and a resolver of its own: nothing of the system is used or
//! changed, whoever runs the tests.
//!
//! Its accounts are files of ours (`nss_wrapper`), and so is what PAM asks (`pam_wrapper`). It runs as a user without
//! rights, because an OpenSSH server that is root wants a folder and a user of the system. `./dev openssh` fetches it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use local::ports::free_port;
use shared::id::RequestId;
use tokio::net::TcpStream;

use crate::fetched::fetched;
use crate::nobody;
use crate::patience::{DEPARTURE_MAX, comes_true};

/// The password of the account, and its SHA-512 as in `shadow`.
const PASSWORD: &str = "through the bastion";
const PASSWORD_HASH: &str =
    "$6$altus4tests$.9bDriO9PGP6cwS5ct3MDkb/dlx6knVihriA.POdOZ4QnrUxWZMWUfwKvvFPkOkyVi58aGAvtLKMS0SuvpB030";

/// How long it may take to start.
const START_MAX: Duration = Duration::from_secs(20);

/// A running server. It ends when this is dropped, and with the thread that started it.
pub struct TestSshd {
    process: Child,
    folder: PathBuf,
    /// Its port on 127.0.0.1.
    pub port: u16,
}

impl TestSshd {
    /// The account.
    pub const USERNAME: &'static str = "bastion";
    /// Its password.
    pub const PASSWORD: &'static str = PASSWORD;
    /// A name of 127.0.0.1 that nobody knows but this server.
    pub const INNER_HOST: &'static str = "db.internal";

    /// Starts one under `folder` with host keys of these kinds and these lines in its configuration.
    pub async fn start(folder: &str, kinds: &[&str], lines: &[&str]) -> Self {
        let port = free_port().expect("a free port");
        Self::start_on(port, folder, kinds, lines).await
    }

    /// The same on this port.
    pub async fn start_on(port: u16, folder: &str, kinds: &[&str], lines: &[&str]) -> Self {
        let folder = Path::new(folder).join(format!("sshd_{}", RequestId::fresh()));
        fs::create_dir_all(folder.join("pam")).expect("a folder");
        for kind in kinds {
            generate(&folder.join(format!("host_{kind}")), &["-t", kind, "-N", ""]);
        }
        configure(&folder, port, kinds, lines);
        let server = Self { process: spawn(&folder), folder, port };
        let answers = async || TcpStream::connect(("127.0.0.1", port)).await.is_ok();
        assert!(comes_true(START_MAX, answers).await, "sshd does not start: {}", server.log());
        server
    }

    /// A new key that the account may log in with, made by `ssh-keygen` with these words.
    pub fn authorised_key(&self, words: &[&str]) -> String {
        let key = self.folder.join(format!("user_{}", RequestId::fresh()));
        generate(&key, words);
        let mut known = fs::read_to_string(self.folder.join("authorized_keys")).expect("the keys");
        known += &fs::read_to_string(key.with_extension("pub")).expect("the public half");
        fs::write(self.folder.join("authorized_keys"), known).expect("the keys");
        fs::read_to_string(key).expect("the private half")
    }

    /// The fingerprint of its host key of this kind, as `ssh-keygen` tells it.
    pub fn fingerprint(&self, kind: &str) -> String {
        let key = self.folder.join(format!("host_{kind}.pub"));
        let said = keygen().arg("-lf").arg(key).output().expect("ssh-keygen runs").stdout;
        let said = String::from_utf8(said).expect("text");
        said.split(' ').nth(1).expect("a fingerprint").to_owned()
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).expect("the log")
    }

    /// Waits until it has no session left. It has a process for each.
    pub async fn rests(&self) {
        let id = self.process.id();
        let sessions = || fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("the server runs");
        let is_left_alone = comes_true(DEPARTURE_MAX, async || sessions().trim().is_empty()).await;
        assert!(is_left_alone, "sessions {} are still open: {}", sessions(), self.log());
    }
}

impl Drop for TestSshd {
    fn drop(&mut self) {
        // Asked to end, not killed: then the wrapper of PAM removes its own folder.
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Where `./dev openssh` has put the programs.
fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| fetched("openssh").expect("./dev openssh fetches it").into())
}

/// The folder of the libraries, which is named after the processor.
fn libraries() -> PathBuf {
    let folders = fs::read_dir(programs().join("usr/lib")).expect("the libraries");
    let mut folders = folders.map(|entry| entry.expect("an entry").path());
    folders.find(|folder| folder.join("libnss_wrapper.so").exists()).expect("libnss_wrapper.so")
}

fn keygen() -> Command {
    Command::new(programs().join("usr/bin/ssh-keygen"))
}

fn generate(key: &Path, words: &[&str]) {
    let said = keygen().arg("-q").args(words).arg("-f").arg(key).stdin(Stdio::null()).output();
    let said = said.expect("ssh-keygen runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

/// Writes what it reads. The account is that of its own process, because it may become no other.
fn configure(folder: &Path, port: u16, kinds: &[&str], lines: &[&str]) {
    let (user, group) = nobody::ids();
    let path = |name: &str| folder.join(name).display().to_string();
    let matrix = libraries().join("pam_wrapper/pam_matrix.so").display().to_string();
    let pam = ["auth", "account", "password", "session"]
        .map(|stage| format!("{stage} required {matrix} passdb={}\n", path("passdb")));
    // What was said first holds.
    let mut settings: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
    settings.extend(kinds.iter().map(|kind| format!("HostKey {}", path(&format!("host_{kind}")))));
    settings.extend([
        format!("Port {port}"),
        "ListenAddress 127.0.0.1".to_owned(),
        format!("AuthorizedKeysFile {}", path("authorized_keys")),
        "PidFile none".to_owned(),
        "StrictModes no".to_owned(),
        "UsePAM no".to_owned(),
        "LogLevel DEBUG".to_owned(),
    ]);
    for (name, text) in [
        ("passwd", format!("bastion:x:{user}:{group}::/:/bin/false\n")),
        ("group", format!("bastion:x:{group}:\n")),
        ("shadow", format!("bastion:{PASSWORD_HASH}:19000:0:99999:7:::\n")),
        ("hosts", format!("127.0.0.1 {}\n", TestSshd::INNER_HOST)),
        ("passdb", format!("bastion:{PASSWORD}:sshd\n")),
        ("pam/sshd", pam.concat()),
        ("authorized_keys", String::new()),
        ("config", settings.join("\n") + "\n"),
    ] {
        fs::write(folder.join(name), text).expect("a file is written");
    }
}

fn spawn(folder: &Path) -> Child {
    let log = File::create(folder.join("log")).expect("the log");
    let libraries = libraries();
    let wrappers = ["libnss_wrapper.so", "libpam_wrapper.so"].map(|name| libraries.join(name).display().to_string());
    let mut command = nobody::command("TERM");
    // Not for `setpriv`, in which the wrapper of PAM would make a folder that nobody removes.
    command.arg("env").arg(format!("LD_PRELOAD={}", wrappers.join(" ")));
    command.arg(programs().join("usr/sbin/sshd"));
    // Without -r it would start itself anew for every connection.
    command.args(["-D", "-r", "-e", "-f"]).arg(folder.join("config"));
    command
        .env("LD_LIBRARY_PATH", &libraries)
        .env("PAM_WRAPPER", "1")
        .env("PAM_WRAPPER_SERVICE_DIR", folder.join("pam"));
    for name in ["passwd", "group", "shadow", "hosts"] {
        command.env(format!("NSS_WRAPPER_{}", name.to_uppercase()), folder.join(name));
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command.spawn().expect("setpriv of util-linux runs")
}
