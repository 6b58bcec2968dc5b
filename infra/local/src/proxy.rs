//! A way to a server that can be held up, and on which things go wrong to order.

mod http;
mod spoiled;

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::faults::{Fault, Faults};
use spoiled::Spoiled;

/// A proxy on a port of its own. While it is held, nothing passes and nobody is turned away.
pub struct Proxy {
    port: u16,
    held: watch::Sender<bool>,
    lost: watch::Sender<()>,
    task: JoinSet<()>,
}

impl Proxy {
    /// A proxy to this port of loopback, on which nothing goes wrong by itself.
    pub async fn to(port: u16) -> io::Result<Self> {
        Self::with(port, Faults::default()).await
    }

    /// A proxy to this port of loopback, where every connection may meet a fault: its answers are all that the server says.
    pub async fn with(port: u16, faults: Faults) -> io::Result<Self> {
        Self::start(move |client, held| pass(client, Way { port, takes: Duration::ZERO, held }, faults.clone())).await
    }

    /// A proxy to this port of loopback, which seems to be so far away: every byte takes that long, in either direction.
    pub async fn far(port: u16, takes: Duration) -> io::Result<Self> {
        Self::start(move |client, held| pass(client, Way { port, takes, held }, Faults::default())).await
    }

    /// A proxy to a service of AWS on this port of loopback, where every call may meet a fault.
    pub async fn to_aws(port: u16, faults: Faults) -> io::Result<Self> {
        Self::start(move |client, _| http::pass(client, port, faults.clone())).await
    }

    async fn start<F: Future<Output = io::Result<()>> + Send + 'static>(
        pass: impl Fn(TcpStream, watch::Receiver<bool>) -> F + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (held, is_held) = watch::channel(false);
        let (lost, mut is_lost) = watch::channel(());
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let passing = pass(client, is_held.clone());
                // It outlives the proxy, as it would a listener.
                // What was lost before is of no concern to a new connection.
                is_lost.mark_unchanged();
                tokio::spawn(unless_lost(is_lost.clone(), passing));
            }
        });
        Ok(Self { port, held, lost, task })
    }

    /// The proxy's own port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets nothing through until `release`.
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    /// Loses every connection that is open, and tells nobody: what is sent on them goes nowhere. New ones pass.
    pub fn lose(&self) {
        self.lost.send_replace(());
    }

    /// Goes away: whoever comes now is refused.
    pub async fn close(mut self) {
        self.task.shutdown().await;
    }

    /// Lets everything through again.
    pub fn release(&self) {
        self.held.send_replace(false);
    }
}

/// A connection until it is lost, and then nothing for as long as there is the proxy.
async fn unless_lost(mut lost: watch::Receiver<()>, passing: impl Future<Output = io::Result<()>>) {
    tokio::pin!(passing);
    tokio::select! {
        _ = &mut passing => {}
        Ok(()) = lost.changed() => drop(lost.wait_for(|()| false).await),
    }
}

/// From a proxy to its server.
struct Way {
    port: u16,
    /// How long whatever is sent is on the way, beside what the system takes.
    takes: Duration,
    held: watch::Receiver<bool>,
}

/// Both directions, until either side ends or what befalls the connection ends it.
async fn pass(client: TcpStream, way: Way, faults: Faults) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, way.port)).await?;
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let (mut to_client, mut to_server) = (Spoiled::new(to_client), Spoiled::new(to_server));
    match faults.meet("") {
        Some((Fault::Held, release)) => release.come().await,
        met => to_client.suffer(met.map(|(fault, _)| fault)),
    }
    let (up, down) = (pour(from_client, &mut to_server, &way), pour(from_server, &mut to_client, &way));
    tokio::try_join!(up, down).map(drop)
}

/// One direction, to its end.
async fn pour(mut from: impl AsyncRead + Unpin, to: &mut Spoiled, way: &Way) -> io::Result<()> {
    let (mut buffer, mut held) = (vec![0; 16_384], way.held.clone());
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        tokio::time::sleep(way.takes).await;
        if read == 0 || held.wait_for(|held| !held).await.is_err() {
            return to.finish().await;
        }
        to.write(&buffer[..read]).await?;
    }
}
