//! An open connection. Everything that comes back is hostile until it is in a type: rows, bytes and time are bounded
//! here, and again, as session variables, on the server.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Row, Value};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use super::catalogue::Flavour;
use super::door::Door;
use super::fault::{Fault, Reason};
use super::held::Held;
use super::options::Zone;
use super::ssh::HostKey;

/// The most rows that are taken of one answer; our own statements ask for fewer.
const ROWS_MAX: usize = 250_000;

/// The most bytes that are taken of one answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// An open connection, for one invocation. Every statement ends by the deadline that was set when it was opened.
pub struct Connection {
    pub(super) conn: Held,
    pub(super) door: Door,
    pub(super) deadlines: Deadlines,
    pub(super) zone: Zone,
    pub(super) _permit: Option<OwnedSemaphorePermit>,
}

/// Who gives up when, so that each has time to be heard by the next: the server first, then we, and what is left is for
/// telling the server to stop.
#[derive(Clone, Copy)]
pub(super) struct Deadlines {
    server: Instant,
    pub(super) statement: Instant,
    pub(super) last: Instant,
    timeout: Duration,
}

/// What is left of the time a database may take when its statements have to be over: for telling it to stop, and for the rows of
/// a page that others have found. An eighth, at most half a second.
pub fn reserve(timeout: Duration) -> Duration {
    (timeout / 8).min(Duration::from_millis(500))
}

impl Deadlines {
    /// The last is `timeout` from now. The others are a fifth of it before that, at most 700 ms, and [`reserve`].
    pub(super) fn after(timeout: Duration) -> Self {
        let now = Instant::now();
        let server = now + timeout - (timeout / 5).min(Duration::from_millis(700));
        Self { server, statement: now + timeout - reserve(timeout), last: now + timeout, timeout }
    }

    /// The rest of a search that ends then, and a twentieth of the time at least.
    fn until(self, ends: Instant) -> Self {
        let now = Instant::now();
        let last = ends.max(now + self.timeout / 20);
        Self { statement: last - (last - now) / 10, last, ..self }
    }
}

impl Connection {
    /// Puts the session under our limits and the text of a search into `@altus4_query`, in one statement.
    ///
    /// The text is in a variable because a placeholder that stands twice in a statement makes MySQL evaluate MATCH
    /// twice, which is four to ten times slower. A server that changed one of the values to something else has warned of
    /// it, and is not asked anything more.
    pub async fn begin(&mut self, flavour: Flavour, query: &str) -> Result<(), Fault> {
        let left = self.deadlines.server.saturating_duration_since(Instant::now());
        let limit = time_limit(flavour, left);
        let read_only = match flavour {
            Flavour::MySql => "transaction_read_only",
            Flavour::MariaDb => "tx_read_only",
        };
        let zone = self.zone.offset();
        let sql =
            format!("SET @altus4_query = ?, SESSION {limit}, SESSION {read_only} = 1, SESSION time_zone = '{zone}'");
        self.rows(&sql, Params::Positional(vec![Value::from(query)])).await?;
        if self.conn.conn()?.get_warnings() == 0 { Ok(()) } else { Err(Reason::Limits.alone()) }
    }

    /// Lets the server end a statement sooner than `begin` has told it: after this time.
    pub async fn hasten(&mut self, flavour: Flavour, most: Duration) -> Result<(), Fault> {
        let left = self.deadlines.server.saturating_duration_since(Instant::now());
        let limit = time_limit(flavour, left.min(most));
        self.rows(&format!("SET SESSION {limit}"), Params::Empty).await.map(drop)
    }

    /// Puts the text of a search into a variable of the session, for the same reason.
    pub async fn set(&mut self, variable: &'static str, query: &str) -> Result<(), Fault> {
        let sql = format!("SET @{variable} = ?");
        self.rows(&sql, Params::Positional(vec![Value::from(query)])).await.map(drop)
    }

