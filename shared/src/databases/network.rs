//! The way out of this process: who turns names into addresses, and who hears of every address before it is dialled.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// The addresses of a name, once they are known.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

type Resolve = dyn Fn(&str) -> Resolving + Send + Sync;
type BeforeDialling = dyn Fn(&[SocketAddr]) -> io::Result<()> + Send + Sync;

/// How the connector gets out. In production it is the machine's own resolver and nobody listens; a test answers names
/// itself, and hears what would be dialled.
#[derive(Clone)]
pub struct Network {
    resolve: Arc<Resolve>,
    before_dialling: Arc<BeforeDialling>,
}

impl Network {
    /// The machine's own resolver.
    pub fn system() -> Self {
        Self::new(resolve, |_| Ok(()))
    }

    /// With another resolver, and somebody who hears the very addresses that are dialled next and may say no.
    pub fn new(
        resolve: impl Fn(&str) -> Resolving + Send + Sync + 'static,
        before_dialling: impl Fn(&[SocketAddr]) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self { resolve: Arc::new(resolve), before_dialling: Arc::new(before_dialling) }
    }

    pub(super) async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        (self.resolve)(host).await
    }

    pub(super) fn before_dialling(&self, addresses: &[SocketAddr]) -> io::Result<()> {
        (self.before_dialling)(addresses)
    }
}

fn resolve(host: &str) -> Resolving {
    let host = host.to_owned();
    Box::pin(async move {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    })
}
