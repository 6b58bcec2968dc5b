//! The local runner: `altus4-local demo` or `altus4-local serve`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use local::demo;
use local::service::{Service, Settings};
use shared::clock::Clock;
use shared::databases::Network;
use shared::error::chain;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "usage: altus4-local demo|serve [--port N] [--folder DIR]

  demo   loads Debian's package catalogue into a private MariaDB, searches it, and stays up
  serve  serves the API alone

  --port N      the port on 127.0.0.1 (3000)
  --folder DIR  where everything is kept between starts (.altus4)";

#[tokio::main]
async fn main() -> ExitCode {
    let Some(command) = Command::parse(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match command.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("altus4-local: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

struct Command {
    is_demo: bool,
    port: u16,
    folder: PathBuf,
}

impl Command {
    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let is_demo = match words.next()?.as_str() {
            "demo" => true,
            "serve" => false,
            _ => return None,
        };
        let mut command = Self { is_demo, port: 3000, folder: PathBuf::from(".altus4") };
        while let Some(option) = words.next() {
            match option.as_str() {
                "--port" => command.port = words.next()?.parse().ok()?,
                "--folder" => command.folder = words.next()?.into(),
                _ => return None,
            }
        }
        Some(command)
    }

    /// Runs until Ctrl-C or TERM. Whatever was started ends with it: the servers are dropped on the way out.
    async fn run(self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            result = self.serve() => result,
            result = tokio::signal::ctrl_c() => { result?; eprintln!("\nstopping"); Ok(()) }
            _ = terminated.recv() => Ok(()),
        }
    }

    async fn serve(self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        std::fs::create_dir_all(&self.folder)?;
        let folder = self.folder.canonicalize()?;
        let settings = Settings {
            port: self.port,
            folder: Some(folder.clone()),
            clock: Clock::system(),
            database_timeout: Duration::from_secs(10),
            network: Network::system(),
        };
        if self.is_demo {
            return demo::run(settings, &folder).await;
        }
        let mut service = Service::start(settings).await?;
        println!("serving on {}", service.url());
        service.wait().await;
        Ok(())
    }
}