    /// Asks the server whether the limits that `begin` has set are there. What stands between us and a server, such as a
    /// pooling proxy, can swallow a SET without a word.
    pub async fn check_limits(&mut self, flavour: Flavour) -> Result<(), Fault> {
        let sql = match flavour {
            Flavour::MySql => "SELECT @@SESSION.max_execution_time > 0, @@SESSION.transaction_read_only",
            Flavour::MariaDb => "SELECT @@SESSION.max_statement_time > 0, @@SESSION.tx_read_only",
        };
        let rows = self.rows(sql, Params::Empty).await?;
        let found = rows.into_iter().next().and_then(|row| mysql_async::from_row_opt::<(u8, u8)>(row).ok());
        if found == Some((1, 1)) { Ok(()) } else { Err(Reason::Limits.alone()) }
    }

    /// The rows of a statement: prepared, so that it can be no two statements, and read up to our bounds.
    pub async fn rows(&mut self, sql: &str, params: Params) -> Result<Vec<Row>, Fault> {
        let (conn, guard) = self.conn.parts()?;
        let rows = by(self.deadlines.statement, guard.during(read(conn, sql, params))).await;
        if Instant::now() >= self.deadlines.statement {
            // Without this the server would go on with what nobody waits for. Whether it worked changes nothing.
            let _ = by(self.deadlines.last, self.kill()).await;
        }
        rows
    }

    /// How long its statements may still take in all.
    pub fn time_left(&self) -> Duration {
        self.deadlines.statement.saturating_duration_since(Instant::now())
    }

    /// Goes on after a wait for others, until the search ends that it is for. That may be sooner or later than this one's own time.
    pub fn go_on(&mut self, ends: Instant) {
        self.deadlines = self.deadlines.until(ends);
    }

    /// The zone that the session's times are in.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The key that the server showed which the way leads through.
    pub fn host_key(&self) -> Option<&HostKey> {
        self.door.host_key()
    }

    /// Says good-bye to the server, and closes the way to it. What is dropped instead is simply closed.
    pub async fn close(self) {
        let good_bye = async {
            self.conn.close().await?;
            self.door.close().await;
            Ok(())
        };
        // Whether it came to its end changes nothing.
        let _ = by(self.deadlines.last, good_bye).await;
    }

    /// Ends the statement that is running, from a second connection (MySQL manual, "KILL Statement": everybody may end
    /// their own).
    async fn kill(&mut self) -> Result<(), Fault> {
        let sql = format!("KILL QUERY {}", self.conn.conn()?.id());
        let mut other = self.door.enter().await?;
        let (conn, guard) = other.parts()?;
        guard.during(async { Ok(conn.exec_drop(sql, ()).await?) }).await?;
        other.close().await
    }
}

/// The variable of a session that ends its statements, and its value: milliseconds on MySQL, seconds on MariaDB.
fn time_limit(flavour: Flavour, time: Duration) -> String {
    match flavour {
        Flavour::MySql => format!("max_execution_time = {}", time.as_millis().max(1)),
        Flavour::MariaDb => format!("max_statement_time = {:.3}", time.as_secs_f64().max(0.001)),
    }
}

async fn read(conn: &mut Conn, sql: &str, params: Params) -> Result<Vec<Row>, Fault> {
    let mut answer = conn.exec_iter(sql, params).await?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = answer.next().await? {
        bytes += size_of_row(&row);
        if bytes > ANSWER_BYTES_MAX || rows.len() == ROWS_MAX {
            return Err(Reason::Protocol.alone());
        }
        rows.push(row);
        // Rows that have come already would be taken without a look at the clock.
        tokio::task::consume_budget().await;
    }
    // A statement of ours has one result. What else the server has to say may have no end.
    if answer.is_empty() { Ok(rows) } else { Err(Reason::Protocol.alone()) }
}

/// The result, or a time-out when it is not there by the deadline.
///
/// The driver panics over some answers that no server gives, such as a column of an unknown type. That is a server that does
/// not speak the protocol, and no fault of ours.
pub(super) async fn by<T>(deadline: Instant, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    match timeout_at(deadline, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => Err(Reason::Protocol.alone()),
        Err(_late) => Err(Reason::Timeout.alone()),
    }
}

fn size_of_row(row: &Row) -> usize {
    (0..row.len())
        .map(|index| match row.as_ref(index) {
            Some(Value::Bytes(bytes)) => bytes.len(),
            _ => 16,
        })
        .sum()
}
