//! The driver's connection, held so that it ends when we let go of it.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};

use super::fault::{Fault, Reason};

/// A connection of the driver. A connection that is dropped is closed at once.
///
/// Without this the driver would go on reading in the background, to the end of an answer that need not have one.
pub(super) struct Held(Option<Conn>);

impl Held {
    /// Dials and logs in. The addresses in the options have been checked.
    pub(super) async fn dial(opts: Opts) -> Result<Self, Fault> {
        let is_plain = opts.ssl_opts().is_none();
        #[expect(clippy::disallowed_methods, reason = "this is the place that dials")]
        let dialled = Conn::new(opts).await.map_err(Fault::from);
        let conn = if is_plain { dialled.map_err(Fault::without_tls) } else { dialled };
        Ok(Self(Some(conn?)))
    }

    /// The connection; an error once a farewell has failed halfway.
    pub(super) fn conn(&mut self) -> Result<&mut Conn, Fault> {
        self.0.as_mut().ok_or(Reason::Protocol.alone())
    }

    /// Says good-bye to the server.
    pub(super) async fn close(mut self) -> Result<(), Fault> {
        match self.0.take() {
            Some(conn) => Ok(conn.disconnect().await?),
            None => Ok(()),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The driver takes a connection for broken whose last command was never finished: hence a ping that is given up
        // at once.
        if let Some(conn) = &mut self.0 {
            let _ = AssertUnwindSafe(conn.ping()).catch_unwind().now_or_never();
        }
    }
}
