//! PostgreSQL, and what speaks as it does. The statements keep to what Redshift documents too; nobody has run them there.

mod catalogue;
mod door;
mod guard;
mod sample;
mod state;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, future::poll_fn};
use secrecy::ExposeSecret;
use shared::databases::{Dialer, HostKey};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls, Row, SimpleQueryMessage};

use super::bounds::{Deadlines, ROWS_MAX, SAMPLE_TIME_MAX, by};
use super::{Reach, Refusal, Server, Table, TableName};
use door::Door;
use guard::{Guard, Watch};

/// How long a statement waits for a lock that somebody holds.
const LOCK_TIME_MAX: Duration = Duration::from_secs(2);

/// Which servers have `lock_timeout` (PostgreSQL manual, release notes of 9.3). Redshift says that it is 8.0.2.
const KNOWS_LOCK_TIMEOUT: (u32, u32) = (9, 3);

/// An open session. The driver's half of it is in `driver`, and ends with it.
pub(super) struct Postgres {
    client: Client,
    door: Door,
    watch: Arc<Watch>,
    deadlines: Deadlines,
    knows_lock_timeout: bool,
    schemas: Vec<String>,
    driver: JoinSet<()>,
}

/// Connects and logs in.
pub(super) async fn open(
    server: &Server,
    reach: &Reach,
    dialer: &Dialer,
    deadline: Instant,
) -> Result<Postgres, Refusal> {
    let deadlines = Deadlines::before(deadline);
    by(deadlines.statement, async {
        let road = dialer.road(&server.host, server.port, reach.through()).await?;
        let door = Door::new(road, server)?;
        let entered = door.enter().await?;
        let guard = Guard::new(entered.wire, entered.is_verified);
        let watch = guard.watch();
        let connected = config(server).connect_raw(guard, NoTls).await;
        let (client, mut connection) = connected.map_err(|error| watch.refusal(&error))?;
        let knows_lock_timeout = connection.parameter("server_version").is_some_and(knows_lock_timeout);
        let mut driver = JoinSet::new();
        // What the server has to remark is nobody's business, and belongs into no log.
        driver.spawn(async move { while let Some(Ok(_)) = poll_fn(|cx| connection.poll_message(cx)).await {} });
        let schemas = if server.schemas.is_empty() { vec!["public".to_owned()] } else { server.schemas.clone() };
        Ok(Postgres { client, door, watch, deadlines, knows_lock_timeout, schemas, driver })
    })
    .await
}

fn config(server: &Server) -> Config {
    let mut config = Config::new();
    config.user(server.user.as_str()).password(server.password.expose_secret()).application_name("altus4");
    if let Some(database) = &server.database {
        config.dbname(database);
    }
    config
}

fn knows_lock_timeout(version: &str) -> bool {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= KNOWS_LOCK_TIMEOUT
}

impl Postgres {
    pub(super) fn host_key(&self) -> Option<&HostKey> {
        self.door.host_key()
    }

    pub(super) async fn schemas(&mut self) -> Result<Vec<String>, Refusal> {
        self.begin(Duration::MAX).await?;
        let schemas = catalogue::schemas(self).await;
        self.end().await;
        schemas
    }

    pub(super) async fn tables(&mut self, schemas: &[String]) -> Result<Vec<TableName>, Refusal> {
        let own = self.schemas.clone();
        self.begin(Duration::MAX).await?;
        let tables = catalogue::tables(self, if schemas.is_empty() { &own } else { schemas }).await;
        self.end().await;
        tables
    }

    pub(super) async fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Table>, Refusal> {
        self.begin(Duration::MAX).await?;
        let described = catalogue::describe(self, tables).await;
        self.end().await;
        described
    }

    pub(super) async fn sample(&mut self, table: &TableName, rows: usize) -> Result<super::Rows, Refusal> {
        self.begin(SAMPLE_TIME_MAX).await?;
        let sample = sample::read(self, table, rows).await;
        self.end().await;
        sample
    }

