//! How a server does: whether it answers, and how many connections it has left.

use mysql_async::Params;

use super::connect::{Connector, Target};
use super::discover::only;
use super::fault::{Fault, Reason};

/// What a server says of itself. Nobody needs a privilege to ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// The connections that are open, of everybody.
    pub active_connections: u64,
    /// The most that can be.
    pub max_connections: u64,
}

impl Pulse {
    /// Whether nine of ten connections are in use.
    pub fn is_nearly_full(&self) -> bool {
        self.active_connections.saturating_mul(10) >= self.max_connections.saturating_mul(9)
    }
}

/// Connects, asks and closes.
pub async fn pulse(connector: &Connector, target: Target<'_>) -> Result<Pulse, Fault> {
    let mut connection = connector.open(target).await?;
    let active = connection.rows("SHOW GLOBAL STATUS LIKE 'Threads_connected'", Params::Empty).await?;
    let max = connection.rows("SELECT @@max_connections", Params::Empty).await?;
    connection.close().await;
    let (_, active_connections): (String, String) = only(active)?;
    let active_connections = active_connections.parse().map_err(|_| Reason::Protocol.alone())?;
    let (max_connections,) = only(max)?;
    Ok(Pulse { active_connections, max_connections })
}
