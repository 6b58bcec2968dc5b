//! How a server does: whether it answers, and how many connections it has left.

use mysql_async::Params;

use super::connect::{Connector, Target};
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
    let number = |row: Option<mysql_async::Row>, index: usize| {
        let text = row.and_then(|row| row.get_opt::<String, _>(index)).and_then(Result::ok);
        text.and_then(|text| text.parse().ok()).ok_or(Reason::Protocol.alone())
    };
    Ok(Pulse {
        active_connections: number(active.into_iter().next(), 1)?,
        max_connections: number(max.into_iter().next(), 0)?,
    })
}
