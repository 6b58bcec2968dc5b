//! Where a server of MySQL is entered, as often as is needed: to ask it, and to stop it.

use mysql_async::{Opts, OptsBuilder};
use secrecy::ExposeSecret;

use super::connect::Target;
use super::dial::Road;
use super::encryption::Encryption;
use super::fault::{Fault, Reason};
use super::guard::{Guarded, PACKET_BYTES_MAX};
use super::held::Held;
use super::settings::Host;
use super::ssh::HostKey;
use super::tls::{Tls, TlsOptions, TlsVerification};

/// How long the driver would keep an idle connection: the server's own default, in seconds.
const WAIT_TIMEOUT_S: usize = 28_800;

/// The end of a road, and who goes in there.
pub(super) struct Door {
    road: Road,
    host: Host,
    encryption: Option<Encryption>,
    login: Opts,
}

impl Door {
    /// The door of this database at the end of this road.
    pub(super) fn new(road: Road, target: &Target<'_>) -> Result<Self, Fault> {
        let encryption = match &target.settings.tls {
            Tls::Off => None,
            Tls::On(options) => {
                Some(Encryption::new(&target.settings.host, options, target.credentials.tls_key.as_ref())?)
            }
        };
        Ok(Self { road, host: target.settings.host.clone(), encryption, login: login(target) })
    }

    /// Connects and logs in.
    ///
    /// Where no TLS is wanted, a server that asks for the password itself, as MySQL does when it has not seen it yet, is told
    /// over TLS, with whatever certificate it has. That is how MySQL's own clients come in when nobody has told them how
    /// ("`--ssl-mode`", MySQL manual, "Command Options for Encrypted Connections"): nobody who only listens gets it.
    pub(super) async fn enter(&self) -> Result<Held, Fault> {
        let entered = self.enter_over(self.encryption.clone()).await;
        if !entered.as_ref().is_err_and(wants_password) {
            return entered;
        }
        let options = TlsOptions { verification: TlsVerification::None, certificate: None };
        let encryption = Encryption::new(&self.host, &options, None)?;
        match self.enter_over(Some(encryption.clone())).await {
            Ok(encrypted) => encrypted.close().await?,
            // What the server does not offer, or can not do, was not asked for.
            Err(fault) if fault.reason == Reason::Tls => return entered,
            Err(fault) => return Err(fault),
        }
        // Now it has seen it. Whoever may not come in without TLS is told so, at the first time as at every other.
        match self.enter_over(None).await {
            // Something in between remembers nothing.
            Err(fault) if wants_password(&fault) => self.enter_over(Some(encryption)).await,
            entered => entered,
        }
    }

    async fn enter_over(&self, encryption: Option<Encryption>) -> Result<Held, Fault> {
        let guarded =
            Guarded { wire: self.road.wire().await?, encryption, lingers: matches!(self.road, Road::Through(_)) };
        Held::open(guarded, self.login.clone()).await
    }

    /// The key that the SSH server has shown.
    pub(super) fn host_key(&self) -> Option<&HostKey> {
        self.road.host_key()
    }

    /// Returns when every socket of the road is closed.
    pub(super) async fn close(self) {
        self.road.close().await;
    }
}

/// Whether a server has asked for the password itself where nothing is encrypted. That a user has to use TLS has a number.
fn wants_password(fault: &Fault) -> bool {
    *fault == Reason::NeedsTls.alone()
}

/// What the driver has to know. Where the server is, and whether TLS is spoken to it, is no affair of the driver's.
fn login(target: &Target<'_>) -> Opts {
    OptsBuilder::default()
        .user(Some(target.settings.username.as_str()))
        .pass(Some(target.credentials.password.expose_secret()))
        .db_name(Some(target.settings.schema.as_str()))
        // It would ask the server for another socket.
        .prefer_socket(false)
        .max_allowed_packet(Some(PACKET_BYTES_MAX))
        // Any number keeps the driver from asking for it, which is a round trip; no connection of ours waits so long.
        .wait_timeout(Some(WAIT_TIMEOUT_S))
        .enable_cleartext_plugin(false)
        .into()
}
