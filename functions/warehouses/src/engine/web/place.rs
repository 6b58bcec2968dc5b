//! Where the services of warehouses are.

use std::net::SocketAddr;

use shared::databases::{Host, Port};

/// A host that speaks HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub(super) host: Host,
    pub(super) port: Port,
    /// Whether TLS protects the wire, verified against public authorities. Only an emulator has none.
    pub(super) is_encrypted: bool,
}

impl Place {
    /// This host, by HTTPS; none where that is no name of a host.
    pub fn of_host(name: &str) -> Option<Self> {
        Some(Self { host: Host::try_from(name.to_owned()).ok()?, port: Port::HTTPS, is_encrypted: true })
    }

    /// An emulator, by HTTP.
    pub fn of_emulator(address: SocketAddr) -> Option<Self> {
        let host = Host::try_from(address.ip().to_string()).ok()?;
        let port = Port::try_from(u64::from(address.port())).ok()?;
        Some(Self { host, port, is_encrypted: false })
    }

    /// What the header `host` says.
    pub(super) fn authority(&self) -> String {
        let name = self.host.bare();
        let name = if name.contains(':') { format!("[{name}]") } else { name.to_owned() };
        if self.is_encrypted { name } else { format!("{name}:{}", self.port.get()) }
    }
}
