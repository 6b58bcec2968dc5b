//! The connector of MySQL and MariaDB.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use mysql_async::{ClientIdentity, Opts, OptsBuilder, SslOpts};
use secrecy::ExposeSecret;

use super::banner::is_of_another_protocol;
use super::connection::{Connection, Deadlines, by};
use super::credentials::Credentials;
use super::dial::{Dialer, Road};
use super::fault::{Fault, Reason};
use super::held::Held;
use super::permits::Permits;
use super::settings::Settings;
use super::tls::{Tls, TlsOptions, TlsVerification};
use super::tunnel::Tunnel;
use crate::id::DatabaseId;

/// The largest packet, and with it the largest row.
const PACKET_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How long the driver would keep an idle connection: the server's own default, in seconds.
const WAIT_TIMEOUT_S: usize = 28_800;

/// Opens connections to customers' databases.
#[derive(Clone)]
pub struct Connector {
    dialer: Dialer,
    timeout: Duration,
    permits: Permits,
}

/// A database and the secrets that open it.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The stored connection, whose limit of open ones holds; none for one that is not stored yet.
    pub id: Option<DatabaseId>,
    /// Where it is, and who logs in.
    pub settings: &'a Settings,
    /// With what.
    pub credentials: &'a Credentials,
}

/// Where the driver dials.
enum Entrance {
    /// One of these, all of which have been checked.
    Straight(Vec<SocketAddr>),
    /// This machine, which leads through a server of the owner's.
    Through(Tunnel),
}

impl Connector {
    /// A connector that goes this dialer's ways. `timeout` is how long one database may take in all: from resolving its name
    /// to its last row.
    pub fn new(dialer: Dialer, timeout: Duration) -> Self {
        Self { dialer, timeout, permits: Permits::default() }
    }

    /// The ways that it goes.
    pub fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// How long this database may take in all: as its owner says, but no longer than any may.
    pub fn time_for(&self, settings: &Settings) -> Duration {
        let asked = settings.connection_options.timeout.map(|ms| Duration::from_millis(ms.get()));
        asked.map_or(self.timeout, |asked| asked.min(self.timeout))
    }

    /// Connects and logs in.
    pub async fn open(&self, target: Target<'_>) -> Result<Connection, Fault> {
        self.open_within(target, self.timeout).await
    }

    /// The same for something that must not take longer than this in all, whatever else the database may take.
    pub async fn open_within(&self, target: Target<'_>, most: Duration) -> Result<Connection, Fault> {
        let options = &target.settings.connection_options;
        let deadlines = Deadlines::after(self.time_for(target.settings).min(most));
        by(deadlines.last, async {
            let permit = self.permits.take(&target, deadlines.last).await?;
            let entrance = self.entrance(&target).await?;
            let opts = opts(&target, &entrance);
            let conn = match by(deadlines.statement, Held::dial(opts.clone())).await {
                Err(fault) if fault.reason == Reason::Timeout && entrance.leads_elsewhere().await => {
                    return Err(Reason::Protocol.alone());
                }
                dialled => dialled?,
            };
            let tunnel = entrance.into_tunnel();
            Ok(Connection { conn, opts, deadlines, zone: options.timezone.clone(), tunnel, _permit: permit })
        })
        .await
    }

    async fn entrance(&self, target: &Target<'_>) -> Result<Entrance, Fault> {
        let settings = target.settings;
        let through = match &settings.ssh {
            None => None,
            Some(ssh) => Some((ssh, target.credentials.ssh.as_ref().ok_or(Reason::SshAuth.alone())?)),
        };
        Ok(match self.dialer.road(&settings.host, settings.port, through).await? {
            Road::Straight(addresses) => Entrance::Straight(addresses),
            Road::Through(bastion) => Entrance::Through(Tunnel::through(bastion).await?),
        })
    }
}

impl Entrance {
    /// Whether it leads to a server that speaks another protocol. Behind a tunnel nobody looks.
    async fn leads_elsewhere(&self) -> bool {
        match self {
            Self::Straight(addresses) => is_of_another_protocol(addresses).await,
            Self::Through(_) => false,
        }
    }

    fn into_tunnel(self) -> Option<Tunnel> {
        match self {
            Self::Straight(_) => None,
            Self::Through(tunnel) => Some(tunnel),
        }
    }
}

fn opts(target: &Target<'_>, entrance: &Entrance) -> Opts {
    let settings = target.settings;
    let (host, port, addresses) = match entrance {
        Entrance::Straight(addresses) => {
            (settings.host.bare().to_owned(), settings.port.get(), addresses.iter().map(SocketAddr::ip).collect())
        }
        Entrance::Through(tunnel) => {
            (Ipv4Addr::LOCALHOST.to_string(), tunnel.local.port(), vec![Ipv4Addr::LOCALHOST.into()])
        }
    };
    OptsBuilder::default()
        .ip_or_hostname(host)
        .resolved_ips(Some(addresses))
        .tcp_port(port)
        .user(Some(settings.username.as_str()))
        .pass(Some(target.credentials.password.expose_secret()))
        .db_name(Some(settings.schema.as_str()))
        // A host of "localhost" must not lead to the socket of this machine.
        .prefer_socket(false)
        .tcp_nodelay(true)
        .max_allowed_packet(Some(PACKET_BYTES_MAX))
        // Any number keeps the driver from asking for it, which is a round trip; no connection of ours waits so long.
        .wait_timeout(Some(WAIT_TIMEOUT_S))
        .enable_cleartext_plugin(false)
        .ssl_opts(ssl_opts(target))
        .into()
}

fn ssl_opts(target: &Target<'_>) -> Option<SslOpts> {
    let Tls::On(TlsOptions { verification, certificate }) = &target.settings.tls else { return None };
    let pem = |text: &str| text.as_bytes().to_vec().into();
    let key = target.credentials.tls_key.as_ref();
    let identity = certificate
        .as_ref()
        .zip(key)
        .map(|(chain, key)| ClientIdentity::new(pem(chain.as_str()), pem(key.expose_secret())));
    let opts = SslOpts::default().with_client_identity(identity);
    Some(match verification {
        TlsVerification::Full { ca } => opts
            .with_root_certs(ca.iter().map(|ca| pem(ca.as_str())).collect())
            // Through a tunnel we dial ourselves, and the certificate is for the database's own name all the same.
            .with_danger_tls_hostname_override(Some(target.settings.host.bare().to_owned())),
        TlsVerification::None => opts.with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true),
    })
}
