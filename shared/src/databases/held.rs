//! The driver's connection, held so that it ends when we let go of it, and guarded.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder};

use super::fault::{Fault, Reason};
use super::guard::{Guard, Guarded};

/// A connection of the driver. A connection that is dropped is closed at once.
///
/// Without this the driver would go on reading in the background, to the end of an answer that need not have one.
pub(super) struct Held {
    conn: Option<Conn>,
    guard: Guard,
}

impl Held {
    /// Logs in by this connection.
    pub(super) async fn open(guarded: Guarded, login: Opts) -> Result<Self, Fault> {
        let mut guard = Guard::of(guarded)?;
        let opts = OptsBuilder::from_opts(login).socket(Some(guard.socket()));
        let opening = async {
            #[expect(clippy::disallowed_methods, reason = "this is the place that has a driver, behind a guard")]
            let opened = Conn::new(opts).await;
            Ok(opened?)
        };
        let conn = guard.during(opening).await?;
        Ok(Self { conn: Some(conn), guard })
    }

    /// The connection, for what the driver knows itself; an error once a farewell has failed halfway.
    pub(super) fn conn(&mut self) -> Result<&mut Conn, Fault> {
        self.parts().map(|(conn, _)| conn)
    }

    /// The connection, and who has to be awake while it is spoken on.
    pub(super) fn parts(&mut self) -> Result<(&mut Conn, &mut Guard), Fault> {
        let conn = self.conn.as_mut().ok_or(Reason::Protocol.alone())?;
        Ok((conn, &mut self.guard))
    }

    /// Says good-bye to the server.
    pub(super) async fn close(mut self) -> Result<(), Fault> {
        if let Some(conn) = self.conn.take() {
            self.guard.during(async { Ok(conn.disconnect().await?) }).await?;
            self.guard.finish().await;
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The driver takes a connection for broken whose last command was never finished: hence a ping that is given up
        // at once.
        if let Some(conn) = &mut self.conn {
            let _ = AssertUnwindSafe(conn.ping()).catch_unwind().now_or_never();
        }
    }
}
