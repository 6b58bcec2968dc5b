//! Many clients for a while, and what goes wrong meanwhile: whether every answer is one that is documented, whether memory
//! stays as it is, and whether a connection is left behind.

mod data;
mod memory;
mod report;
mod traffic;
mod trouble;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::page;
use crate::demo::Failed;
use crate::faults::Faults;
use crate::proxy::Proxy;
use crate::server::{Brand, Server};
use crate::service::{Service, Settings};
use data::USERNAME;
use report::Soaked;

/// How long the server may take to notice that its clients are gone.
const FAREWELL: Duration = Duration::from_secs(10);

/// The most that memory may grow in a minute, in MiB: what is over after ten minutes is no leak that anybody would find.
const GROWTH_MAX: f64 = 10.0;

/// Lets clients work for so many minutes, prints and writes what came of it, and fails where something should not have.
pub async fn run(settings: Settings, folder: &Path, page: &Path, minutes: u64) -> Result<(), Failed> {
    let (aws, mysql) = (Faults::default(), Faults::default());
    // On a disk: a table in memory would grow with every search, and hide whatever else does.
    let kept = folder.join("soak");
    if kept.exists() {
        std::fs::remove_dir_all(&kept)?;
    }
    std::fs::create_dir_all(&kept)?;
    let service = Service::start(Settings { folder: Some(kept), faults: Some(aws.clone()), ..settings }).await?;
    let server = Server::start(&Brand::MariaDb, &folder.join("mariadb"), None).await?;
    let proxy = Proxy::with(server.port(), mysql.clone()).await?;
    let password = data::load(&server).await?;
    let accounts = traffic::accounts(&service, [server.port(), proxy.port()], &password).await?;
    let accounts = Arc::new(accounts);

    let span = Duration::from_secs(minutes * 60);
    println!("• {} clients for {minutes} minute(s)", traffic::CLIENTS);
    let memory = tokio::spawn(memory::watch(span));
    let trouble = tokio::spawn(trouble::make(server.connect().await?, aws.clone(), mysql.clone()));
    let calls = traffic::run(&accounts, span).await?;
    trouble.abort();
    let faults_met = aws.clear() + mysql.clear();
    let afterwards = traffic::once_each(&accounts).await?;
    service.stream.settle().await?;
    let connections_left = left(server.connect().await?).await?;
    let soaked = Soaked { span, calls, afterwards, faults_met, memory: memory.await??, connections_left };
    page::put(page, "./dev bench soak", &soaked.section()?)?;
    server.stop().await;
    soaked.verdict(GROWTH_MAX)
}

/// How many connections the service has to the server when it has nothing to do.
async fn left(mut root: Conn) -> Result<u64, Failed> {
    let sql = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = ?";
    let ends = tokio::time::Instant::now() + FAREWELL;
    loop {
        let open: u64 = root.exec_first(sql, (USERNAME,)).await?.unwrap_or(0);
        if open == 0 || tokio::time::Instant::now() > ends {
            root.disconnect().await?;
            return Ok(open);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
