//! What a search asks of the server, asked again without us.

use std::collections::BTreeMap;
use std::sync::Arc;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder};
use tokio::task::JoinSet;

use super::data::USERNAME;
use crate::demo::Failed;
use crate::server::Server;

/// The connections of one search.
pub(super) struct Replay(Vec<Heard>);

/// How one was opened, and its statements.
#[derive(Clone)]
struct Heard {
    opts: Opts,
    statements: Arc<Vec<String>>,
}

impl Replay {
    /// Lets the server write down what it hears while the search runs.
    pub(super) async fn of<F: Future<Output = Result<(), Failed>>>(
        server: &Server,
        search: impl Fn() -> F,
    ) -> Result<Self, Failed> {
        let mut root = server.connect().await?;
        // The first search of a kind reads the schema and the word index.
        search().await?;
        for statement in
            ["SET GLOBAL log_output = 'TABLE'", "TRUNCATE mysql.general_log", "SET GLOBAL general_log = ON"]
        {
            root.query_drop(statement).await?;
        }
        let searched = search().await;
        root.query_drop("SET GLOBAL general_log = OFF").await?;
        searched?;
        let heard = "SELECT thread_id, command_type = 'Connect', CONVERT(argument USING utf8mb4) FROM mysql.general_log \
             WHERE command_type IN ('Connect', 'Execute') AND user_host LIKE ? ORDER BY event_time";
        let mut connections = BTreeMap::<u64, (String, Vec<String>)>::new();
        for (thread, connects, text) in
            root.exec::<(u64, bool, String), _, _>(heard, (format!("%{USERNAME}%"),)).await?
        {
            let (schema, statements) = connections.entry(thread).or_default();
            if connects {
                // As in «reader@127.0.0.1 on shop using TCP/IP».
                text.split(' ').skip_while(|word| *word != "on").nth(1).unwrap_or_default().clone_into(schema);
            } else {
                statements.push(text);
            }
        }
        root.disconnect().await?;
        if connections.is_empty() {
            return Err("the server has heard no statement of the search".into());
        }
        let password = server.secret("bench-password")?;
        let of = |(schema, statements): (String, Vec<String>)| Heard {
            opts: opts(server.port(), &password, &schema),
            statements: Arc::new(statements),
        };
        Ok(Self(connections.into_values().map(of).collect()))
    }

    /// The same by way of this port.
    pub(super) fn through(&self, port: u16) -> Self {
        let through = |Heard { opts, statements }: Heard| Heard {
            opts: OptsBuilder::from_opts(opts).tcp_port(port).into(),
            statements,
        };
        Self(self.0.iter().cloned().map(through).collect())
    }

    /// Runs them, each connection beside the others, and reads all rows.
    pub(super) async fn play(self: Arc<Self>) -> Result<(), Failed> {
        let mut playing = JoinSet::new();
        for Heard { opts, statements } in self.0.iter().cloned() {
            playing.spawn(async move {
                #[expect(clippy::disallowed_methods, reason = "this is what a search is measured against")]
                let mut conn = Conn::new(opts).await?;
                for statement in statements.iter() {
                    conn.exec::<mysql_async::Row, _, _>(statement, ()).await?;
                }
                conn.disconnect().await
            });
        }
        while let Some(played) = playing.join_next().await {
            played??;
        }
        Ok(())
    }
}

fn opts(port: u16, password: &str, schema: &str) -> Opts {
    OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(port)
        .user(Some(USERNAME))
        .pass(Some(password))
        .db_name(Some(schema))
        .prefer_socket(false)
        // As the connector has it: else the driver asks for both.
        .wait_timeout(Some(28_800))
        .max_allowed_packet(Some(16 << 20))
        .into()
}
