//! A server that speaks enough of MySQL's protocol to be believed, and then does not behave.

mod manners;
mod session;
pub mod wire;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;

pub use manners::{Asked, Manners, Say, Script, honest, rows};

/// The password that clients send to it: rogues look for it in everything that they get.
pub const PASSWORD: &str = "correct-horse-battery-staple";

/// A rogue on a free port of this machine. It ends with this value.
pub struct Rogue {
    port: u16,
    seen: Arc<Seen>,
    task: AbortHandle,
}

/// What a rogue remembers.
#[derive(Default)]
struct Seen {
    received: Mutex<Vec<u8>>,
    statements: Mutex<Vec<(u32, String)>>,
    taken: AtomicU64,
    open: watch::Sender<usize>,
}

impl Rogue {
    /// Starts one.
    pub async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Seen::default());
        let task = tokio::spawn(session::accept(listener, manners, Arc::clone(&seen))).abort_handle();
        Self { port, seen, task }
    }

    /// What a user sends to connect it: half a second is all that it gets.
    pub fn connection(&self) -> Value {
        json!({
            "name": "rogue",
            "host": "127.0.0.1",
            "port": self.port,
            "database": "shop",
            "username": "reader",
            "password": PASSWORD,
            "connectionOptions": { "timeout": 500 },
        })
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every byte that it got, over all connections.
    pub fn received(&self) -> Vec<u8> {
        lock(&self.seen.received).clone()
    }

    /// How many bytes it could send before the others hung up: what they read, and what lies in the buffers of the
    /// network between them.
    pub fn taken(&self) -> u64 {
        self.seen.taken.load(Ordering::Relaxed)
    }

    /// The statements that it was asked to run, with the number of the connection that they came by: from 1, in the
    /// order in which they were opened.
    pub fn statements(&self) -> Vec<(u32, String)> {
        lock(&self.seen.statements).clone()
    }

    /// Waits until no connection to it is open.
    pub async fn is_left(&self) {
        let _ = self.seen.open.subscribe().wait_for(|open| *open == 0).await;
    }
}

impl Drop for Rogue {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
