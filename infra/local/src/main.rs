//! The local runner: `altus4-local demo`, `… serve`, `… eval`, `… bench`, `… soak`, `… start`, `… fuzz` or `altus4-local
//! fetch-mysql`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use local::semantics::Semantics;
use local::server::{StartError, mysql};
use local::service::{Service, Settings};
use local::{bench, bench::soak, demo, eval, fuzz, start};

use shared::clock::Clock;
use shared::databases::Network;
use shared::error::chain;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "usage: altus4-local demo|serve|eval|bench|soak|start|fuzz|fetch-mysql [--port N] [--folder DIR] [--data DIR] [--page FILE] [--million] [--programs DIR] [--queries N] [--minutes N]

  demo         loads Debian's package catalogue into a private MariaDB, searches it, and stays up
  serve        serves the API alone
  eval         measures search quality on a judged collection, against MySQL on the same table
  bench        measures searches against the statements that they send, and writes the page
  soak         lets many clients work while things go wrong, and writes what came of it into the page
  start        measures how quickly each function starts, against the smallest that there is; prints a table
  fuzz         asks generated queries of MariaDB and of MySQL, and counts the errors
  fetch-mysql  puts a MySQL into the folder, for the tests, unless it is there, and prints its version

  --port N      the port on 127.0.0.1 (3000 for demo and serve; any that is free for what measures)
  --folder DIR  where everything is kept between starts (.altus4)
  --ai FILE     a provider of models: JSON with baseUrl, model, chatModel and apiKey, as in docs/operations.md
  --data DIR    for eval: a collection in the format of Cranfield, instead of Debian's catalogue with its tags
  --page FILE   for bench and soak: the page that is written (docs/benchmarks.md)
  --million     for bench: also a table of a million rows, which takes some minutes to index
  --programs DIR  for start: where the functions are built to
  --queries N   for fuzz: how many for each server (1,000,000)
  --minutes N   for soak: how long (10)";

#[tokio::main]
async fn main() -> ExitCode {
    let Some(command) = Command::parse(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match Box::pin(command.run()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("altus4-local: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

#[derive(Clone, Copy)]
enum Job {
    Demo,
    Serve,
    Eval,
    Bench,
    Soak,
    Start,
    Fuzz,
    FetchMySql,
}

impl Job {
    /// The one of the documentation where people call; for what calls itself, any that is free.
    fn usual_port(self) -> u16 {
        if matches!(self, Self::Demo | Self::Serve) { 3000 } else { 0 }
    }
}

struct Command {
    job: Job,
    port: Option<u16>,
    folder: PathBuf,
    ai: Option<PathBuf>,
    data: Option<PathBuf>,
    page: PathBuf,
    million: bool,
    programs: PathBuf,
    queries: u64,
    minutes: u64,
}

impl Command {
    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let job = match words.next()?.as_str() {
            "demo" => Job::Demo,
            "serve" => Job::Serve,
            "eval" => Job::Eval,
            "bench" => Job::Bench,
            "soak" => Job::Soak,
            "start" => Job::Start,
            "fuzz" => Job::Fuzz,
            "fetch-mysql" => Job::FetchMySql,
            _ => return None,
        };
        let mut command = Self {
            job,
            port: None,
            folder: PathBuf::from(".altus4"),
            ai: None,
            data: None,
            page: PathBuf::from("docs/benchmarks.md"),
            million: false,
            programs: PathBuf::from("target/release"),
            queries: 1_000_000,
            minutes: 10,
        };
        while let Some(option) = words.next() {
            match option.as_str() {
                "--port" => command.port = Some(words.next()?.parse().ok()?),
                "--ai" => command.ai = Some(words.next()?.into()),
                "--folder" => command.folder = words.next()?.into(),
                "--data" if matches!(job, Job::Eval) => command.data = Some(words.next()?.into()),
                "--page" if matches!(job, Job::Bench | Job::Soak) => command.page = words.next()?.into(),
                "--million" if matches!(job, Job::Bench) => command.million = true,
                "--programs" if matches!(job, Job::Start) => command.programs = words.next()?.into(),
                "--minutes" if matches!(job, Job::Soak) => command.minutes = words.next()?.parse().ok()?,
                "--queries" if matches!(job, Job::Fuzz) => command.queries = words.next()?.parse().ok()?,
                _ => return None,
            }
        }
        Some(command)
    }

    /// Runs until Ctrl-C or TERM. Whatever was started ends with it: the servers are dropped on the way out.
    async fn run(self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            result = self.work() => result,
            result = tokio::signal::ctrl_c() => { result?; eprintln!("\nstopping"); Ok(()) }
            _ = terminated.recv() => Ok(()),
        }
    }

    async fn work(self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if let Job::FetchMySql = self.job {
            // Not even the folder is made before it is complete.
            mysql::fetch(&self.folder).await.map_err(StartError::from)?;
            println!("MySQL {}", mysql::version(&self.folder).await?);
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        let folder = self.folder.canonicalize()?;
        let settings = Settings {
            port: self.port.unwrap_or_else(|| self.job.usual_port()),
            // What is measured is left in no table, and begins with none.
            folder: (!matches!(self.job, Job::Bench | Job::Start | Job::Fuzz)).then(|| folder.clone()),
            clock: Clock::system(),
            // What is measured is how long a search takes, not how it gives up.
            database_timeout: Duration::from_secs(if let Job::Bench = self.job { 300 } else { 10 }),
            network: Network::system(),
            semantics: self.ai.map(std::fs::read_to_string).transpose()?.map(Semantics::Secret),
            variables: Vec::new(),
            faults: None,
        };
        match self.job {
            Job::Demo => return demo::run(settings, &folder).await,
            Job::Eval => return eval::run(settings, &folder, self.data.as_deref()).await,
            Job::Bench => return bench::run(settings, &folder, &self.page, self.million).await,
            Job::Soak => return soak::run(settings, &folder, &self.page, self.minutes).await,
            Job::Start => return start::run(settings, &self.programs).await,
            Job::Fuzz => return fuzz::run(settings, &folder, self.queries).await,
            Job::Serve | Job::FetchMySql => {}
        }
        let mut service = Service::start(settings).await?;
        println!("serving on {}", service.url());
        service.wait().await;
        Ok(())
    }
}