    /// Says good-bye, and closes the way.
    pub(super) async fn close(self) {
        let Self { client, door, deadlines, mut driver, .. } = self;
        drop(client);
        let _ = timeout_at(deadlines.last, driver.join_next()).await;
        driver.shutdown().await;
        door.close().await;
    }

    /// Begins a transaction that can not write, under limits that hold for it alone: what stands between us and a server
    /// may give the same session to others. The server is asked whether they are there, because that may also have
    /// swallowed them.
    async fn begin(&mut self, most: Duration) -> Result<(), Refusal> {
        let time_ms = self.deadlines.left(most).as_millis();
        let lock_ms = LOCK_TIME_MAX.as_millis();
        let lock =
            if self.knows_lock_timeout { format!("SET LOCAL lock_timeout = {lock_ms}; ") } else { String::new() };
        let sql = format!(
            "BEGIN READ ONLY; SET LOCAL statement_timeout = {time_ms}; {lock}\
             SHOW transaction_read_only; SHOW statement_timeout"
        );
        self.watch.refill();
        let said = timeout_at(self.deadlines.statement, self.client.simple_query(&sql)).await;
        let said = said.map_err(|_late| Refusal::Timeout)?.map_err(|error| self.watch.refusal(&error))?;
        let values = said.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.try_get(0).ok()?,
            _ => None,
        });
        match values.collect::<Vec<&str>>()[..] {
            ["on", time] if time != "0" => Ok(()),
            _ => Err(Refusal::Limits),
        }
    }

    /// Ends the transaction, in which nothing was written.
    async fn end(&mut self) {
        // Where this fails, the next beginning fails too, and says why.
        let _ = timeout_at(self.deadlines.statement, self.client.batch_execute("ROLLBACK")).await;
    }

    /// The rows of a statement whose parameters are texts, up to our bounds.
    async fn rows(&mut self, sql: &str, params: &[&str]) -> Result<Vec<Row>, Refusal> {
        self.watch.refill();
        match timeout_at(self.deadlines.statement, read(&self.client, sql, params)).await {
            Ok(Ok(rows)) => rows.ok_or(Refusal::Protocol),
            Ok(Err(error)) => Err(self.watch.refusal(&error)),
            Err(_late) => {
                // Without this the server would go on with what nobody waits for. Whether it worked changes nothing.
                let _ = by(self.deadlines.last, self.cancel()).await;
                Err(Refusal::Timeout)
            }
        }
    }

    /// Tells the server by another connection to end what it is doing (PostgreSQL manual, "Canceling Requests in
    /// Progress").
    async fn cancel(&self) -> Result<(), Refusal> {
        let entered = self.door.enter().await?;
        let told = self.client.cancel_token().cancel_query_raw(entered.wire, NoTls).await;
        told.map_err(|error| self.watch.refusal(&error))
    }
}

/// The rows, or none where there are more than can be meant.
async fn read(client: &Client, sql: &str, params: &[&str]) -> Result<Option<Vec<Row>>, tokio_postgres::Error> {
    let params = params.iter().map(|param| (*param, Type::TEXT));
    let answer = client.query_typed_raw(sql, params).await?;
    let mut answer = std::pin::pin!(answer);
    let mut rows = Vec::new();
    while let Some(row) = answer.next().await {
        rows.push(row?);
        if rows.len() > ROWS_MAX {
            return Ok(None);
        }
    }
    Ok(Some(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_tell_their_versions_in_many_ways() {
        for (version, knows) in [
            ("15.18 (Debian 15.18-0+deb12u1)", true),
            ("18beta1", true),
            ("9.3", true),
            ("9.2.24", false),
            ("8.0.2", false),
            ("", false),
        ] {
            assert_eq!(knows_lock_timeout(version), knows, "{version}");
        }
    }
}
