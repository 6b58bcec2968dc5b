//! The connector: resolve once, refuse what may not be dialled, dial exactly the address that was checked.
//!
//! Everything that comes back is hostile until it is in a type: rows, bytes, packets and time are bounded here, and
//! again, as session variables, on the server.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, Params, Row, SslOpts, Value};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::address::Policy;
use super::catalogue::Flavour;
use super::fault::{Fault, Reason};
use super::settings::{Settings, Tls, TlsVerification};

/// The most rows that are taken of one answer; our own statements ask for fewer.
const ROWS_MAX: usize = 250_000;

/// The most bytes that are taken of one answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The largest packet, and with it the largest row.
const PACKET_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How much sooner the server gives up than we do, so that its error arrives before our own deadline.
const SERVER_MARGIN: Duration = Duration::from_millis(200);

/// Opens connections to customers' databases.
#[derive(Debug, Clone)]
pub struct Connector {
    /// Whom it may dial.
    pub policy: Policy,
    /// How long one database may take in all: from resolving its name to its last row.
    pub timeout: Duration,
}

/// A database and the password that opens it.
pub struct Target<'a> {
    /// Where it is, and who logs in.
    pub settings: &'a Settings,
    /// With what.
    pub password: &'a SecretString,
}

/// An open connection, for one invocation. Every statement ends by the deadline that was set when it was opened.
pub struct Connection {
    conn: Conn,
    deadline: Instant,
}

impl Connector {
    /// Connects and logs in.
    pub async fn open(&self, target: Target<'_>) -> Result<Connection, Fault> {
        let asked = target.settings.connection_options.timeout.map(|ms| Duration::from_millis(ms.get()));
        let deadline = Instant::now() + asked.map_or(self.timeout, |asked| asked.min(self.timeout));
        by(deadline, async {
            let addresses = resolve(target.settings).await?;
            self.policy.check(&addresses).map_err(|_| Reason::Forbidden.alone())?;
            let conn = dial(&target, addresses).await?;
            Ok(Connection { conn, deadline })
        })
        .await
    }
}

impl Connection {
    /// Puts the session under our limits and the text of a search into `@altus4_query`, in one statement.
    ///
    /// The text is in a variable because a placeholder that stands twice in a statement makes MySQL evaluate MATCH
    /// twice, which is four to ten times slower.
    pub async fn begin(&mut self, flavour: Flavour, query: &str) -> Result<(), Fault> {
        let left = self.deadline.saturating_duration_since(Instant::now()).saturating_sub(SERVER_MARGIN);
        let limits = match flavour {
            Flavour::MySql => {
                format!("SESSION max_execution_time = {}, SESSION transaction_read_only = 1", left.as_millis().max(1))
            }
            Flavour::MariaDb => {
                format!("SESSION max_statement_time = {:.3}, SESSION tx_read_only = 1", left.as_secs_f64().max(0.001))
            }
        };
        let sql = format!("SET @altus4_query = ?, {limits}, SESSION time_zone = '+00:00'");
        self.rows(&sql, Params::Positional(vec![Value::from(query)])).await?;
        Ok(())
    }

    /// The rows of a statement: prepared, so that it can be no two statements, and read up to our bounds.
    pub async fn rows(&mut self, sql: &str, params: Params) -> Result<Vec<Row>, Fault> {
        let rows = self.rows_to_the_end(sql, params).await.map_err(without_tls);
        // An error that the server sent in time is an answer like another; whatever else went wrong ends the talk.
        if rows.as_ref().is_err_and(|fault| fault.errno.is_none()) {
            self.hang_up();
        }
        rows
    }

    async fn rows_to_the_end(&mut self, sql: &str, params: Params) -> Result<Vec<Row>, Fault> {
        let conn = &mut self.conn;
        by(self.deadline, async {
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
        })
        .await
    }

    /// Lets go of the connection as soon as it is dropped. Without this the driver would go on reading in the
    /// background, to the end of an answer that need not have one. It takes a connection for broken whose last command
    /// was never finished: hence a ping that is given up at once.
    fn hang_up(&mut self) {
        let ping = AssertUnwindSafe(self.conn.ping());
        let _ = ping.catch_unwind().now_or_never();
    }

    /// Says good-bye to the server. A connection that is dropped instead is simply closed.
    pub async fn close(self) {
        let _ = by(self.deadline, async { Ok(self.conn.disconnect().await?) }).await;
    }
}

/// The result, or a time-out when it is not there by the deadline.
///
/// The driver panics over some answers that no server gives, such as an empty packet for a row or 2^63 columns. That is
/// a server that does not speak the protocol, and no fault of ours.
async fn by<T>(deadline: Instant, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    match tokio::time::timeout_at(deadline, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => Err(Reason::Protocol.alone()),
        Err(_late) => Err(Reason::Timeout.alone()),
    }
}

async fn resolve(settings: &Settings) -> Result<Vec<IpAddr>, Fault> {
    let host = settings.host.as_str();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let found = tokio::net::lookup_host((host, settings.port.get())).await.map_err(|_| Reason::Dns.alone())?;
    Ok(found.map(|address| address.ip()).collect())
}

async fn dial(target: &Target<'_>, addresses: Vec<IpAddr>) -> Result<Conn, Fault> {
    let settings = target.settings;
    let opts = OptsBuilder::default()
        .ip_or_hostname(settings.host.as_str())
        .resolved_ips(Some(addresses))
        .tcp_port(settings.port.get())
        .user(Some(settings.username.as_str()))
        .pass(Some(target.password.expose_secret()))
        .db_name(Some(settings.schema.as_str()))
        // A host of "localhost" must not lead to the socket of this machine.
        .prefer_socket(false)
        .tcp_nodelay(true)
        .max_allowed_packet(Some(PACKET_BYTES_MAX))
        .enable_cleartext_plugin(false)
        .ssl_opts(ssl_opts(&settings.tls));
    #[expect(clippy::disallowed_methods, reason = "this is the place that dials, and the addresses have been checked")]
    let dialled = Conn::new(opts).await.map_err(Fault::from);
    if settings.tls == Tls::Off { dialled.map_err(without_tls) } else { dialled }
}

/// The driver tells what it can not read in the same words as what TLS can not read.
fn without_tls(fault: Fault) -> Fault {
    if fault == Reason::Tls.alone() { Reason::Protocol.alone() } else { fault }
}

fn ssl_opts(tls: &Tls) -> Option<SslOpts> {
    match tls {
        Tls::Off => None,
        Tls::On(TlsVerification::Full { ca }) => {
            let roots = ca.iter().map(|pem| pem.clone().into_bytes().into()).collect();
            Some(SslOpts::default().with_root_certs(roots))
        }
        Tls::On(TlsVerification::None) => {
            Some(SslOpts::default().with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true))
        }
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
